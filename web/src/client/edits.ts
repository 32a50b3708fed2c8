import { newId } from './newId.js';
import { StoreError } from './storeError.js';

/** What the engine takes (core/include/twinstore/edit.h). */
export interface Edit {
  readonly op: 'insert' | 'upsert' | 'update' | 'delete';
  readonly collection: string;
  readonly key?: unknown;
  readonly fields?: unknown;
}

/**
 * A batch as JSON text, with a name that makes asking for it twice harmless. Dates become RFC 3339 text; undefined members are left out.
 *
 * @throws {StoreError} `NUMBER_OUT_OF_RANGE` for NaN, infinities and large bigints, which JSON
 * would turn into null; `WRONG_TYPE` for functions, symbols and bytes
 */
export function encodeEdits(edits: readonly Edit[]): string {
  return JSON.stringify({ operation: newId(), edits }, checkValue);
}

function checkValue(name: string, value: unknown): unknown {
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
    case 'object':
      if (!ArrayBuffer.isView(value)) return value;
      throw new StoreError('WRONG_TYPE', `${name} holds bytes; collections hold JSON`);
    default:
      return value;
  }
  throw new StoreError('NUMBER_OUT_OF_RANGE', `${name} is ${String(value)}`);
}
