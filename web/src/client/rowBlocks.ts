import type { Edit, RowEdit } from './edits.js';

/** Rows that are written alike, told once: the form is in core/include/twinstore/edit.h. */
interface RowBlock {
  readonly op: 'insert' | 'upsert';
  readonly collection: string;
  readonly columns: readonly string[];
  readonly rows: unknown[][];
}

/**
 * The edits in their order, with neighbours that insert or upsert the same fields of one collection
 * as a block: a row is then as long as its values.
 */
export function rowBlocks(edits: readonly Edit[]): (Edit | RowBlock)[] {
  const out: (Edit | RowBlock)[] = [];
  let earlier: WholeRow | undefined;
  let earlierShape: string | undefined;
  let rows: unknown[][] | undefined;
  for (const edit of edits) {
    const row = isWholeRow(edit) ? edit : undefined;
    const shape = row && shapeOf(row);
    if (row === undefined || earlier === undefined || shape !== earlierShape) {
      out.push(edit);
      rows = undefined;
    } else {
      if (rows === undefined) {
        const { op, collection, fields } = earlier;
        rows = [Object.values(fields)];
        out[out.length - 1] = { op, collection, columns: Object.keys(fields), rows };
      }
      rows.push(Object.values(row.fields));
    }
    earlier = row;
    earlierShape = shape;
  }
  return out;
}

function shapeOf({ op, collection, fields }: WholeRow): string {
  return `${op} ${collection} ${Object.keys(fields).join('\u0000')}`;
}

interface WholeRow extends RowEdit {
  readonly op: 'insert' | 'upsert';
  readonly fields: Readonly<Record<string, unknown>>;
}

/**
 * An insert or upsert whose key is among its fields, which are no object with a text of its own.
 * What is undefined JSON leaves out of an object, and makes null in an array.
 */
function isWholeRow(edit: Edit): edit is WholeRow {
  if (edit.op !== 'insert' && edit.op !== 'upsert') return false;
  const { key, fields } = edit;
  return (
    key === undefined &&
    typeof fields === 'object' &&
    fields !== null &&
    !Array.isArray(fields) &&
    !('toJSON' in fields) &&
    !Object.values(fields).includes(undefined)
  );
}
