import type { StoreErrorCode } from './errorCodes.js';
import type { Live } from './live.js';
import { isSameError, type StoreError } from './storeError.js';
import type { PreviewOptions, SyncPreview } from './syncPreview.js';

/** Where the exchange with the server stands. */
export type SyncState =
  /** The store opens; nothing is known yet. */
  | 'initializing'
  /** The store was made without `sync`. */
  | 'disabled'
  /** `pause()` was called: nothing is sent or received. */
  | 'paused'
  /** The server did not answer; the next attempt is at `nextRetryAt`. */
  | 'offline'
  | 'connecting'
  | 'syncing'
  /** Level with the server: nothing to send, nothing to fetch. */
  | 'idle'
  /** The server answered, and refused: see `uploadError` and `downloadError`. */
  | 'error'
  | 'auth-required';

/** A queue that stands says why. */
export interface SyncWaiting {
  /** `SYNC_PAUSED`, `NETWORK`, `UNAUTHORIZED`, `SCHEMA_MISMATCH`, … */
  readonly code: StoreErrorCode;
  readonly message: string;
  /** Since when nothing has got through, in milliseconds since 1970. */
  readonly since: number;
  /** When it is tried again by itself; null while paused. */
  readonly nextTryAt: number | null;
}

/** What the user should know about the exchange with the server. */
export interface SyncStatus {
  readonly state: SyncState;
  /** Names this device in conflicts (`local_client`, `resolved_by`); null before the store opened. */
  readonly clientId: string | null;
  /** The server answered last time it was asked. Never taken from `navigator.onLine`. */
  readonly online: boolean;
  /** The whole of every scope has been here at least once. */
  readonly hasSynced: boolean;
  /** When this device was last level with the server, in milliseconds since 1970. */
  readonly lastSyncedAt: number | null;
  /** Transactions that are saved here and that the server has not confirmed. */
  readonly pendingUploads: number;
  /** When the oldest of them was written, in milliseconds since 1970. */
  readonly pendingSince: number | null;
  /** Conflicts that wait for a decision, here or elsewhere: rows of `_conflicts`. */
  readonly conflicts: number;
  /** Why what waits is not on its way; null while it is, and when nothing waits. */
  readonly waiting: SyncWaiting | null;
  /** Writes that the server refused, until somebody decides: rows of `_rejected_writes`. */
  readonly rejected: number;
  /** What this user may not read any more: its rows have left this device. */
  readonly withdrawnScopes: readonly string[];
  readonly uploadError: StoreError | null;
  readonly downloadError: StoreError | null;
  readonly progress: { readonly done: number; readonly total: number } | null;
  readonly nextRetryAt: number | null;
}

/** Before the store has opened. */
export const initialSyncStatus: SyncStatus = Object.freeze({
  state: 'initializing',
  clientId: null,
  online: false,
  hasSynced: false,
  lastSyncedAt: null,
  pendingUploads: 0,
  conflicts: 0,
  pendingSince: null,
  waiting: null,
  rejected: 0,
  withdrawnScopes: Object.freeze([]),
  uploadError: null,
  downloadError: null,
  progress: null,
  nextRetryAt: null,
});

export function isSameSyncStatus(a: SyncStatus, b: SyncStatus): boolean {
  return (Object.keys(a) as (keyof SyncStatus)[]).every(
    (name) => a[name] === b[name] || isSameError(a[name], b[name]) || isSamePart(a[name], b[name]),
  );
}

/** Of those that are plain values: lists of names, and why the queue stands. */
function isSamePart(a: unknown, b: unknown): boolean {
  return !(a instanceof Error) && JSON.stringify(a) === JSON.stringify(b);
}

/** How long to wait. */
export interface WaitOptions {
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** The exchange with the server, for all tabs of the store. */
export interface Sync {
  readonly status: Live<SyncStatus>;
  /**
   * Exchanges now, without waiting for the next retry, and resolves when this device is level.
   * @throws {StoreError} what stood in the way, such as `NETWORK`; it goes on trying by itself
   */
  now(): Promise<void>;
  /**
   * What the server would make of the writes that wait, by the same rules. While the exchange is
   * paused it fetches first what is new, and sends nothing: look before you `resume()`.
   * @throws {StoreError} `SYNC_DISABLED`, `CLOSED`
   */
  preview(options?: PreviewOptions): Promise<SyncPreview>;
  /** Closes the connection and sends nothing until `resume()`. Reading and writing go on. */
  pause(): void;
  /** Ends `pause()`, for all tabs: the exchange begins at once. */
  resume(): void;
  /**
   * Resolves when nothing is to be sent or fetched.
   * @throws {StoreError} `TIMEOUT`, `ABORTED`, `CLOSED`, or `SYNC_DISABLED`
   */
  waitForIdle(options?: WaitOptions): Promise<void>;
}
