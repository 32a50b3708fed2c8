/**
 * Every code that a StoreError can have: what can be done about it, and whether the same call may
 * succeed later without being changed. Codes of the engine are those of the wire (result.h) in
 * capitals. The worker's: a page knows only its own (pageCodes.ts).
 */
import { asProgrammer, type CodeEntry, entry, pageCodes, passing } from './pageCodes.js';

const storedElsewhere = 'The row changed in the meantime: read it again and decide anew.';

export const errorCodes = {
  ...pageCodes,

  // The browser.
  STORAGE_UNAVAILABLE: entry(
    "This browser window keeps no files (private mode): use storage 'auto' or 'memory'.",
  ),
  LOCKED: passing('Another tab holds the files: close it, or try again in a moment.'),

  // The exchange with the server.
  NETWORK: passing('The server did not answer. Writes are kept here and uploaded when it does.'),
  SYNC_PAUSED: entry('Call `sync.resume()` first.'),
  WRITE_REJECTED: entry('The server refused writes of this device; they were taken back.'),
  SYNC_PROTOCOL: passing('This is no Twinstore server of this version: check sync.url.'),

  // The engine.
  INVALID_JSON: entry(asProgrammer),
  INVALID_UTF8: entry('Text must not hold NUL or half of a surrogate pair.'),
  JSON_TOO_DEEP: entry('A document has at most 64 levels.'),
  DUPLICATE_KEY: entry(asProgrammer),
  UNKNOWN_FIELD: entry(asProgrammer),
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
  SCOPE_WITHDRAWN: entry('This user may not read these rows any more; they have left this device.'),
  RATE_LIMITED: passing('The store tries again by itself.'),
  SQL: entry('Only one SELECT over the collections; the message says what SQLite refused.'),
  STORAGE_BUSY: passing('Try again.'),
  STORAGE_FULL: passing('Free some space for this site. Reading goes on.'),
  STORAGE_IO: passing('The browser could not read or write its files; reload the page.'),
  STORAGE_CORRUPT: entry('The file is damaged beyond repair: nothing is written to it.'),
  STORAGE_TOO_NEW: entry('A newer version wrote this store: reload the page.'),
  OUTBOX_FULL: entry('100,000 transactions wait for the server: connect first.'),
  UNAVAILABLE: passing('The server is not ready; the store tries again by itself.'),
} as const satisfies Record<string, CodeEntry>;

/** What went wrong, for programs: each code has one meaning and one hint. */
export type StoreErrorCode = keyof typeof errorCodes;

export function isStoreErrorCode(text: string): text is StoreErrorCode {
  return Object.hasOwn(errorCodes, text);
}
