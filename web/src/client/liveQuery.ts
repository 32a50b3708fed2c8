import { limits } from './limits.js';
import { pendingSnapshot } from './live.js';
import { LiveValue } from './liveValue.js';
import { decodeAgain, decodeResult, type Result, type ResultRow } from './resultRows.js';
import { StoreError } from './storeError.js';

/** What a live query asks of the store. */
export interface LiveSource {
  /** From now on `onResult` and `onError` are called until the returned function is. */
  watch(sql: string, params: string, sink: LiveSink): () => void;
}

export interface LiveSink {
  onResult(bytes: Uint8Array): void;
  onError(error: StoreError): void;
}

/**
 * A query that is asked while somebody subscribes, and for a short while after. `select` makes the
 * data from the rows; the same rows give the same data.
 */
export class LiveQuery<T> extends LiveValue<T> implements LiveSink {
  readonly #source: LiveSource;
  readonly #sql: string;
  readonly #params: string;
  readonly #select: (rows: readonly ResultRow[]) => T;
  #result: Result | undefined;
  #unwatch: (() => void) | undefined;
  #grace: ReturnType<typeof setTimeout> | undefined;

  constructor(
    source: LiveSource,
    sql: string,
    params: string,
    select: (rows: readonly ResultRow[]) => T,
  ) {
    super(pendingSnapshot);
    this.#source = source;
    this.#sql = sql;
    this.#params = params;
    this.#select = select;
  }

  get isIdle(): boolean {
    return this.#unwatch === undefined;
  }

  readonly preload = (): Promise<T> => {
    return new Promise((resolve, reject) => {
      const settle = (): boolean => {
        const { status, data, error } = this.snapshot;
        if (status === 'success') resolve(data);
        else if (status === 'error') reject(error);
        return status !== 'pending';
      };
      // An error may have passed, and data of an idle query may be old: both are asked again.
      if (this.snapshot.status === 'error') this.#stop();
      if (!this.isIdle && settle()) return;
      let unsubscribe: (() => void) | undefined;
      this.#answered.push(() => {
        settle();
        unsubscribe?.();
      });
      unsubscribe = this.subscribe(() => undefined);
    });
  };

  /** Called once each with the next answer, changed or not. */
  #answered: (() => void)[] = [];

  onResult(bytes: Uint8Array): void {
    const earlier = this.#result;
    this.#result = earlier ? decodeAgain(bytes, earlier) : decodeResult(bytes);
    if (this.#result !== earlier || this.snapshot.status !== 'success') {
      this.publish({
        status: 'success',
        data: this.#select(this.#result.rows),
        error: undefined,
      });
    }
    this.#settle();
  }

  onError(error: StoreError): void {
    this.publish({ status: 'error', data: this.snapshot.data, error });
    this.#settle();
  }

  /** The store is closed: nothing comes any more. */
  end(): void {
    clearTimeout(this.#grace);
    this.#stop();
    if (this.#answered.length > 0) this.onError(new StoreError('CLOSED', 'the store is closed'));
  }

  protected override onSubscribed(): void {
    clearTimeout(this.#grace);
    this.#unwatch ??= this.#source.watch(this.#sql, this.#params, this);
  }

  protected override onUnsubscribed(): void {
    this.#grace = setTimeout(() => this.#stop(), limits.liveGraceMs);
    // In Node a timer keeps the process; nothing waits for this one.
    (this.#grace as { unref?: () => void }).unref?.();
  }

  #stop(): void {
    this.#unwatch?.();
    this.#unwatch = undefined;
  }

  #settle(): void {
    for (const answered of this.#answered.splice(0)) answered();
  }
}
