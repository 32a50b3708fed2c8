import type { StoreErrorCode } from './errorCodes.js';
import { type CodeEntry, pageCodes } from './pageCodes.js';

/** An error as it crosses between worker and page: a plain value. */
export interface ErrorValue extends CodeEntry {
  readonly code: StoreErrorCode;
  readonly message: string;
}

export interface StoreErrorOptions extends Partial<CodeEntry> {
  readonly sql?: string;
  readonly cause?: unknown;
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

  constructor(code: StoreErrorCode, message: string, options: StoreErrorOptions = {}) {
    super(message, options);
    this.name = 'StoreError';
    this.code = code;
    const known: Partial<Record<string, CodeEntry>> = pageCodes;
    const { retryable = false, hint = '' } = { ...known[code], ...options };
    this.retryable = retryable;
    this.hint = hint;
    this.docsUrl = `docs/errors.md#${code.toLowerCase()}`;
    if (options.sql !== undefined) this.sql = options.sql;
  }
}

/** Two errors that say the same. */
export function isSameError(a: unknown, b: unknown): boolean {
  return (
    a instanceof StoreError &&
    b instanceof StoreError &&
    a.code === b.code &&
    a.message === b.message
  );
}

export function toStoreError(value: ErrorValue, options?: { sql?: string }): StoreError {
  const { code, message, retryable, hint } = value;
  return new StoreError(code, message, { ...options, retryable, hint });
}
