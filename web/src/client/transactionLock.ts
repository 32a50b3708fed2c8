import type { Connection } from './connection.js';
import { StoreError } from './storeError.js';

/**
 * Lets one transaction run at a time in all tabs of the store, so that what it has read is still
 * so, but for changes from the server, when it writes.
 */
export class TransactionLock {
  readonly #connection: Connection;
  #last: Promise<unknown> = Promise.resolve();

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * `action` is handed a check to make before it writes.
   * @throws {StoreError} `ABORTED` when the signal came first, or the worker that had the turn is
   * gone; else what `action` throws
   */
  run<R>(action: (check: () => void) => Promise<R>, signal: AbortSignal | undefined): Promise<R> {
    const connection = this.#connection;
    const mine = this.#last.then(async () => {
      let started = connection.started;
      const check = () => {
        if (!signal?.aborted && started === connection.started) return;
        throw new StoreError('ABORTED', 'the transaction was given up');
      };
      check();
      await connection.call({ op: 'begin' });
      started = connection.started;
      try {
        return await action(check);
      } finally {
        connection.send({ op: 'end' });
      }
    });
    this.#last = mine.catch(() => undefined);
    return mine;
  }
}
