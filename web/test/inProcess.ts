// A store whose worker runs in the same process: the real tab, host and module, in memory.
import { onTestFinished } from 'vitest';
import { createStore, type Store, type StoreEndpoint } from '../src/client/index.js';
import type { CreateStoreOptions } from '../src/client/options.js';
import { newId } from '../src/client/newId.js';
import type { FromHost, ToHost } from '../src/worker/messages.js';
import { openStore } from '../src/worker/openStore.js';
import { StoreHost } from '../src/worker/storeHost.js';
import { deferAfterMessages } from '../src/worker/surroundings.js';
import { Tab } from '../src/worker/tab.js';
import { newCore } from './core.js';
import { errorValue } from './errorValue.js';

export interface InProcess {
  readonly store: Store;
  /** What the page has asked, in order, since it was made. */
  readonly asked: ToHost[];
  /** The tab ends as if its engine had stopped. */
  crash(): void;
}

/** Closed when the test has ended. */
export function newStore(options: Partial<CreateStoreOptions> = {}): InProcess {
  const asked: ToHost[] = [];
  let crash: () => void = () => undefined;
  const worker = (): StoreEndpoint => {
    const endpoint = new InProcessWorker(asked);
    crash = () => endpoint.crash();
    return endpoint;
  };
  const store = createStore({ name: 'test', storage: 'memory', worker, ...options });
  onTestFinished(() => store.close());
  return { store, asked, crash: () => crash() };
}

class InProcessWorker implements StoreEndpoint {
  readonly #asked: ToHost[];
  readonly #listeners: ((event: MessageEvent) => void)[] = [];
  #tab: Tab | undefined;
  #isGone = false;

  constructor(asked: ToHost[]) {
    this.#asked = asked;
  }

  postMessage(message: unknown): void {
    const data = structuredClone(message) as ToHost;
    this.#asked.push(data);
    queueMicrotask(() => {
      if (this.#isGone) return;
      this.#tab ??= this.#start(data);
      this.#tab.receive(data);
    });
  }

  addEventListener(type: string, listener: (event: never) => void): void {
    if (type === 'message') this.#listeners.push(listener as (event: MessageEvent) => void);
  }

  terminate(): void {
    this.#isGone = true;
  }

  crash(): void {
    this.#tell({ event: 'crash', error: errorValue('WORKER_CRASHED', 'on purpose') });
  }

  #tell(message: FromHost): void {
    const data = structuredClone(message);
    queueMicrotask(() => {
      if (!this.#isGone) for (const listener of this.#listeners) listener({ data } as MessageEvent);
    });
  }

  #start({ call }: ToHost): Tab {
    if (call.op !== 'open') throw new Error(`the first call is ${call.op}`);
    const { options } = call;
    const tab = new Tab({
      name: options.name,
      locks: undefined,
      newChannel: () => ({ postMessage: () => undefined, close: () => undefined }) as never,
      newId,
      openHost: async () =>
        new StoreHost(await openStore(await newCore(), options, () => this.crash()), options, {
          transport: undefined,
          clock: { now: () => 0, after: () => () => undefined, random: () => 0 },
          defer: deferAfterMessages,
        }),
      toPage: (message) => this.#tell(message),
    });
    tab.start();
    return tab;
  }
}
