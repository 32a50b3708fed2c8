// A database file that is damaged on the disk: what can be read is kept, the rest comes back from
// the server, and what waits to be sent is sent.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inBareWorld } from './support/bareWorld.mjs';
import { query } from './support/page.mjs';
import { missing } from './support/paths.mjs';

/** Another worker, in place of one that was ended; what waits is not sent yet. */
const reopen = (page) =>
  page.evaluate(async () => {
    for (const worker of globalThis.startedWorkers) worker.terminate();
    globalThis.openStore({ sync: { url: '/', autoStart: false } });
    globalThis.warned = new Promise((done) => globalThis.twinstore.on('storage-warning', done));
    await globalThis.twinstore.ready();
  });
const insert = (page, name, count) =>
  page.evaluate(
    async ([prefix, last]) => {
      const table = globalThis.twinstore.table('cache_entries');
      for (let at = 0; at < last; at += 1) {
        const cache_key = `${prefix}-${at}`;
        await table.insert({ cache_key, repo_id: 'damage', path: cache_key.repeat(30) });
      }
    },
    [name, count],
  );
/** Counts the rows themselves: an index may be whole where they are not. */
const countOf = async (page, name) =>
  (await query(page, 'SELECT count(path) AS n FROM cache_entries WHERE cache_key LIKE ?', `${name}-%`))[0].n;

/**
 * Ends the page's worker and writes over a page of rows that came from the server. The log goes as
 * well: it still has what was copied into the database when the store was opened.
 */
function damage(page) {
  return page.evaluate(async () => {
    for (const worker of globalThis.startedWorkers) worker.terminate();
    const root = await navigator.storage.getDirectory();
    const folder = await (await root.getDirectoryHandle('twinstore')).getDirectoryHandle('bare');
    const [header, pageBytes, leaf] = [4096, 4096, 10];
    const overwrite = async (file, at, length) => {
      for (;;) {
        try {
          const writable = await file.createWritable({ keepExistingData: true });
          await writable.write({ type: 'write', position: at, data: new Uint8Array(length).fill(0xa5) });
          return await writable.close();
        } catch (error) {
          // The worker's handles are given back a moment after it ended.
          if (error.name !== 'NoModificationAllowedError') throw error;
          await new Promise((done) => setTimeout(done, 5));
        }
      }
    };
    let damaged = 0;
    for await (const file of folder.values()) {
      const bytes = new Uint8Array(await (await file.getFile()).arrayBuffer());
      const text = new TextDecoder('latin1').decode(bytes);
      if (text.startsWith('7\x7f\x06', header)) await overwrite(file, header, 32);
      if (!text.startsWith('SQLite format 3', header)) continue;
      for (let at = header; at < bytes.length; at += pageBytes) {
        const content = text.slice(at, at + pageBytes);
        if (bytes[at] !== leaf || !content.includes('came-') || content.includes('waiting-')) continue;
        await overwrite(file, at, pageBytes);
        damaged += 1;
        break;
      }
    }
    return damaged;
  });
}

test('of a damaged file all that waited is sent, and all that was lost comes back', { skip: missing }, () =>
  inBareWorld(async ({ server, browser }) => {
    const page = await browser.tab(server.url);
    await insert(page, 'came', 300);
    await page.evaluate(() => globalThis.twinstore.sync.waitForIdle());
    await page.evaluate(() => globalThis.twinstore.sync.pause());
    await insert(page, 'waiting', 20);
    await reopen(page);
    assert.equal(await countOf(page, 'came'), 300);
    assert.equal(await damage(page), 1);

    // The query that meets the damage is answered all the same, by the next worker.
    await reopen(page);
    const left = await countOf(page, 'came');
    const warning = await page.evaluate(() => globalThis.warned);
    assert.equal(warning.kind, 'repaired');
    assert.ok(left < 300 && left > 100, `${left} rows could be read`);
    assert.equal(await countOf(page, 'waiting'), 20);
    assert.equal(
      await page.evaluate(() => globalThis.twinstore.sync.status.getSnapshot().data.pendingUploads),
      20,
    );

    await page.evaluate(() => globalThis.twinstore.sync.resume());
    await page.evaluate(() => globalThis.twinstore.sync.waitForIdle());
    assert.equal(await countOf(page, 'came'), 300);
    const stored = (await server.rows('damage')).cache_entries;
    assert.equal(stored.length, 320, 'each once');
    // It is an ordinary store again.
    await page.reload();
    await page.waitForFunction(() => globalThis.twinstore !== undefined);
    assert.equal(await countOf(page, 'waiting'), 20);
  }));
