import { callSafely } from './events.js';
import type { Live, Snapshot } from './live.js';
import { initialSyncStatus, isSameSyncStatus, type SyncStatus } from './syncStatus.js';
import { toStoreError } from './storeError.js';
import type { SyncStatusValue } from '../worker/messages.js';

type StatusSnapshot = Snapshot<SyncStatus>;

const serverSnapshot: StatusSnapshot = success(initialSyncStatus);

/** The last status that the host sent. Reading it starts nothing; subscribing opens the store. */
export class SyncLive implements Live<SyncStatus> {
  readonly #open: () => Promise<unknown>;
  readonly #listeners = new Set<() => void>();
  #snapshot: StatusSnapshot = serverSnapshot;
  #lastRead: StatusSnapshot = serverSnapshot;

  constructor(open: () => Promise<unknown>) {
    this.#open = open;
  }

  readonly subscribe = (onChange: () => void): (() => void) => {
    const listener = () => onChange();
    this.#listeners.add(listener);
    // Why it cannot be opened is an error of each call and of the queries, not of the exchange.
    this.#open().catch(() => undefined);
    if (this.#snapshot !== this.#lastRead) queueMicrotask(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly getSnapshot = (): StatusSnapshot => {
    this.#lastRead = this.#snapshot;
    return this.#snapshot;
  };

  readonly getServerSnapshot = (): StatusSnapshot => serverSnapshot;

  readonly preload = async (): Promise<SyncStatus> => {
    await this.#open();
    return this.current;
  };

  get current(): SyncStatus {
    return this.#snapshot.data ?? initialSyncStatus;
  }

  /** Returns the new status when it differs from the last. */
  receive(value: SyncStatusValue): SyncStatus | undefined {
    const { uploadError, downloadError } = value;
    const status: SyncStatus = Object.freeze({
      ...value,
      progress: null,
      uploadError: uploadError && toStoreError(uploadError),
      downloadError: downloadError && toStoreError(downloadError),
    });
    if (isSameSyncStatus(status, this.current)) return undefined;
    this.#snapshot = success(status);
    for (const listener of [...this.#listeners]) callSafely(listener);
    return status;
  }
}

function success(data: SyncStatus): StatusSnapshot {
  return Object.freeze({ status: 'success', data, error: undefined });
}
