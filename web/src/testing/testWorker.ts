/**
 * A worker that runs in the page's own thread: the real tab, host, exchange and engine, of which
 * only storage (memory), the clock and the network are a test's.
 */
import type { StoreEndpoint } from '../client/endpoint.js';
import type { StoreErrorCode } from '../client/errorCodes.js';
import { newId } from '../client/newId.js';
import type { OpenOptions } from '../client/options.js';
import { StoreError } from '../client/storeError.js';
import { toErrorValue } from '../worker/errorValue.js';
import type { FromHost, ToHost } from '../worker/messages.js';
import { openStore } from '../worker/openStore.js';
import { StoreHost } from '../worker/storeHost.js';
import type { SyncTransport } from '../worker/syncTransport.js';
import { Tab } from '../worker/tab.js';
import { newCore } from './modules.js';
import type { TestClock } from './testClock.js';

export interface WorkerSurroundings {
  readonly clock: TestClock;
  readonly seed: number;
  readonly transport: SyncTransport;
  /** Failures that calls are to meet, first come first served. */
  readonly failures: StoreErrorCode[];
}

export class TestWorker implements StoreEndpoint {
  readonly #around: WorkerSurroundings;
  readonly #listeners: ((event: MessageEvent) => void)[] = [];
  #tab: Tab | undefined;
  #isGone = false;

  constructor(around: WorkerSurroundings) {
    this.#around = around;
  }

  postMessage(message: unknown): void {
    const data = structuredClone(message) as ToHost;
    queueMicrotask(() => {
      if (!this.#isGone) this.#receive(data);
    });
  }

  addEventListener(type: string, listener: (event: never) => void): void {
    if (type === 'message') this.#listeners.push(listener as (event: MessageEvent) => void);
  }

  terminate(): void {
    this.#isGone = true;
  }

  #receive(data: ToHost): void {
    const { call, id } = data;
    if (!this.#tab && call.op === 'open') {
      this.#tab = this.#startTab(call.options);
      this.#tab.start();
    }
    const isRefused = id !== 0 && call.op !== 'open' && call.op !== 'close';
    const failure = isRefused ? this.#around.failures.shift() : undefined;
    if (failure !== undefined) {
      this.#tell({ id, error: toErrorValue(new StoreError(failure, 'on purpose')) });
      return;
    }
    if (call.op === 'write') this.#around.clock.tick();
    this.#tab?.receive(data);
  }

  #tell(message: FromHost): void {
    const data = structuredClone(message);
    queueMicrotask(() => {
      if (!this.#isGone) for (const listener of this.#listeners) listener({ data } as MessageEvent);
    });
  }

  #startTab(options: OpenOptions): Tab {
    return new Tab({
      name: options.name,
      locks: undefined,
      newChannel: () => ({ postMessage() {}, close() {} }) as unknown as BroadcastChannel,
      newId,
      openHost: () => this.#openHost(options),
      toPage: (message) => this.#tell(message),
    });
  }

  async #openHost(options: OpenOptions): Promise<StoreHost> {
    const { clock, seed, transport } = this.#around;
    const core = await newCore({ now: clock.now, seed });
    const crash = (error: StoreError) => this.#tell({ event: 'crash', error: toErrorValue(error) });
    return new StoreHost(await openStore(core, options, crash), options, {
      transport,
      clock,
      // Behind the messages that have arrived, which are microtasks here.
      defer: (action) => queueMicrotask(action),
    });
  }
}
