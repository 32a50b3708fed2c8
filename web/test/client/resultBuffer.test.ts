import { beforeAll, expect, test } from 'vitest';
import { encodeEdits } from '../../src/client/edits.js';
import { encodeParams, type SqlValue } from '../../src/client/query.js';
import { decodeColumns } from '../../src/client/resultBuffer.js';
import { decodeResult } from '../../src/client/resultRows.js';
import type { ReplicaStore } from '../../src/worker/replicaStore.js';
import { newReplicaStore } from '../core.js';

let store: ReplicaStore;
beforeAll(async () => {
  store = await newReplicaStore();
});

const run = (sql: string, ...params: SqlValue[]) =>
  decodeResult(store.query(sql, encodeParams(params))).rows;

const write = (collection: string, fields: object) =>
  store.write(encodeEdits([{ op: 'upsert', collection, fields }]));

test.each([
  ['plain text', 'main'],
  ['the empty text', ''],
  ['text of two, three and four bytes a character', 'é – 漢字 – 😀👩‍👩‍👧'],
  ['a byte order mark at the beginning', '\uFEFFmark'],
  ['quotes, backslashes and control characters', '"\\\n\t\u0001\u007f'],
  ['an integer', 42],
  ['a fraction', -0.1],
  ['the largest double', Number.MAX_VALUE],
  ['the smallest double', 5e-324],
  ['the largest safe integer', Number.MAX_SAFE_INTEGER],
  ['null', null],
])('a result gives back %s', (_, value) => {
  expect(run('SELECT ? AS value', value)).toStrictEqual([{ value }]);
});

test('an integer that no double holds is a bigint, also beside numbers', () => {
  const sql = 'SELECT 9223372036854775807 AS value UNION ALL SELECT 1 UNION ALL SELECT NULL';
  expect(run(sql)).toStrictEqual([{ value: 9223372036854775807n }, { value: 1 }, { value: null }]);
});

test('bytes that a statement makes are a Uint8Array', () => {
  expect(run("SELECT x'00ff7f' AS value UNION ALL SELECT x''")).toStrictEqual([
    { value: new Uint8Array([0, 255, 127]) },
    { value: new Uint8Array() },
  ]);
});

test('texts of one column keep their bounds whatever their characters take', () => {
  const texts = ['😀', '', 'a', '\uFEFF', '漢', 'é\uFEFF', 'z'];
  for (const [i, name] of texts.entries()) write('branches', { repo_id: `t${i}`, name });
  const rows = run("SELECT name FROM branches WHERE repo_id LIKE 't_' ORDER BY repo_id");
  expect(rows.map(({ name }) => name)).toStrictEqual(texts);
});

test('a boolean field is true, false or null, never a number', () => {
  for (const [name, is_default] of [
    ['a', true],
    ['b', false],
    ['c', null],
  ] as const) {
    write('branches', { repo_id: 'bool', name, is_default });
  }
  const rows = run("SELECT is_default FROM branches WHERE repo_id = 'bool' ORDER BY name");
  expect(rows.map((row) => row.is_default)).toStrictEqual([true, false, null]);
});

test('a set is an array and a document the value that was written', () => {
  const metrics = { files: 3, 'nested "name"': [null, true, 1.5, '\u2028'], empty: {} };
  write('repositories', { repo_id: 'json', topics: ['b', 'a'] });
  write('analyses', {
    repo_id: 'json',
    branch_name: 'main',
    commit_sha: 'c',
    analysis_timestamp: '2026-01-01T00:00:00Z',
    metrics,
  });
  const [repository] = run("SELECT topics FROM repositories WHERE repo_id = 'json'");
  const [analysis] = run("SELECT metrics, issues FROM analyses WHERE repo_id = 'json'");
  expect(repository).toStrictEqual({ topics: ['a', 'b'] });
  expect(analysis).toStrictEqual({ metrics, issues: null });
});

test('a document that is a text stays that text', () => {
  write('analyses', {
    repo_id: 'json',
    branch_name: 'text',
    commit_sha: 'c',
    analysis_timestamp: '2026-01-01T00:00:00Z',
    issues: '{"not": "parsed twice"}',
  });
  expect(run("SELECT issues FROM analyses WHERE branch_name = 'text'")).toStrictEqual([
    { issues: '{"not": "parsed twice"}' },
  ]);
});

test('a row has its columns in the order of the statement', () => {
  expect(Object.keys(run('SELECT 1 AS b, 2 AS a, 3 AS c')[0] ?? {})).toStrictEqual(['b', 'a', 'c']);
});

test('a result without rows has its columns all the same', () => {
  const { rowCount, columns } = decodeColumns(
    store.query('SELECT name, tags FROM branches WHERE 0', '[]'),
  );
  expect(rowCount).toBe(0);
  expect(columns.map(({ name, isJson }) => [name, isJson])).toStrictEqual([
    ['name', false],
    ['tags', true],
  ]);
});

test('bytes that do not begin at a multiple of eight decode to the same rows', () => {
  const bytes = store.query("SELECT 1.5 AS n, 'text' AS t UNION ALL SELECT 2, '漢'", '[]');
  const shifted = new Uint8Array(bytes.byteLength + 3);
  shifted.set(bytes, 3);
  expect(decodeResult(shifted.subarray(3)).rows).toStrictEqual(decodeResult(bytes).rows);
});

test('bytes that are no result are refused', () => {
  expect(() => decodeColumns(new Uint8Array(16))).toThrow(
    expect.objectContaining({ code: 'INTERNAL' }),
  );
  expect(() => decodeColumns(new Uint8Array())).toThrow(
    expect.objectContaining({ code: 'INTERNAL' }),
  );
});
