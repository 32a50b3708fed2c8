import type { SyncClock } from '../worker/syncLoop.js';

interface Timer {
  readonly at: number;
  readonly action: () => void;
}

/** Time that stands still until it is moved: of the engines, the servers and the retries. */
export class TestClock implements SyncClock {
  #time: number;
  readonly #timers = new Set<Timer>();
  readonly #settle: () => Promise<void>;

  /** `settle` waits for what a timer has set off. */
  constructor(startMs: number, settle: () => Promise<void>) {
    this.#time = startMs;
    this.#settle = settle;
  }

  readonly now = (): number => this.#time;
  /** Retries wait their longest, so that a test knows when they come. */
  readonly random = (): number => 1;
  readonly after = (ms: number, action: () => void): (() => void) => {
    const timer = { at: this.#time + ms, action };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  };

  /** Moves on by `ms`; what is due on the way runs in order, each to its end. */
  readonly advance = async (ms: number): Promise<void> => {
    const end = this.#time + ms;
    for (let due = this.#next(end); due; due = this.#next(end)) {
      this.#time = Math.max(this.#time, due.at);
      this.#timers.delete(due);
      due.action();
      await this.#settle();
    }
    this.#time = Math.max(this.#time, end);
  };

  /** What is written later is later. */
  tick(): void {
    this.#time += 1;
  }

  #next(end: number): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.at <= end && (!next || timer.at < next.at)) next = timer;
    }
    return next;
  }
}
