/**
 * The codes that a page raises by itself. Those of the worker come over with what can be done about
 * them, so that no page downloads sentences that it may never show: see errorCodes.ts.
 */
export interface CodeEntry {
  /** The same call may succeed later without being changed. */
  readonly retryable: boolean;
  /** What to do about it, in one sentence. */
  readonly hint: string;
}

export const entry = (hint: string): CodeEntry => ({ retryable: false, hint });
export const passing = (hint: string): CodeEntry => ({ retryable: true, hint });

export const asProgrammer = 'Correct the call: the message says what is wrong.';

export const pageCodes = {
  UNSUPPORTED: entry('Open it in a browser page: it needs workers.'),
  WASM_LOAD: passing(
    'Serve the worker and the .wasm file; see the options `worker` and `wasmUrl`.',
  ),
  WORKER_CRASHED: passing('The next call starts another worker; what was acknowledged is kept.'),
  ABORTED: entry('It was given up, and nothing was written.'),
  TIMEOUT: passing('It took longer than allowed.'),
  OVERLOADED: passing('Await some of the calls first.'),
  SYNC_DISABLED: entry('Make the store with `sync`.'),
  INVALID_ARGUMENT: entry(asProgrammer),
  NUMBER_OUT_OF_RANGE: entry('Numbers are finite, and integers within ±(2^53-1).'),
  INVALID_SCHEMA: entry('See docs/schema.md.'),
  UNKNOWN_COLLECTION: entry(asProgrammer),
  MISSING_FIELD: entry(asProgrammer),
  WRONG_TYPE: entry(asProgrammer),
  CLOSED: entry('Create another store.'),
  INTERNAL: entry('Please report it with the message.'),
} as const satisfies Record<string, CodeEntry>;
