/**
 * Columns made into rows. With an earlier result at hand, a row that has not changed is the same
 * object as before, wherever it moved to, and its documents are not parsed again.
 */
import {
  type Column,
  type ColumnValues,
  decodeColumns,
  type ResultColumns,
} from './resultBuffer.js';

export type ResultRow = Record<string, unknown>;

export interface Result extends ResultColumns {
  readonly rows: readonly ResultRow[];
}

export function decodeResult(bytes: Uint8Array): Result {
  return makeRows(decodeColumns(bytes), undefined);
}

/** Returns `earlier` itself when nothing changed. */
export function decodeAgain(bytes: Uint8Array, earlier: Result): Result {
  const next = decodeColumns(bytes);
  return hasSameColumns(earlier, next) ? makeRows(next, earlier) : makeRows(next, undefined);
}

function makeRows(next: ResultColumns, earlier: Result | undefined): Result {
  const rows = new Array<ResultRow>(next.rowCount);
  const known = earlier ? reuseRows(earlier, next, rows) : 0;
  if (
    earlier &&
    known === rows.length &&
    known === earlier.rowCount &&
    isSameOrder(earlier, rows)
  ) {
    return earlier;
  }
  if (known < rows.length) {
    for (let row = 0; row < rows.length; row += 1) rows[row] ??= makeRow(next.columns, row);
  }
  return { ...next, rows };
}

function makeRow(columns: readonly Column[], at: number): ResultRow {
  const row: ResultRow = {};
  for (const { name, isJson, values } of columns) {
    const value = values[at];
    row[name] = isJson && typeof value === 'string' ? JSON.parse(value) : value;
  }
  return row;
}

/**
 * Puts unchanged rows of `earlier` into `rows` and returns how many. Most changes are of one row,
 * or rows that came or went at one place: what is equal at the beginning and the end is found by
 * comparing, and only the middle is looked up by content.
 */
function reuseRows(earlier: Result, next: ResultColumns, rows: ResultRow[]): number {
  const isEqual = (before: number, after: number) =>
    next.columns.every((column, i) =>
      isSame(valueAt(earlier.columns[i]?.values, before), column.values[after]),
    );
  const shared = Math.min(earlier.rowCount, next.rowCount);
  let head = 0;
  while (head < shared && isEqual(head, head)) {
    rows[head] = earlier.rows[head] as ResultRow;
    head += 1;
  }
  let tail = 0;
  while (tail < shared - head && isEqual(earlier.rowCount - 1 - tail, next.rowCount - 1 - tail)) {
    tail += 1;
    rows[next.rowCount - tail] = earlier.rows[earlier.rowCount - tail] as ResultRow;
  }
  // The first row of each content, and the next one of the same content behind each.
  const moved = new Map<string, number>();
  const following = new Map<number, number>();
  for (let at = earlier.rowCount - tail - 1; at >= head; at -= 1) {
    const key = contentKey(earlier, at);
    const same = moved.get(key);
    if (same !== undefined) following.set(at, same);
    moved.set(key, at);
  }
  let found = head + tail;
  for (let at = head; moved.size > 0 && at < next.rowCount - tail; at += 1) {
    const key = contentKey(next, at);
    const before = moved.get(key);
    if (before === undefined || !isEqual(before, at)) continue;
    rows[at] = earlier.rows[before] as ResultRow;
    // Two equal rows stay two objects.
    const same = following.get(before);
    if (same === undefined) moved.delete(key);
    else moved.set(key, same);
    found += 1;
  }
  return found;
}

function contentKey(result: ResultColumns, at: number): string {
  let key = '';
  for (const { values } of result.columns) {
    const value = values[at];
    // The text 'null' is not null.
    key += typeof value === 'string' ? `"${value}\u0000` : `${String(value)}\u0000`;
  }
  return key;
}

function valueAt(values: ColumnValues | undefined, at: number): unknown {
  return values?.[at];
}

function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (!(a instanceof Uint8Array && b instanceof Uint8Array)) return false;
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

function isSameOrder(earlier: Result, rows: readonly ResultRow[]): boolean {
  return rows.every((row, i) => row === earlier.rows[i]);
}

function hasSameColumns(a: ResultColumns, b: ResultColumns): boolean {
  return (
    a.columns.length === b.columns.length &&
    a.columns.every(
      (column, i) => column.name === b.columns[i]?.name && column.isJson === b.columns[i]?.isJson,
    )
  );
}
