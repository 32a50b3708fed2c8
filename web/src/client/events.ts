import type { StoreError } from './storeError.js';
import type { SyncStatus } from './syncStatus.js';
import type { TableName } from './rows.js';

/**
 * `memory-fallback`: what is written will not outlive the tabs. `repaired`: the file was damaged;
 * another one has what could be read of it, and what is missing comes from the server.
 */
export interface StorageWarning {
  readonly kind: 'memory-fallback' | 'repaired';
  readonly reason: string;
}

/** What a store tells its listeners, by the name to listen to. */
export interface StoreEvents {
  /** A commit, in any tab or from the server. */
  change: { readonly tables: readonly TableName[]; readonly origin: 'local' | 'remote' };
  /** How the data is kept is not as it should be. */
  'storage-warning': StorageWarning;
  'sync-status': SyncStatus;
  /** A failure that no call can report. */
  error: StoreError;
  /** The store opened, or another tab took over. */
  leader: { readonly role: 'leader' | 'follower' };
  /** The answer to `persist()`. */
  persisted: { readonly granted: boolean };
  /** The data is gone from this device, by `wipe()` here or in another tab. */
  wiped: undefined;
}

/** Listeners by event. One that throws does not keep the others from being called. */
export class EventHub {
  readonly #listeners = new Map<string, Set<(event: never) => void>>();

  on<E extends keyof StoreEvents>(type: E, listener: (event: StoreEvents[E]) => void): () => void {
    const listeners = this.#listeners.get(type) ?? new Set();
    this.#listeners.set(type, listeners);
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  emit<E extends keyof StoreEvents>(type: E, event: StoreEvents[E]): void {
    for (const listener of [...(this.#listeners.get(type) ?? [])]) {
      callSafely(listener as (event: StoreEvents[E]) => void, event);
    }
  }

  clear(): void {
    this.#listeners.clear();
  }
}

/** A listener's fault is the page's: it surfaces as an uncaught error, like in any event target. */
export function callSafely<A extends unknown[]>(listener: (...args: A) => void, ...args: A): void {
  try {
    listener(...args);
  } catch (error) {
    reportError(error);
  }
}
