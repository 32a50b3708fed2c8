/** What passes between a page and the worker that leads. Plain values only: channels clone them. */
import type { StoreEvents } from '../client/events.js';
import type { OpenOptions } from '../client/options.js';
import type { ErrorValue } from '../client/storeError.js';
import type { SyncState, SyncWaiting } from '../client/syncStatus.js';

export type Call =
  | { readonly op: 'open'; readonly options: OpenOptions }
  | { readonly op: 'query'; readonly sql: string; readonly params: string }
  | { readonly op: 'write'; readonly edits: string }
  | {
      readonly op: 'watch';
      readonly watch: number;
      readonly sql: string;
      readonly params: string;
    }
  | { readonly op: 'unwatch'; readonly watch: number }
  | {
      readonly op: 'staleness';
      readonly repoId: string;
      readonly branchName: string;
      readonly thresholdHours: number;
    }
  /** The answer to `token-wanted`. */
  | {
      readonly op: 'token';
      readonly request: number;
      readonly token?: string;
      readonly reason?: string;
    }
  | { readonly op: 'stale-branches'; readonly repoId: string; readonly thresholdHours: number }
  | { readonly op: 'wipe' }
  /** Waits for the transactions of all tabs before it; answered by the page's own worker. */
  | { readonly op: 'begin' | 'end' }
  | { readonly op: 'sync-preview'; readonly fetch?: boolean }
  | { readonly op: 'sync-now' | 'sync-pause' | 'sync-resume' }
  | { readonly op: 'inspect' | 'wake' | 'close' };

export interface ToHost {
  /** 0: no answer is expected. */
  readonly id: number;
  /** Counts the hosts that this page has had; a call meant for an earlier one is not carried out. */
  readonly epoch: number;
  readonly call: Call;
}

/** A SyncStatus whose errors are plain values. */
export interface SyncStatusValue {
  readonly state: SyncState;
  readonly clientId: string;
  readonly online: boolean;
  readonly hasSynced: boolean;
  readonly lastSyncedAt: number | null;
  readonly pendingUploads: number;
  readonly conflicts: number;
  readonly pendingSince: number | null;
  readonly waiting: SyncWaiting | null;
  readonly rejected: number;
  readonly withdrawnScopes: readonly string[];
  readonly uploadError: ErrorValue | null;
  readonly downloadError: ErrorValue | null;
  readonly nextRetryAt: number | null;
}

interface Emitted<E extends keyof StoreEvents> {
  readonly event: 'emit';
  readonly type: E;
  readonly detail: StoreEvents[E];
}

/** The server is to be shown a token; `isRefused`: it did not take the last one. */
export interface TokenWanted {
  readonly event: 'token-wanted';
  readonly request: number;
  readonly isRefused: boolean;
}

export type HostEvent =
  | { readonly event: 'live'; readonly watch: number; readonly bytes: Uint8Array }
  | { readonly event: 'live-error'; readonly watch: number; readonly error: ErrorValue }
  /** For those who listen to the store. */
  | Emitted<'change'>
  | Emitted<'storage-warning'>
  | { readonly event: 'status'; readonly status: SyncStatusValue }
  | TokenWanted
  | { readonly event: 'error'; readonly error: ErrorValue }
  /** Another host answers from now on: unanswered calls are lost, watches must be made again. */
  | { readonly event: 'reset'; readonly epoch: number }
  /** The data is removed, and the store closed in all tabs. */
  | { readonly event: 'wiped' }
  /** The worker cannot go on: the page starts another one. */
  | { readonly event: 'crash'; readonly error: ErrorValue };

export type FromHost =
  | { readonly id: number; readonly ok: unknown }
  | { readonly id: number; readonly error: ErrorValue }
  | HostEvent;
