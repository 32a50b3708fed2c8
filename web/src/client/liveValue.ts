import { callSafely } from './events.js';
import type { Live, Snapshot } from './live.js';

/** A snapshot, and those who are told when there is another one. */
export abstract class LiveValue<T> implements Live<T> {
  readonly #listeners = new Set<() => void>();
  readonly #first: Snapshot<T>;
  #snapshot: Snapshot<T>;
  #lastRead: Snapshot<T>;

  constructor(first: Snapshot<T>) {
    this.#first = first;
    this.#snapshot = first;
    this.#lastRead = first;
  }

  abstract readonly preload: () => Promise<T>;
  protected abstract onSubscribed(): void;
  protected onUnsubscribed(): void {}

  get snapshot(): Snapshot<T> {
    return this.#snapshot;
  }

  readonly subscribe = (onChange: () => void): (() => void) => {
    // The same function may subscribe twice, and each ends on its own.
    const listener = () => onChange();
    this.#listeners.add(listener);
    this.onSubscribed();
    // What came between reading and subscribing would be missed otherwise.
    if (this.#snapshot !== this.#lastRead) queueMicrotask(() => this.#notify(listener));
    return () => {
      const isLast = this.#listeners.delete(listener) && this.#listeners.size === 0;
      if (isLast) this.onUnsubscribed();
    };
  };

  readonly getSnapshot = (): Snapshot<T> => {
    this.#lastRead = this.#snapshot;
    return this.#snapshot;
  };

  readonly getServerSnapshot = (): Snapshot<T> => this.#first;

  protected publish(snapshot: Snapshot<T>): void {
    this.#snapshot = Object.freeze(snapshot);
    for (const listener of [...this.#listeners]) this.#notify(listener);
  }

  #notify(listener: () => void): void {
    if (this.#listeners.has(listener)) callSafely(listener);
  }
}
