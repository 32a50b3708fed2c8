import { StoreError } from './storeError.js';

/**
 * Lets one transaction run at a time in all tabs of the store, so that what it has read is still
 * so, but for changes from the server, when it writes.
 */
export class TransactionLock {
  readonly #name: string;
  #last: Promise<unknown> = Promise.resolve();

  constructor(storeName: string) {
    this.#name = `twinstore:${storeName}:transaction`;
  }

  /** @throws {StoreError} `ABORTED` when the signal came first; else what `action` throws */
  async run<R>(action: () => Promise<R>, signal: AbortSignal | undefined): Promise<R> {
    // Tabs have locks between them; elsewhere there is only this page.
    const mine = this.#last.then(() => {
      if (signal?.aborted) throw new StoreError('ABORTED', 'the transaction was given up');
      return globalThis.navigator?.locks
        ? navigator.locks.request(this.#name, () => action())
        : action();
    });
    this.#last = mine.catch(() => undefined);
    return mine;
  }
}
