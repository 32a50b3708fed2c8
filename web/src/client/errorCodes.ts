/**
 * Every code that a StoreError can have: what can be done about it, and whether the same call may
 * succeed later without being changed. Codes of the engine are those of the wire (result.h) in
 * capitals.
 */
interface CodeEntry {
  readonly retryable: boolean;
  readonly hint: string;
}

const entry = (hint: string): CodeEntry => ({ retryable: false, hint });
const passing = (hint: string): CodeEntry => ({ retryable: true, hint });

const asProgrammer = 'Correct the call; the message names what does not fit.';
const storedElsewhere = 'The row changed in the meantime: read it again and decide anew.';

export const errorCodes = {
  // The browser.
  UNSUPPORTED: entry('Open the store in a browser page: it needs workers and WebAssembly.'),
  WASM_LOAD: passing(
    'Check that the worker and the .wasm file are served; see the options `worker` and `wasmUrl`.',
  ),
  WORKER_CRASHED: passing(
    'Several workers in a row stopped; the next call starts another. What was acknowledged is kept.',
  ),
  STORAGE_UNAVAILABLE: entry(
    "This browser window keeps no files (private mode): use storage 'auto' or 'memory'.",
  ),
  LOCKED: passing('Another tab holds the files: close it, or try again in a moment.'),
  ABORTED: entry('The caller gave up waiting.'),
  TIMEOUT: passing('It took longer than allowed.'),
  OVERLOADED: passing('Too many calls wait for an answer: await some of them first.'),

  // The exchange with the server.
  NETWORK: passing('The server did not answer. Writes are kept here and uploaded when it does.'),
  SYNC_DISABLED: entry('The store was made without `sync`.'),
  SYNC_PAUSED: entry('Call `sync.resume()` first.'),
  WRITE_REJECTED: entry('The server refused writes of this device; they were taken back.'),
  SYNC_PROTOCOL: passing(
    'What answered is not a Twinstore server of this version: check sync.url.',
  ),

  // The engine.
  INVALID_ARGUMENT: entry(asProgrammer),
  INVALID_JSON: entry(asProgrammer),
  JSON_TOO_DEEP: entry('A document has at most 64 levels.'),
  DUPLICATE_KEY: entry(asProgrammer),
  NUMBER_OUT_OF_RANGE: entry('Integers must lie within ±(2^53-1), and numbers must be finite.'),
  INVALID_UTF8: entry('Text must not hold NUL or half of a surrogate pair.'),
  INVALID_SCHEMA: entry('The message names the collection and field; see docs/schema.md.'),
  UNKNOWN_COLLECTION: entry(asProgrammer),
  UNKNOWN_FIELD: entry(asProgrammer),
  MISSING_FIELD: entry(asProgrammer),
  WRONG_TYPE: entry(asProgrammer),
  VALUE_TOO_LONG: entry('One value has at most 1 MiB, one key field 1 KiB.'),
  BATCH_TOO_LARGE: entry('Split the transaction: at most 10,000 edits and 7 MiB.'),
  BODY_TOO_LARGE: entry('Split the transaction.'),
  ROW_MISSING: entry(storedElsewhere),
  ROW_EXISTS: entry(storedElsewhere),
  APPEND_ONLY: entry('Rows of this collection are inserted and never changed.'),
  SCOPE_CHANGED: entry('A row stays in its scope: delete it and insert another.'),
  BAD_CURSOR: passing('The store reads the scope again by itself.'),
  CURSOR_EXPIRED: passing('The store reads the scope again by itself.'),
  ID_REUSE: passing('The store takes a new identity and sends again by itself.'),
  SEQUENCE_GAP: passing('The store takes a new identity and sends again by itself.'),
  CLIENT_FORKED: passing('The store takes a new identity and sends again by itself.'),
  PROTOCOL_UNSUPPORTED: entry(
    'Page and server speak different versions: reload, or update the server.',
  ),
  SCHEMA_MISMATCH: entry('Page and server have different schemas: reload, or update the server.'),
  NOT_FOUND: entry('There is nothing at this address: check sync.url.'),
  PRECONDITION_FAILED: entry(storedElsewhere),
  UNAUTHORIZED: entry('Sign in again.'),
  FORBIDDEN: entry('This user may not do that.'),
  RATE_LIMITED: passing('The server asks for patience; the store tries again by itself.'),
  SQL: entry('Only one SELECT over the collections; the message says what SQLite refused.'),
  STORAGE_BUSY: passing('Try again.'),
  STORAGE_FULL: passing('Free some space for this site. Reading goes on.'),
  STORAGE_IO: passing('The browser could not read or write its files; reload the page.'),
  STORAGE_CORRUPT: entry('The file is damaged: nothing more is written to it.'),
  STORAGE_TOO_NEW: entry('A newer version of the application wrote this store: reload the page.'),
  OUTBOX_FULL: entry('100,000 transactions wait for the server: connect first.'),
  UNAVAILABLE: passing('The server is not ready; the store tries again by itself.'),
  CLOSED: entry('The store was closed: create another one.'),
  INTERNAL: entry('A fault in Twinstore; please report it with the message.'),
} as const satisfies Record<string, CodeEntry>;

export type StoreErrorCode = keyof typeof errorCodes;

export function isStoreErrorCode(text: string): text is StoreErrorCode {
  return Object.hasOwn(errorCodes, text);
}
