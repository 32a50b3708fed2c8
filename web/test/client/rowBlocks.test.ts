import { expect, test } from 'vitest';
import { type Edit, encodeEdits } from '../../src/client/edits.js';
import { rowBlocks } from '../../src/client/rowBlocks.js';

const samples: Edit[] = [
  { op: 'insert', collection: 'a', fields: { id: '1', n: 1 } },
  { op: 'insert', collection: 'a', fields: { n: 2, id: '2' } },
  { op: 'insert', collection: 'a', fields: { id: '3', n: undefined } },
  { op: 'insert', collection: 'a', fields: { id: '4', constructor: 'a name' } },
  { op: 'insert', collection: 'b', fields: { id: '5', n: null } },
  { op: 'upsert', collection: 'a', fields: { id: '6', n: 3 } },
  { op: 'upsert', collection: 'a', key: ['7'], fields: { id: '7', n: 4 } },
  { op: 'update', collection: 'a', key: ['8'], fields: { n: 5 } },
  { op: 'insert', collection: 'a', fields: ['9', 6] },
  { op: 'resolve', conflict: 'c', choice: 'local' },
];

function* sequences(length: number): Generator<Edit[]> {
  if (length === 0) {
    yield [];
    return;
  }
  for (const start of sequences(length - 1)) {
    for (const sample of samples) yield [...start, sample];
  }
}

/** Each block as the edits that it stands for. */
function apart(blocks: ReturnType<typeof rowBlocks>): unknown[] {
  return blocks.flatMap((item) => {
    if (!('rows' in item)) return [item];
    const { op, collection, columns, rows } = item;
    return rows.map((row) => ({
      op,
      collection,
      fields: Object.fromEntries(columns.map((column, i) => [column, row[i]])),
    }));
  });
}

test.each([1, 2, 3, 4])('blocks stand for the same edits in order: any %i of them', (length) => {
  for (const edits of sequences(length)) expect(apart(rowBlocks(edits))).toEqual(edits);
});

test('rows that name the same fields are one block', () => {
  const rows = [1, 2, 3].map((n) => ({
    op: 'insert' as const,
    collection: 'a',
    fields: { id: String(n), n },
  }));
  expect(rowBlocks(rows)).toEqual([
    {
      op: 'insert',
      collection: 'a',
      columns: ['id', 'n'],
      rows: [
        ['1', 1],
        ['2', 2],
        ['3', 3],
      ],
    },
  ]);
});

test('a value that is refused is named by its field among many rows too', () => {
  const rows = ['x', Number.NaN].map((n) => ({
    op: 'insert' as const,
    collection: 'a',
    fields: { id: 'i', score: n },
  }));
  expect(() => encodeEdits(rows)).toThrow('score is NaN');
});
