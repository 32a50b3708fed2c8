import { beforeAll, describe, expect, test } from 'vitest';
import { buildQuery, encodeParams, type Query, type SqlValue } from '../../src/client/query.js';
import { decodeResult } from '../../src/client/resultRows.js';
import type { ReplicaStore } from '../../src/worker/replicaStore.js';
import { newReplicaStore } from '../core.js';

let store: ReplicaStore;
beforeAll(async () => {
  store = await newReplicaStore();
});

const sql = (texts: TemplateStringsArray, ...values: readonly (SqlValue | Query<unknown>)[]) =>
  buildQuery(texts, values);

const run = (query: Query<unknown>) =>
  decodeResult(store.query(query.sql, encodeParams(query.params))).rows;

describe('a template', () => {
  test('binds its values and never writes them into the text', () => {
    const hostile = "'; DROP TABLE branches; --";
    expect(sql`SELECT ${hostile} AS a, ${1} AS b`).toStrictEqual({
      sql: 'SELECT ? AS a, ? AS b',
      params: [hostile, 1],
    });
    expect(run(sql`SELECT ${hostile} AS a`)).toStrictEqual([{ a: hostile }]);
  });

  test('without values is its text', () => {
    expect(sql`SELECT 1`).toStrictEqual({ sql: 'SELECT 1', params: [] });
  });

  test('takes queries in, each with its values in its place, to any depth', () => {
    const inner = sql`SELECT ${'x'} AS v`;
    const middle = sql`SELECT v FROM (${inner}) WHERE v <> ${'y'}`;
    const outer = sql`SELECT ${1} AS n, v FROM (${middle}) WHERE v = ${'x'}`;
    expect(outer.params).toStrictEqual([1, 'x', 'y', 'x']);
    expect(run(outer)).toStrictEqual([{ n: 1, v: 'x' }]);
  });

  test('takes an empty query in as nothing', () => {
    expect(sql`SELECT ${2} AS n ${sql``}`).toStrictEqual({ sql: 'SELECT ? AS n ', params: [2] });
  });
});

describe('a parameter', () => {
  test.each([
    ['text', 'é😀"\\'],
    ['zero', 0],
    ['a fraction', 1.5e-300],
    ['null', null],
  ])('may be %s', (_, value) => {
    expect(run(sql`SELECT ${value} AS v`)).toStrictEqual([{ v: value }]);
  });

  test('that is a boolean is compared as the engine keeps booleans', () => {
    expect(run(sql`SELECT ${true} AS yes, ${false} AS no`)).toStrictEqual([{ yes: 1, no: 0 }]);
  });

  test.each([2n ** 63n - 1n, -(2n ** 63n)])('that is the bigint %s keeps all its digits', (v) => {
    expect(run(sql`SELECT ${v} AS v`)).toStrictEqual([{ v }]);
  });

  test.each([
    ['NaN', Number.NaN],
    ['an infinity', Number.POSITIVE_INFINITY],
    ['undefined', undefined],
    ['a bigint of more than 64 bits', 2n ** 63n],
    ['bytes', new Uint8Array([1])],
    ['a function', () => 1],
    ['a symbol', Symbol('s')],
    ['a date', new Date(0)],
    ['an array', ['a', 'b']],
    ['an object', { a: 1 }],
  ])('must not be %s', (_, value) => {
    const query = sql`SELECT ${'first'}, ${value as SqlValue}`;
    expect(() => encodeParams(query.params)).toThrow(
      expect.objectContaining({
        name: 'StoreError',
        code: 'INVALID_ARGUMENT',
        message: expect.stringContaining('parameter 2'),
      }),
    );
  });

  test.each(['\ud800', 'a\udc00b', '\udc00\ud800'])('must not hold half a pair: %j', (text) => {
    expect(() => run(sql`SELECT ${text} AS v`)).toThrow(
      expect.objectContaining({ name: 'StoreError', code: 'INVALID_UTF8' }),
    );
  });
});

test('a statement must not hold half a surrogate pair', () => {
  expect(() => run({ sql: "SELECT '\ud800' AS v", params: [] })).toThrow(
    expect.objectContaining({ code: 'INVALID_UTF8' }),
  );
  expect(run({ sql: "SELECT '😀' AS v", params: [] })).toStrictEqual([{ v: '😀' }]);
});

test.each(['DELETE FROM branches', 'SELECT 1; SELECT 2', 'SELEC 1', 'SELECT * FROM sqlite_master'])(
  'what is not one SELECT over the collections is refused: %s',
  (text) => {
    expect(() => run({ sql: text, params: [] })).toThrow(
      expect.objectContaining({ code: 'SQL', sql: text }),
    );
  },
);
