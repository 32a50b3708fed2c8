import type { StoreErrorCode } from '../src/client/errorCodes.js';
import { type ErrorValue, StoreError } from '../src/client/storeError.js';
import { toErrorValue } from '../src/worker/errorValue.js';

/** An error as the worker sends it. */
export function errorValue(code: StoreErrorCode, message: string): ErrorValue {
  return toErrorValue(new StoreError(code, message));
}
