import { newId } from './newId.js';
import { rowBlocks } from './rowBlocks.js';
import { StoreError } from './storeError.js';

/** What the engine takes (core/include/twinstore/edit.h). */
export type Edit = RowEdit | Decision | RefreshEdit;

/** Asks for a refresh of a branch, or gives one up. */
export type RefreshEdit =
  | {
      readonly op: 'mark_for_refresh';
      readonly repo_id: string;
      readonly branch_name: string;
    }
  | {
      readonly op: 'schedule_refresh';
      readonly task: string;
      readonly repo_id: string;
      readonly branch_name: string;
      readonly delay_minutes: number;
    }
  | { readonly op: 'cancel_refresh'; readonly task: string };

/** About a conflict, or about a write that the server refused. */
export type Decision = ({ readonly conflict: string } | { readonly rejected: string }) & {
  readonly op: 'resolve';
  readonly choice: 'local' | 'remote' | 'merged';
  readonly fields?: unknown;
};

export interface RowEdit {
  readonly op: 'insert' | 'upsert' | 'update' | 'delete';
  readonly collection: string;
  readonly key?: unknown;
  readonly fields?: unknown;
}

/**
 * A batch as JSON text, with a name that makes asking for it twice harmless. Dates become RFC 3339 text; undefined members are left out.
 *
 * @throws {StoreError} `NUMBER_OUT_OF_RANGE` for NaN, infinities, large bigints and dates that are
 * none, which JSON would turn into null; `WRONG_TYPE` for what it would leave out or empty:
 * functions, symbols, bytes, maps and sets
 */
export function encodeEdits(edits: readonly Edit[]): string {
  const operation = newId();
  const inBlocks = rowBlocks(edits);
  if (inBlocks.length < edits.length) {
    try {
      return JSON.stringify({ operation, edits: inBlocks }, checkValue);
    } catch {
      // Told below with the name of its field.
    }
  }
  return JSON.stringify({ operation, edits }, checkValue);
}

function checkValue(this: Record<string, unknown>, name: string, value: unknown): unknown {
  // A date comes here as the text that it makes of itself.
  const given = this[name];
  if (given instanceof Date && value === null) {
    throw new StoreError('NUMBER_OUT_OF_RANGE', `${name} is ${String(given)}`);
  }
  switch (typeof value) {
    case 'number':
      if (Number.isFinite(value)) return value;
      break;
    case 'bigint':
      if (Number.isSafeInteger(Number(value))) return Number(value);
      break;
    case 'function':
    case 'symbol':
      throw new StoreError('WRONG_TYPE', `${name} is a ${typeof value}`);
    case 'object': {
      const tag = Object.prototype.toString.call(value);
      if (!lostInJson.test(tag)) return value;
      throw new StoreError('WRONG_TYPE', `${name} is no JSON: ${tag}`);
    }
    default:
      return value;
  }
  throw new StoreError('NUMBER_OUT_OF_RANGE', `${name} is ${String(value)}`);
}

/** Bytes, maps and sets, by their names in any realm; a plain array is `[object Array]`. */
const lostInJson = /(\wArray|ArrayBuffer|DataView|Map|Set)\]$/;
