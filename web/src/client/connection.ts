/**
 * The page's end of the line to the worker: starts it with the first call and gives each call its
 * answer, also when the worker or the leading tab changes in between: what has no answer is asked
 * again. A write has a name of its own, by which the store knows whether it was written already.
 */
import type { Call, FromHost, HostEvent } from '../worker/messages.js';
import type { StoreEndpoint } from './endpoint.js';
import { limits } from './limits.js';
import type { HostInfo, OpenOptions } from './options.js';
import { StoreError, toStoreError } from './storeError.js';

interface Pending {
  readonly call: Call;
  resolve(value: unknown): void;
  reject(error: StoreError): void;
}

export interface ConnectionListener {
  onEvent(event: HostEvent): void;
  /** Watches are gone and must be made again. */
  onReset(): void;
  /** Each time that the store opens: first, and when another host or worker took over. */
  onOpened(info: HostInfo): void;
}

export class Connection {
  #options: OpenOptions;
  readonly #spawn: () => StoreEndpoint;
  readonly #listener: ConnectionListener;
  readonly #pending = new Map<number, Pending>();
  #endpoint: StoreEndpoint | undefined;
  #info: Promise<HostInfo> | undefined;
  #epoch = 0;
  #nextId = 1;
  /** Since the last answer. */
  #crashes = 0;
  #isClosed = false;
  #isFrozen = false;
  /** How many workers were started: what one of them held is gone with it. */
  started = 0;

  constructor(options: OpenOptions, spawn: () => StoreEndpoint, listener: ConnectionListener) {
    this.#options = options;
    this.#spawn = spawn;
    this.#listener = listener;
  }

  get isStarted(): boolean {
    return this.#endpoint !== undefined;
  }

  /** Opens the store, if it is not open yet. @throws {StoreError} why it cannot be opened */
  ready(): Promise<HostInfo> {
    if (this.#isClosed) return Promise.reject(closedError());
    return this.#info ?? this.#start();
  }

  /** @throws {StoreError} */
  call(call: Call): Promise<unknown> {
    if (this.#isClosed) return Promise.reject(closedError());
    const opened = this.ready();
    if (!this.#endpoint) return opened;
    if (this.#pending.size >= limits.callsInFlightMax) {
      return Promise.reject(
        new StoreError('OVERLOADED', `${limits.callsInFlightMax} calls wait for an answer`),
      );
    }
    // When opening failed, that says more than whatever the call would meet.
    return Promise.all([this.#ask(call), opened]).then(([answer]) => answer);
  }

  /** Without an answer. Does nothing while the store is not open. */
  send(call: Call): void {
    if (this.#endpoint && !this.#isClosed) this.#post(0, call);
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (!this.#endpoint) return;
    await this.#ask({ op: 'close' }).catch(() => undefined);
    this.#stop();
    this.#rejectAll(closedError());
  }

  #start(): Promise<HostInfo> {
    try {
      this.#connect();
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause);
      const code = typeof Worker === 'undefined' ? 'UNSUPPORTED' : 'WASM_LOAD';
      return Promise.reject(
        new StoreError(code, `the worker could not be started: ${message}`, { cause }),
      );
    }
    this.#info = this.#open();
    this.#listener.onReset();
    return this.#info;
  }

  #connect(): void {
    const endpoint = this.#spawn();
    this.#endpoint = endpoint;
    this.started += 1;
    this.#epoch = 0;
    endpoint.addEventListener('message', ({ data }) => {
      if (endpoint === this.#endpoint) this.#receive(data as FromHost);
    });
    endpoint.addEventListener('error', (event) => {
      event.preventDefault?.();
      const reason = (event as ErrorEvent).message || 'its script did not load';
      if (endpoint === this.#endpoint) this.#broken(reason);
    });
    this.#follow('addEventListener');
  }

  #follow(how: 'addEventListener' | 'removeEventListener'): void {
    if (typeof document === 'undefined') return;
    for (const type of ['visibilitychange', 'freeze', 'resume']) document[how](type, this);
    globalThis[how]('online', this);
  }

  /**
   * What the page meets. One that is frozen must not keep the files from the other tabs, and its
   * worker cannot give them back, as it is frozen too: it ends, and another goes on afterwards.
   * developer.chrome.com/docs/web-platform/page-lifecycle-api
   */
  handleEvent({ type }: Event): void {
    if (type === 'freeze') {
      this.#isFrozen = true;
      this.#endpoint?.terminate();
    } else if (this.#isFrozen) {
      this.#isFrozen = false;
      this.#startAgain();
    } else if (document.visibilityState === 'visible') {
      this.send({ op: 'wake' });
    }
  }

  #open(): Promise<HostInfo> {
    const info = this.#ask({ op: 'open', options: this.#options }) as Promise<HostInfo>;
    info.then(
      (opened) => this.#info === info && this.#listener.onOpened(opened),
      (error) => {
        if (this.#info !== info || this.#isClosed) return;
        // The next call tries again.
        this.#info = undefined;
        this.#stop();
        this.#rejectAll(error);
      },
    );
    return info;
  }

  #stop(): void {
    this.#endpoint?.terminate();
    this.#endpoint = undefined;
    this.#follow('removeEventListener');
  }

  #ask(call: Call): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const id = this.#nextId++;
      this.#pending.set(id, { call, resolve, reject });
      this.#post(id, call);
    });
  }

  #post(id: number, call: Call): void {
    this.#endpoint?.postMessage({ id, epoch: this.#epoch, call }, []);
  }

  #receive(message: FromHost): void {
    if ('event' in message) {
      if (message.event === 'reset') this.#reset(message.epoch);
      else if (message.event === 'crash') this.#crashed(toStoreError(message.error));
      else if (message.event === 'wiped') this.#wiped();
      else if (message.event === 'status') this.#notePaused(message.status.state === 'paused');
      this.#listener.onEvent(message);
      return;
    }
    const pending = this.#pending.get(message.id);
    if (!pending) return;
    this.#pending.delete(message.id);
    if ('ok' in message) {
      if (pending.call.op !== 'open') this.#crashes = 0;
      pending.resolve(message.ok);
      return;
    }
    const { call } = pending;
    pending.reject(toStoreError(message.error, 'sql' in call ? { sql: call.sql } : undefined));
  }

  /** The files are gone, by a call from here or from another tab. */
  #wiped(): void {
    this.#isClosed = true;
    this.#stop();
    for (const { call, resolve } of this.#pending.values()) {
      if (call.op === 'wipe') resolve(undefined);
    }
    this.#rejectAll(closedError());
  }

  /** A worker that is started again goes on as it was. */
  #notePaused(isPaused: boolean): void {
    const { sync } = this.#options;
    if (sync) this.#options = { ...this.#options, sync: { ...sync, isPaused } };
  }

  /** Another host: it knows nothing of this page. */
  #reset(epoch: number): void {
    this.#epoch = epoch;
    const unanswered = [...this.#pending];
    // A worker listens to nothing before it is told to open.
    const opening = unanswered.find(([, { call }]) => call.op === 'open');
    if (opening) this.#post(opening[0], opening[1].call);
    else this.#info = this.#open();
    for (const [id, { call }] of unanswered) if (call.op !== 'open') this.#post(id, call);
    this.#listener.onReset();
  }

  /** The script or one of its imports is missing, or it threw outside of any call. */
  #broken(reason: string): void {
    const isOpening = [...this.#pending.values()].some(({ call }) => call.op === 'open');
    if (!isOpening) {
      this.#crashed(new StoreError('WORKER_CRASHED', `the worker stopped: ${reason}`));
      return;
    }
    this.#stop();
    this.#info = undefined;
    this.#rejectAll(new StoreError('WASM_LOAD', `the worker failed: ${reason}`));
  }

  /** Starts another worker, unless they keep crashing: then it is what they are asked. */
  #crashed(error: StoreError): void {
    this.#crashes += 1;
    if (this.#crashes <= limits.crashesMax && !this.#isClosed) {
      this.#startAgain();
    } else {
      this.#stop();
      this.#crashes = 0;
      this.#info = undefined;
      this.#rejectAll(error);
    }
  }

  #startAgain(): void {
    this.#stop();
    this.#connect();
    this.#reset(0);
  }

  #rejectAll(error: StoreError): void {
    const all = [...this.#pending.values()];
    this.#pending.clear();
    for (const pending of all) pending.reject(error);
  }
}

function closedError(): StoreError {
  return new StoreError('CLOSED', 'the store is closed');
}
