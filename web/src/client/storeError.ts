import { errorCodes, isStoreErrorCode, type StoreErrorCode } from './errorCodes.js';

/** An error as it crosses between worker and page: a plain value. */
export interface ErrorValue {
  readonly code: StoreErrorCode;
  readonly message: string;
}

/** The one error that everything public throws or reports. */
export class StoreError extends Error {
  readonly code: StoreErrorCode;
  /** The same call may succeed later without being changed. */
  readonly retryable: boolean;
  /** What to do about it, in one sentence. */
  readonly hint: string;
  /** Where the code is described, below the documentation's root. */
  readonly docsUrl: string;
  /** The statement, where there was one. */
  readonly sql?: string;

  constructor(code: StoreErrorCode, message: string, options?: { sql?: string; cause?: unknown }) {
    super(message, options && 'cause' in options ? { cause: options.cause } : undefined);
    this.name = 'StoreError';
    this.code = code;
    this.retryable = errorCodes[code].retryable;
    this.hint = errorCodes[code].hint;
    this.docsUrl = `docs/errors.md#${code.toLowerCase()}`;
    if (options?.sql !== undefined) this.sql = options.sql;
  }
}

/** Equal errors as values: code and message. */
export function isSameError(a: StoreError | null, b: StoreError | null): boolean {
  return a?.code === b?.code && a?.message === b?.message;
}

export function toStoreError(value: ErrorValue, options?: { sql?: string }): StoreError {
  return new StoreError(value.code, value.message, options);
}

/** The value that crosses the boundary, for whatever was thrown. */
export function toErrorValue(error: unknown): ErrorValue {
  if (error instanceof StoreError) return { code: error.code, message: error.message };
  return { code: 'INTERNAL', message: error instanceof Error ? error.message : String(error) };
}

/** The engine's `snake_case` code as one of ours. */
export function codeOfWire(text: string): StoreErrorCode {
  const code = text.toUpperCase();
  return isStoreErrorCode(code) ? code : 'INTERNAL';
}
