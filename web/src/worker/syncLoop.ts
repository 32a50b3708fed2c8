/**
 * Keeps the replica level with its server: decides when the messages that the replica makes are
 * carried, and over what. Pulls and large pushes are HTTP requests; small pushes and changes of
 * others go over the live connection while it is open.
 *
 * What is to be sent is asked of the replica each time, never remembered here, so nothing can be
 * forgotten. A *round* is the time between two failures: everything that it started ends with it.
 */
import { workerLimits } from '../client/limits.js';
import { StoreError } from '../client/storeError.js';
import type { SyncState } from '../client/syncStatus.js';
import { retryDelayMs } from './backoff.js';
import type { Commit, ReplicaStore } from './replicaStore.js';
import type { LiveSocket, SyncTransport } from './syncTransport.js';

export interface SyncClock {
  now(): number;
  /** Returns what cancels it. */
  after(ms: number, action: () => void): () => void;
  random(): number;
}

export type SyncReplica = Pick<
  ReplicaStore,
  'nextMessage' | 'receive' | 'lost' | 'markBehind' | 'subscribeMessage' | 'status'
>;

/** How the loop itself stands; the rest of the status is the replica's. */
export interface LoopState {
  readonly state: SyncState;
  readonly online: boolean;
  readonly uploadError: StoreError | null;
  readonly downloadError: StoreError | null;
  readonly nextRetryAt: number | null;
  /** Since when nothing gets through: the loop is paused, or it has failed ever since. */
  readonly standsSince: number | null;
}

export interface SyncListener {
  onCommit(commit: Commit): void;
  onState(): void;
}

interface Failure {
  readonly error: StoreError;
  readonly isPush: boolean;
  readonly retryAt: number;
}

interface Round {
  readonly controller: AbortController;
  requests: number;
}

interface Waiter {
  resolve(): void;
  reject(error: StoreError): void;
}

const fatalCodes = new Set([
  'SCHEMA_MISMATCH',
  'PROTOCOL_UNSUPPORTED',
  'FORBIDDEN',
  'UNAUTHORIZED',
]);
const offlineCodes = new Set(['NETWORK', 'TIMEOUT']);

export class SyncLoop {
  readonly #replica: SyncReplica;
  readonly #transport: SyncTransport;
  readonly #clock: SyncClock;
  readonly #listener: SyncListener;
  readonly #waiters: Waiter[] = [];

  #isPaused = true;
  #round = newRound();
  #socket: LiveSocket | undefined;
  #isSocketOpen = false;
  #hasContact = false;
  #failures = 0;
  #socketFailures = 0;
  #failure: Failure | undefined;
  #attemptAt = 0;
  #standsSince: number | undefined;
  #cancelPush: (() => void) | undefined;
  #cancelRetry: (() => void) | undefined;
  #cancelSocketRetry: (() => void) | undefined;
  #cancelPoll: (() => void) | undefined;
  #cancelWatchdog: (() => void) | undefined;

  constructor(
    replica: SyncReplica,
    transport: SyncTransport,
    clock: SyncClock,
    listener: SyncListener,
  ) {
    this.#replica = replica;
    this.#transport = transport;
    this.#clock = clock;
    this.#listener = listener;
    this.#standsSince = clock.now();
  }

  get state(): LoopState {
    const error = this.#failure?.error ?? null;
    return {
      state: this.#stateWord(),
      online: this.#hasContact,
      uploadError: this.#failure?.isPush ? error : null,
      downloadError: this.#failure?.isPush ? null : error,
      nextRetryAt: this.#failure?.retryAt ?? null,
      standsSince: this.#standsSince ?? null,
    };
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#standsSince = undefined;
    this.#watch();
    this.#restart();
  }

  pause(): void {
    if (this.#isPaused) return;
    this.#isPaused = true;
    this.#standsSince = this.#clock.now();
    this.#cancelWatchdog?.();
    this.#endRound();
    this.#failure = undefined;
    this.#hasContact = false;
    this.#settle(new StoreError('SYNC_PAUSED', 'the exchange was paused'));
    this.#listener.onState();
  }

  /** There is something to send. */
  nudge(): void {
    if (!this.#isPaused && !this.#failure) this.#pump();
  }

  /** The network or the page came back: what was given up may work at once. */
  wake(): void {
    if (this.#isPaused) return;
    if (this.#failure) {
      this.#failures = 0;
      this.#restart();
      return;
    }
    if (!this.#socket) this.#openSocket();
    this.#askAgain();
  }

  /** Resolves when the replica is level. @throws {StoreError} what stood in the way */
  now(): Promise<void> {
    if (this.#isPaused) {
      return Promise.reject(new StoreError('SYNC_PAUSED', 'the exchange is paused'));
    }
    const level = new Promise<void>((resolve, reject) => this.#waiters.push({ resolve, reject }));
    if (this.#failure) this.#restart();
    else this.#askAgain();
    return level;
  }

  /**
   * While the loop is paused: fetches what is new and sends nothing. False when the server could
   * not be asked, or when the loop goes on by itself.
   */
  async fetch(): Promise<boolean> {
    if (!this.#isPaused) return false;
    const { signal } = this.#round.controller;
    this.#replica.markBehind();
    try {
      for (;;) {
        const text = this.#replica.nextMessage(true);
        if (text === '') return true;
        const answer = await this.#transport.post(text, signal);
        if (signal.aborted) return false;
        this.#listener.onCommit(this.#replica.receive(answer));
      }
    } catch {
      if (!signal.aborted) this.#replica.lost();
      return false;
    }
  }

  #stateWord(): SyncState {
    if (this.#isPaused) return 'paused';
    const code = this.#failure?.error.code;
    if (code === 'UNAUTHORIZED' || code === 'FORBIDDEN') return 'auth-required';
    if (code !== undefined) return offlineCodes.has(code) ? 'offline' : 'error';
    if (this.#isBusy()) return this.#hasContact ? 'syncing' : 'connecting';
    return this.#hasContact ? 'idle' : 'connecting';
  }

  #isBusy(): boolean {
    return this.#round.requests > 0 || this.#cancelPush !== undefined;
  }

  /** A new round: everything is asked and sent again. */
  #restart(): void {
    this.#endRound();
    this.#failure = undefined;
    this.#openSocket();
    this.#askAgain();
  }

  #askAgain(): void {
    this.#replica.markBehind();
    this.#pump();
  }

  #endRound(): void {
    this.#round.controller.abort();
    this.#round = newRound();
    for (const cancel of [this.#cancelRetry, this.#cancelSocketRetry, this.#cancelPoll]) cancel?.();
    this.#dropSocket();
    this.#replica.lost();
  }

  #dropSocket(): void {
    this.#cancelPush?.();
    this.#cancelPush = undefined;
    this.#socket?.close();
    this.#socket = undefined;
    this.#isSocketOpen = false;
  }

  /** Carries everything that the replica has to say now. */
  #pump(): void {
    try {
      for (
        let text = this.#replica.nextMessage();
        text !== '';
        text = this.#replica.nextMessage()
      ) {
        this.#attemptAt = this.#clock.now();
        this.#carry(text);
      }
    } catch (error) {
      this.#fail(asStoreError(error), true);
      return;
    }
    if (!this.#isBusy() && this.#hasContact) this.#settled();
    this.#listener.onState();
  }

  #carry(text: string): void {
    const isPush = text.startsWith('{"type":"push"');
    if (!isPush || !this.#isSocketOpen || !fitsLive(text)) {
      void this.#post(text, isPush);
      return;
    }
    this.#cancelPush = this.#clock.after(workerLimits.requestTimeoutMs, () =>
      this.#fail(new StoreError('TIMEOUT', 'the server did not confirm a push in time'), true),
    );
    this.#socket?.send(text);
  }

  async #post(text: string, isPush: boolean): Promise<void> {
    const round = this.#round;
    const { signal } = round.controller;
    round.requests += 1;
    let answer: string | StoreError;
    try {
      answer = await this.#transport.post(text, signal);
    } catch (error) {
      answer = asStoreError(error);
    }
    round.requests -= 1;
    if (signal.aborted) return;
    if (answer instanceof StoreError) this.#fail(answer, isPush);
    else this.#accept(answer, isPush);
  }

  #accept(text: string, isPush: boolean): void {
    this.#hasContact = true;
    try {
      this.#listener.onCommit(this.#replica.receive(text));
    } catch (error) {
      this.#fail(asStoreError(error), isPush);
      return;
    }
    this.#failures = 0;
    this.#standsSince = undefined;
    this.#pump();
  }

  #openSocket(): void {
    this.#cancelSocketRetry?.();
    const { signal } = this.#round.controller;
    this.#socket = this.#transport.openLive({
      onOpen: () => {
        if (signal.aborted) return;
        this.#isSocketOpen = true;
        this.#socketFailures = 0;
        this.#hasContact = true;
        this.#socket?.send(this.#replica.subscribeMessage());
        this.#pump();
      },
      onText: (text) => {
        if (signal.aborted) return;
        const isPushed = text.startsWith('{"type":"pushed"');
        const isError = text.startsWith('{"type":"error"');
        if (isPushed || isError) {
          this.#cancelPush?.();
          this.#cancelPush = undefined;
        }
        this.#accept(text, isPushed);
        // An error that the replica copes with may have ended the subscription.
        if (isError && !signal.aborted) this.#socketClosed();
      },
      onClosed: () => {
        if (!signal.aborted) this.#socketClosed();
      },
    });
  }

  /** HTTP tells whether the server is gone or only the connection. */
  #socketClosed(): void {
    const hadPush = this.#cancelPush !== undefined;
    this.#dropSocket();
    this.#socketFailures += 1;
    const delay = retryDelayMs(this.#socketFailures, this.#clock.random);
    this.#cancelSocketRetry = this.#clock.after(delay, () => this.#openSocket());
    if (hadPush) {
      this.#round.controller.abort();
      this.#round = newRound();
      this.#replica.lost();
    }
    this.#askAgain();
  }

  #settled(): void {
    this.#settle(undefined);
    this.#cancelPoll?.();
    if (this.#isSocketOpen) return;
    this.#cancelPoll = this.#clock.after(workerLimits.pollMs, () => this.#askAgain());
  }

  #fail(error: StoreError, isPush: boolean): void {
    this.#endRound();
    this.#failures += 1;
    this.#standsSince ??= this.#clock.now();
    if (offlineCodes.has(error.code)) this.#hasContact = false;
    const delay = fatalCodes.has(error.code)
      ? workerLimits.retryMaxMs
      : retryDelayMs(this.#failures, this.#clock.random);
    this.#failure = { error, isPush, retryAt: this.#clock.now() + delay };
    this.#cancelRetry = this.#clock.after(delay, () => this.#restart());
    this.#settle(error);
    this.#listener.onState();
  }

  #settle(error: StoreError | undefined): void {
    for (const waiter of this.#waiters.splice(0)) {
      if (error) waiter.reject(error);
      else waiter.resolve();
    }
  }

  /** Whatever else goes wrong, pending writes are not left lying. */
  #watch(): void {
    this.#cancelWatchdog = this.#clock.after(workerLimits.watchdogMs, () => {
      this.#watch();
      const isOverdue = this.#clock.now() - this.#attemptAt >= workerLimits.watchdogMs;
      if (isOverdue && !this.#failure && this.#replica.status().pending > 0) this.#restart();
    });
  }
}

function newRound(): Round {
  return { controller: new AbortController(), requests: 0 };
}

function fitsLive(text: string): boolean {
  if (text.length * 3 <= workerLimits.livePushBytesMax) return true;
  return new TextEncoder().encode(text).byteLength <= workerLimits.livePushBytesMax;
}

function asStoreError(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  return new StoreError('INTERNAL', error instanceof Error ? error.message : String(error));
}
