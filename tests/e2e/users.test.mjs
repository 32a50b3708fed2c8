// Several users of one browser, one after the other: files, outbox and device of each are apart.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inBareWorld } from './support/bareWorld.mjs';
import { query } from './support/page.mjs';
import { missing } from './support/paths.mjs';

/** Opens the store of a user; paused, nothing is exchanged until it is told to. */
const open = (page, user, isPaused = false) =>
  page.evaluate(([name, autoStart]) => globalThis.openStore({ user: name, sync: { url: '/', autoStart } }), [
    user,
    !isPaused,
  ]);
const insert = (page, cache_key) =>
  page.evaluate(
    (key) => globalThis.twinstore.table('cache_entries').insert({ cache_key: key, repo_id: 'users' }),
    cache_key,
  );
const status = (page) =>
  page.evaluate(async () => {
    await globalThis.twinstore.sql`SELECT 1`;
    return globalThis.twinstore.sync.status.getSnapshot().data;
  });

/** Every file of the origin that holds the text, by its path. */
function filesWith(page, text) {
  return page.evaluate(async (wanted) => {
    const found = [];
    const look = async (folder, path) => {
      for await (const [name, handle] of folder.entries()) {
        const inner = `${path}/${name}`;
        if (handle.kind === 'directory') await look(handle, inner);
        else if ((await (await handle.getFile()).text()).includes(wanted)) found.push(inner);
      }
    };
    await look(await navigator.storage.getDirectory(), '');
    return found;
  }, text);
}

test("a user's unsent writes wait for that user, and nobody else sees or sends them", {
  skip: missing,
}, () =>
  inBareWorld(async ({ server, browser }) => {
    const page = await browser.tab(server.url);
    await open(page, 'ada@example.org', true);
    await insert(page, 'of-ada');
    const ada = await status(page);
    assert.equal(ada.pendingUploads, 1);
    await page.evaluate(() => globalThis.twinstore.close());

    await open(page, 'ben@example.org');
    assert.deepEqual(await query(page, 'SELECT cache_key FROM cache_entries'), []);
    const ben = await status(page);
    assert.equal(ben.pendingUploads, 0);
    assert.notEqual(ben.clientId, ada.clientId);
    await insert(page, 'of-ben');
    await page.evaluate(() => globalThis.twinstore.sync.now());
    const arrived = (await server.rows('users')).cache_entries.map((row) => row.cache_key);
    assert.deepEqual(arrived, ['of-ben']);
    await page.evaluate(() => globalThis.twinstore.close());

    await open(page, 'ada@example.org');
    await page.evaluate(() => globalThis.twinstore.sync.now());
    const both = (await server.rows('users')).cache_entries.map((row) => row.cache_key);
    assert.deepEqual(both.toSorted(), ['of-ada', 'of-ben']);
  }));

test('a logout removes every file of the user, in all tabs, and leaves those of others', {
  skip: missing,
}, () =>
  inBareWorld(async ({ server, browser }) => {
    const canary = 'canary-7f3a91';
    const page = await browser.tab(server.url);
    await open(page, 'ben');
    await insert(page, 'of-ben');
    await page.evaluate(() => globalThis.twinstore.close());
    await open(page, 'ada');
    await insert(page, canary);
    const other = await browser.tab(server.url);
    await open(other, 'ada');
    await query(other, 'SELECT 1');
    // The other tab hears of it, and its own calls are refused from then on.
    const heard = other.evaluate(
      () => new Promise((done) => globalThis.twinstore.on('wiped', () => done('wiped'))),
    );
    assert.notDeepEqual(await filesWith(page, 'SQLite format'), []);
    await page.evaluate(() => globalThis.twinstore.wipe());
    assert.equal(await heard, 'wiped');
    const refusal = await other.evaluate(() =>
      globalThis.twinstore.sql`SELECT 1`.then(
        () => 'answered',
        ({ code }) => code,
      ),
    );
    assert.equal(refusal, 'CLOSED');
    assert.deepEqual(await filesWith(page, canary), []);
    const left = await page.evaluate(async () => {
      const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle('twinstore');
      return (await Array.fromAsync(folder.keys())).toSorted();
    });
    assert.deepEqual(left, ['bare@ben']);

    await open(page, 'ada');
    assert.equal((await status(page)).pendingUploads, 0);
    await open(page, 'ben');
    assert.deepEqual(
      (await query(page, 'SELECT cache_key FROM cache_entries ORDER BY 1')).map((row) => row.cache_key).includes('of-ben'),
      true,
    );
  }));
