import { LiveValue } from './liveValue.js';
import type { Snapshot } from './live.js';
import { initialSyncStatus, isSameSyncStatus, type SyncStatus } from './syncStatus.js';
import { toStoreError } from './storeError.js';
import type { SyncStatusValue } from '../worker/messages.js';

/** The last status that the host sent. Reading it starts nothing; subscribing opens the store. */
export class SyncLive extends LiveValue<SyncStatus> {
  readonly #open: () => Promise<unknown>;

  constructor(open: () => Promise<unknown>) {
    super(success(initialSyncStatus));
    this.#open = open;
  }

  readonly preload = async (): Promise<SyncStatus> => {
    await this.#open();
    return this.current;
  };

  get current(): SyncStatus {
    return this.snapshot.data ?? initialSyncStatus;
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
    this.publish(success(status));
    return status;
  }

  protected override onSubscribed(): void {
    // Why it cannot be opened is an error of each call and of the queries, not of the exchange.
    this.#open().catch(() => undefined);
  }
}

function success(data: SyncStatus): Snapshot<SyncStatus> {
  return Object.freeze({ status: 'success', data, error: undefined });
}
