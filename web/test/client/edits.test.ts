import { beforeEach, describe, expect, test } from 'vitest';
import { type RowEdit, encodeEdits } from '../../src/client/edits.js';
import { decodeResult } from '../../src/client/resultRows.js';
import type { ReplicaStore } from '../../src/worker/replicaStore.js';
import { newReplicaStore } from '../core.js';

let store: ReplicaStore;
beforeEach(async () => {
  store = await newReplicaStore();
});

const upsert = (fields: object): RowEdit => ({
  op: 'upsert',
  collection: 'analyses',
  fields: {
    repo_id: 'r',
    branch_name: 'main',
    commit_sha: 'c',
    analysis_timestamp: '2026-01-01T00:00:00.000Z',
    ...fields,
  },
});

const readBack = () => decodeResult(store.query('SELECT * FROM analyses', '[]')).rows[0];

describe('a written value', () => {
  test.each([
    ['a document', { metrics: { a: [1, null, { b: 'é😀' }] } }],
    ['a text', { ai_summary: 'line\nline \uFEFF"quoted"' }],
    ['null', { ai_summary: null }],
    ['a set', { technologies: ['a', 'b'] }],
  ])('comes back: %s', (_, fields) => {
    store.write(encodeEdits([upsert(fields)]));
    expect(readBack()).toMatchObject(fields);
  });

  test('that is a date is its RFC 3339 text', () => {
    const date = new Date(Date.UTC(2026, 1, 3, 4, 5, 6, 789));
    store.write(encodeEdits([upsert({ analysis_timestamp: date })]));
    expect(new Date(readBack()?.analysis_timestamp as string)).toStrictEqual(date);
  });

  test('that is undefined leaves the field as it is', () => {
    store.write(encodeEdits([upsert({ ai_summary: 'kept' })]));
    store.write(encodeEdits([upsert({ ai_summary: undefined, metrics: 1 })]));
    expect(readBack()).toMatchObject({ ai_summary: 'kept', metrics: 1 });
  });

  test('that is a bigint within the safe integers is that number', () => {
    store.write(encodeEdits([upsert({ metrics: { n: -(2n ** 53n) + 1n } })]));
    expect(readBack()).toMatchObject({ metrics: { n: Number.MIN_SAFE_INTEGER } });
  });
});

test.each([
  ['NaN', Number.NaN, 'NUMBER_OUT_OF_RANGE'],
  ['an infinity', Number.NEGATIVE_INFINITY, 'NUMBER_OUT_OF_RANGE'],
  ['a bigint beyond the safe integers', 2n ** 53n, 'NUMBER_OUT_OF_RANGE'],
  ['a date that is none', new Date(Number.NaN), 'NUMBER_OUT_OF_RANGE'],
  ['a function', () => 1, 'WRONG_TYPE'],
  ['a symbol', Symbol('s'), 'WRONG_TYPE'],
  ['a view of bytes', new Uint8Array([1]), 'WRONG_TYPE'],
  ['a buffer of bytes', new ArrayBuffer(1), 'WRONG_TYPE'],
  ['a map', new Map([[1, 2]]), 'WRONG_TYPE'],
  ['a set object', new Set([1]), 'WRONG_TYPE'],
])('a value may not be %s, at any depth', (_, value, code) => {
  const refused = expect.objectContaining({ name: 'StoreError', code });
  expect(() => encodeEdits([upsert({ ai_summary: value })])).toThrow(refused);
  expect(() => encodeEdits([upsert({ metrics: { deep: [{ name: value }] } })])).toThrow(refused);
});

test.each([
  ['a text may not hold half a surrogate pair', { ai_summary: 'a\ud800' }],
  ['a name may not hold half a surrogate pair', { metrics: { '\udc00': 1 } }],
  ['a text may not hold NUL', { ai_summary: 'a\u0000b' }],
])('%s', (_, fields) => {
  expect(() => store.write(encodeEdits([upsert(fields)]))).toThrow(
    expect.objectContaining({ name: 'StoreError', code: 'INVALID_UTF8' }),
  );
  expect(readBack()).toBeUndefined();
});

test('a batch that is asked for twice is written once', () => {
  const insert = encodeEdits([{ ...upsert({}), op: 'insert' }]);
  store.connect();
  store.write(insert);
  expect(() => store.write(insert)).not.toThrow();
  expect(store.status().pending).toBe(1);
});

test('two batches with the same edits are two writes', () => {
  store.write(encodeEdits([{ ...upsert({}), op: 'insert' }]));
  expect(() => store.write(encodeEdits([{ ...upsert({}), op: 'insert' }]))).toThrow(
    expect.objectContaining({ code: 'ROW_EXISTS' }),
  );
});

test('a batch of which one edit is refused writes nothing', () => {
  const missing: RowEdit = {
    op: 'update',
    collection: 'branches',
    key: ['x', 'y'],
    fields: { ahead: 1 },
  };
  expect(() => store.write(encodeEdits([upsert({}), missing]))).toThrow(
    expect.objectContaining({ code: 'ROW_MISSING' }),
  );
  expect(readBack()).toBeUndefined();
});
