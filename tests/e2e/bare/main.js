// A page with nothing but a store: what a test asks of many tabs is asked here, without a screen.
import { createStore } from '/dist/client/index.js';

/** What a test listens to; it is there before the page is. */
const told = globalThis.told ?? (() => undefined);
let store;

/** A store, the first or another one in place of one whose worker is gone. */
globalThis.openStore = (options) => {
  store = createStore({ name: 'bare', sync: { url: '/' }, ...options });
  store.on('leader', ({ role }) => told('role', role));
  globalThis.twinstore = store;
};
globalThis.openStore();

let isWriting = false;

/**
 * Writes rows of its own, one after the other, until it is told to stop: each is one transaction
 * that also adds one to the count that all tabs share. Tells each one that was acknowledged.
 */
async function writeOn(name) {
  isWriting = true;
  for (let at = 0; isWriting; at += 1) {
    const cache_key = `${name}-${at}`;
    try {
      await store.transaction(async (tx) => {
        const table = tx.table('cache_entries');
        // Reading makes it last longer, so that what happens to the tab happens inside.
        await tx.sql`SELECT count(*) FROM cache_entries`;
        await table.insert({ cache_key, repo_id: 'tabs', size_bytes: at });
        await table.upsert({ cache_key: 'all', repo_id: 'tabs', hit_count: { increment: 1 } });
      });
      // Heard before the next one begins: more than a test can hear would keep the browser from it.
      await told('wrote', cache_key);
    } catch (error) {
      told('failed', `${cache_key}: ${error.code} ${error.message}`);
    }
  }
}

let writing = Promise.resolve();
globalThis.writer = {
  start: (name) => {
    writing = writeOn(name).catch((error) => told('failed', String(error)));
  },
  stop: async () => {
    isWriting = false;
    await writing;
  },
};
