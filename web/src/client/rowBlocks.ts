import type { Edit, RowEdit } from './edits.js';

/** Rows that are written alike, told once: the form is in core/include/twinstore/edit.h. */
interface RowBlock {
  readonly op: 'insert' | 'upsert';
  readonly collection: string;
  readonly columns: readonly string[];
  readonly rows: unknown[][];
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * The edits in their order, with neighbours that insert or upsert the same fields of one collection
 * as a block: a row is then as long as its values.
 */
export function rowBlocks(edits: readonly Edit[]): (Edit | RowBlock)[] {
  const out: (Edit | RowBlock)[] = [];
  let block: RowBlock | undefined;
  let first: Edit | undefined;
  for (const edit of edits) {
    const values = block === undefined ? undefined : valuesOf(edit, block);
    if (block !== undefined && values !== undefined) {
      if (first !== undefined) out[out.length - 1] = block;
      first = undefined;
      block.rows.push(values);
      continue;
    }
    block = blockOf(edit);
    first = edit;
    out.push(edit);
  }
  return out;
}

/** A block that has the edit as its first row; undefined when it cannot be in one. */
function blockOf(edit: Edit): RowBlock | undefined {
  if (!isWholeRow(edit)) return undefined;
  const columns = Object.keys(edit.fields);
  const block: RowBlock = { op: edit.op, collection: edit.collection, columns, rows: [] };
  const values = valuesOf(edit, block);
  if (values === undefined) return undefined;
  block.rows.push(values);
  return block;
}

/** The row in the order of the block's columns; undefined when it is no such row. */
function valuesOf(edit: Edit, block: RowBlock): unknown[] | undefined {
  if (!isWholeRow(edit)) return undefined;
  if (edit.op !== block.op || edit.collection !== block.collection) return undefined;
  const { fields } = edit;
  const { columns } = block;
  if (Object.keys(fields).length !== columns.length) return undefined;
  const values: unknown[] = [];
  for (const column of columns) {
    const value = Object.hasOwn(fields, column) ? fields[column] : undefined;
    // JSON leaves it out of an object, and makes null of it in an array.
    if (value === undefined) return undefined;
    values.push(value);
  }
  return values;
}

type WholeRow = RowEdit & { readonly op: 'insert' | 'upsert'; readonly fields: Fields };

/** An insert or upsert whose key is among its fields, which are no object with a text of its own. */
function isWholeRow(edit: Edit): edit is WholeRow {
  if (edit.op !== 'insert' && edit.op !== 'upsert') return false;
  const { key, fields } = edit;
  if (key !== undefined || typeof fields !== 'object' || fields === null) return false;
  return !Array.isArray(fields) && !('toJSON' in fields);
}
