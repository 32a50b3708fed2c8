import type { Live } from './live.js';
import { isSameError, type StoreError } from './storeError.js';

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
  /** Conflicts that wait for a decision, here or elsewhere: rows of `_conflicts`. */
  readonly conflicts: number;
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
  uploadError: null,
  downloadError: null,
  progress: null,
  nextRetryAt: null,
});

export function isSameSyncStatus(a: SyncStatus, b: SyncStatus): boolean {
  return (Object.keys(a) as (keyof SyncStatus)[]).every(
    (name) => a[name] === b[name] || isSameError(a[name], b[name]),
  );
}

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
  /** Closes the connection and sends nothing until `resume()`. Reading and writing go on. */
  pause(): void;
  resume(): void;
  /**
   * Resolves when nothing is to be sent or fetched.
   * @throws {StoreError} `TIMEOUT`, `ABORTED`, `CLOSED`, or `SYNC_DISABLED`
   */
  waitForIdle(options?: WaitOptions): Promise<void>;
}
