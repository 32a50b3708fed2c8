/** Errors on their way out of the engine and out of the worker. */
import { errorCodes, isStoreErrorCode, type StoreErrorCode } from '../client/errorCodes.js';
import { type ErrorValue, StoreError } from '../client/storeError.js';

/** The value that crosses to the page, for whatever was thrown. */
export function toErrorValue(error: unknown): ErrorValue {
  const code = error instanceof StoreError ? error.code : 'INTERNAL';
  const message = error instanceof Error ? error.message : String(error);
  return { code, message, ...errorCodes[code] };
}

/** The engine's `snake_case` code as one of ours. */
export function codeOfWire(text: string): StoreErrorCode {
  const code = text.toUpperCase();
  return isStoreErrorCode(code) ? code : 'INTERNAL';
}
