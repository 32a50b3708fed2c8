// A browser that keeps no files, as some do in private windows: the worker finds no OPFS.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inBareWorld } from './support/bareWorld.mjs';
import { query, upToDate, waitForWords } from './support/page.mjs';
import { missing } from './support/paths.mjs';
import { inWorld } from './support/world.mjs';

/** Every worker of the context starts as in a browser whose OPFS refuses. */
async function withoutFiles(context) {
  await context.route(/\/worker[^/]*\.js$/, async (route) => {
    const answer = await route.fetch();
    const refuse = `navigator.storage.getDirectory = async () => {
      throw new DOMException('Security error when calling GetDirectory', 'SecurityError');
    };\n`;
    await route.fulfill({ response: answer, body: refuse + (await answer.text()) });
  });
}

test('without files the store says that it is in memory, and works', { skip: missing }, () =>
  inBareWorld(async ({ server, browser }) => {
    await withoutFiles(browser.context);
    const page = await browser.tab(server.url);
    const opened = await page.evaluate(async () => {
      const { twinstore } = globalThis;
      const warned = new Promise((done) => twinstore.on('storage-warning', done));
      const { storage, durability, persisted } = await twinstore.ready();
      return { storage, durability, persisted, warning: await warned };
    });
    assert.deepEqual(opened, {
      storage: 'memory',
      durability: 'memory',
      persisted: false,
      warning: { kind: 'memory-fallback', reason: opened.warning.reason },
    });
    assert.match(opened.warning.reason, /OPFS/);
    await page.evaluate(() =>
      globalThis.twinstore.table('cache_entries').insert({ cache_key: 'a', repo_id: 'memory' }),
    );
    assert.deepEqual(await query(page, 'SELECT cache_key FROM cache_entries'), [{ cache_key: 'a' }]);
    await page.evaluate(() => globalThis.twinstore.sync.waitForIdle());
    assert.equal((await server.rows('memory')).cache_entries.length, 1);
    assert.equal(await page.evaluate(() => globalThis.twinstore.persist()), false);

    const refusal = await page.evaluate(() => {
      globalThis.openStore({ name: 'files', storage: 'opfs' });
      return globalThis.twinstore.ready().catch(({ code, hint }) => ({ code, hint }));
    });
    assert.equal(refusal.code, 'STORAGE_UNAVAILABLE');
    assert.match(refusal.hint, /private mode/);
  }));

test('without files the app says so in words, before anything is lost', { skip: missing }, () =>
  inWorld(async (world) => {
    const profile = await world.profile({ serviceWorkers: 'block' });
    await withoutFiles(profile.context);
    const page = await profile.page(world.server.url);
    await page.getByRole('alert').getByText('Nothing is kept on this device.').waitFor();
    await waitForWords(page, upToDate);
  }));
