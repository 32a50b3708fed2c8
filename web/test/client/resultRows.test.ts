import { beforeAll, describe, expect, test } from 'vitest';
import { encodeParams } from '../../src/client/query.js';
import { decodeAgain, decodeResult, type Result } from '../../src/client/resultRows.js';
import type { ReplicaStore } from '../../src/worker/replicaStore.js';
import { newReplicaStore } from '../core.js';
import { seededRandom } from '../random.js';

let store: ReplicaStore;
beforeAll(async () => {
  store = await newReplicaStore();
});

type Values = readonly [id: string, number: number | null, text: string | null];

const rowSql = "SELECT ? AS id, ? AS number, ? AS text, unhex('00') AS bytes";

/** The result of a statement that has these rows in this order. */
function bytesOf(rows: readonly Values[]): Uint8Array {
  const sql = rows.map(() => rowSql).join(' UNION ALL ') || `${rowSql} WHERE 0`;
  const params = rows.flat();
  return store.query(sql, encodeParams(rows.length === 0 ? [null, null, null] : params));
}

const valuesOf = (id: string, number: number | null = 1, text: string | null = 't'): Values => [
  id,
  number,
  text,
];

/** Decodes `before`, then `after` on top of it. */
function change(before: readonly Values[], after: readonly Values[]): [Result, Result] {
  const earlier = decodeResult(bytesOf(before));
  return [earlier, decodeAgain(bytesOf(after), earlier)];
}

const [a, b, c, d, e] = ['a', 'b', 'c', 'd', 'e'].map((id) => valuesOf(id)) as [
  Values,
  Values,
  Values,
  Values,
  Values,
];

test('an unchanged result is the earlier result itself', () => {
  const [earlier, next] = change([a, b], [a, b]);
  expect(next).toBe(earlier);
});

describe.each([
  ['one is inserted at the beginning', [a, b], [c, a, b]],
  ['one is inserted in the middle', [a, b], [a, c, b]],
  ['one is appended', [a, b], [a, b, c]],
  ['the first is removed', [a, b, c], [b, c]],
  ['one in the middle is removed', [a, b, c], [a, c]],
  ['the last is removed', [a, b, c], [a, b]],
  ['two change places', [a, b, c, d], [a, c, b, d]],
  ['all are reversed', [a, b, c, d, e], [e, d, c, b, a]],
  ['one is changed', [a, b, c], [a, valuesOf('b', 2), c]],
  ['one is changed to null', [a, b, c], [a, valuesOf('b', null), c]],
  ['one goes while another comes elsewhere', [a, b, c, d], [b, e, c, d]],
] as const)('rows keep their identity when %s', (_, before, after) => {
  test('and the content is the new one', () => {
    const [earlier, next] = change(before, after);
    expect(next.rows).toStrictEqual(decodeResult(bytesOf(after)).rows);
    expect(kept(earlier, next)).toBe(before.filter((row) => after.includes(row)).length);
  });
});

test('a row that has changed is another object', () => {
  const [earlier, next] = change([a], [valuesOf('a', 2)]);
  expect(next.rows[0]).not.toBe(earlier.rows[0]);
  expect(earlier.rows[0]).toMatchObject({ number: 1 });
});

test.each([
  ['the number 1', '1', 'the text 1', "'1'"],
  ['null', 'NULL', 'the text null', "'null'"],
  ['the number 5', '5', 'the byte 5', "x'05'"],
  ['the bytes 1, 2', "x'0102'", 'the bytes 1, 3', "x'0103'"],
])('%s (%s) is not %s (%s), in its place or elsewhere', (_, one, __, other) => {
  const result = (...values: string[]) =>
    store.query(values.map((value) => `SELECT ${value} AS value`).join(' UNION ALL '), '[]');
  for (const bytes of [result(other, '7'), result('7', other)]) {
    const next = decodeAgain(bytes, decodeResult(result(one, '7')));
    expect(next.rows).toStrictEqual(decodeResult(bytes).rows);
  }
});

test('two equal rows are two objects, also when one of them becomes two', () => {
  const [earlier, next] = change([a], [b, a, a]);
  expect(next.rows[1]).toStrictEqual(next.rows[2]);
  expect(new Set(next.rows).size).toBe(3);
  expect(kept(earlier, next)).toBe(1);
});

test('a document that has not changed is not parsed again', () => {
  const sql = 'SELECT id, tags FROM (SELECT repo_id AS id, tags FROM branches) ORDER BY id';
  const write = (repo_id: string, tags: string[]) =>
    store.write(
      JSON.stringify({
        edits: [{ op: 'upsert', collection: 'branches', fields: { repo_id, name: 'n', tags } }],
      }),
    );
  write('x', ['one']);
  write('y', ['two']);
  const earlier = decodeResult(store.query(sql, '[]'));
  write('y', ['three']);
  const next = decodeAgain(store.query(sql, '[]'), earlier);
  expect(next.rows[0]?.tags).toBe(earlier.rows[0]?.tags);
  expect(next.rows[1]?.tags).toStrictEqual(['three']);
});

test('other columns make other rows', () => {
  const earlier = decodeResult(store.query('SELECT 1 AS a', '[]'));
  expect(decodeAgain(store.query('SELECT 1 AS b', '[]'), earlier).rows).toStrictEqual([{ b: 1 }]);
  expect(decodeAgain(store.query('SELECT 1 AS a, 2 AS b', '[]'), earlier).rows).toStrictEqual([
    { a: 1, b: 2 },
  ]);
});

test.each(Array.from({ length: 40 }, (_, at) => at + 1))(
  'seed %i: contents are those of a fresh result, and as many rows are kept as can be',
  (seed) => {
    const random = seededRandom(seed);
    let rows: Values[] = [];
    let result = decodeResult(bytesOf(rows));
    for (let step = 0; step < 25; step += 1) {
      const before = rows;
      rows = mutate(rows, random);
      const next = decodeAgain(bytesOf(rows), result);
      expect(next.rows).toStrictEqual(decodeResult(bytesOf(rows)).rows);
      expect(new Set(next.rows).size).toBe(rows.length);
      expect(kept(result, next)).toBe(keptAtMost(before, rows));
      result = next;
    }
  },
);

function kept(earlier: Result, next: Result): number {
  const known = new Set(earlier.rows);
  return next.rows.filter((row) => known.has(row)).length;
}

/** The naive oracle: how many contents both lists have in common, counted with repetition. */
function keptAtMost(before: readonly Values[], after: readonly Values[]): number {
  const left = before.map((row) => JSON.stringify(row));
  return after.filter((row) => {
    const at = left.indexOf(JSON.stringify(row));
    if (at >= 0) left.splice(at, 1);
    return at >= 0;
  }).length;
}

/** Inserts, removes, moves and changes; few values, so that equal rows are common. */
function mutate(rows: readonly Values[], random: () => number): Values[] {
  const next = [...rows];
  const below = (count: number) => Math.floor(random() * count);
  const fresh = () =>
    valuesOf(
      'abc'[below(3)] as string,
      [null, 0, -0.5, 1][below(4)] as number | null,
      [null, 'null', 'é😀'][below(3)] as string | null,
    );
  for (let changes = below(4); changes > 0; changes -= 1) {
    const at = below(next.length + 1);
    const kind = below(4);
    if (kind === 0 || at === next.length) next.splice(at, 0, fresh());
    else if (kind === 1) next.splice(at, 1);
    else if (kind === 2) next.splice(below(next.length), 0, ...next.splice(at, 1));
    else next[at] = fresh();
  }
  return next;
}
