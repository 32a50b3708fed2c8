/** The dedicated worker of one page. Its first message is the call `open`. */
import type { StoreError } from '../client/storeError.js';
import { toErrorValue } from './errorValue.js';
import { newId } from '../client/newId.js';
import type { OpenOptions } from '../client/options.js';
import { loadCore } from './loadCore.js';
import type { FromHost, ToHost } from './messages.js';
import { openStore } from './openStore.js';
import { StoreHost } from './storeHost.js';
import { createTransport } from './syncTransport.js';
import { browserClock, deferAfterMessages } from './surroundings.js';
import { Tab } from './tab.js';
import { Tokens } from './tokens.js';

let tab: Tab | undefined;

self.onmessage = ({ data }: MessageEvent<ToHost>) => {
  if (!tab && data.call.op === 'open') {
    tab = startTab(data.call.options);
    tab.start();
  }
  tab?.receive(data);
};

function startTab(options: OpenOptions): Tab {
  return new Tab({
    name: options.name,
    locks: navigator.locks as LockManager | undefined,
    newChannel: (name) => new BroadcastChannel(name),
    newId,
    openHost: (isPaused) => openHost(continued(options, isPaused)),
    toPage,
  });
}

/** Pausing is the store's, not the tab's: who leads next goes on as it was. */
function continued(options: OpenOptions, isPaused: boolean | undefined): OpenOptions {
  if (isPaused === undefined || !options.sync) return options;
  return { ...options, sync: { ...options.sync, isPaused } };
}

async function openHost(options: OpenOptions): Promise<StoreHost> {
  const core = await loadCore(options.wasmUrl);
  const tokens = options.sync?.hasToken ? new Tokens(browserClock.after) : undefined;
  return new StoreHost(await openStore(core, options, crash), options, {
    transport: options.sync ? createTransport(options.sync.url, tokens) : undefined,
    tokens,
    clock: browserClock,
    defer: deferAfterMessages,
  });
}

/** The module's memory cannot be trusted any more: the page starts another worker. */
function crash(error: StoreError): void {
  toPage({ event: 'crash', error: toErrorValue(error) });
  self.close();
}

function toPage(message: FromHost, transfer: Transferable[] = []): void {
  self.postMessage(message, { transfer });
}
