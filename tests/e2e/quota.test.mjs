// A full disk, as Chromium plays it: over quota a write to a file answers with a huge number.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inBareWorld } from './support/bareWorld.mjs';
import { Line } from './support/line.mjs';
import { query } from './support/page.mjs';
import { missing } from './support/paths.mjs';

const mebibyte = 1_048_576;

/** Inserts rows of `bytes` until one is refused; returns how many were not, and what refused. */
function fill(page, prefix, bytes) {
  return page.evaluate(
    async ([name, length]) => {
      const table = globalThis.twinstore.table('cache_entries');
      for (let at = 0; ; at += 1) {
        try {
          const cache_key = `${name}-${at}`;
          await table.insert({ cache_key, repo_id: 'quota', path: 'x'.repeat(length) });
        } catch ({ code, retryable, hint }) {
          return { written: at, refusal: { code, retryable, hint } };
        }
      }
    },
    [prefix, bytes],
  );
}

const count = async (page) => (await query(page, 'SELECT count(*) AS n FROM cache_entries'))[0].n;

for (const mebibytes of [1, 2, 5]) {
  test(`a disk that is full at ${mebibytes} MiB refuses a write, loses none, and goes on when there is room`, {
    skip: missing,
  }, (context) =>
    inBareWorld(async ({ server, browser }) => {
      const page = await browser.tab(server.url);
      await page.evaluate(() => globalThis.twinstore.ready());
      const session = await browser.context.newCDPSession(page);
      const allow = (quotaSize) =>
        session.send('Storage.overrideQuotaForOrigin', { origin: server.url, quotaSize });
      await allow(mebibytes * mebibyte);

      let written = 0;
      // The smaller the row, the closer to the edge.
      for (const bytes of [20_000, 2_000, 10]) {
        const filled = await fill(page, `of${bytes}`, bytes);
        written += filled.written;
        assert.deepEqual(filled.refusal, {
          code: 'STORAGE_FULL',
          retryable: true,
          hint: 'Free some space for this site. Reading goes on.',
        });
      }
      context.diagnostic(`${written} rows were written`);
      assert.ok(written > 0);
      assert.equal(await count(page), written, 'it can still be read');
      await page.reload();
      await page.waitForFunction(() => globalThis.twinstore !== undefined);
      assert.equal(await count(page), written, 'also by a store that opens on the full disk');

      await allow(50 * mebibyte);
      await page.evaluate(() =>
        globalThis.twinstore.table('cache_entries').insert({ cache_key: 'after', repo_id: 'quota' }),
      );
      await page.evaluate(() => globalThis.twinstore.sync.waitForIdle());
      await page.reload();
      await page.waitForFunction(() => globalThis.twinstore !== undefined);
      assert.equal(await count(page), written + 1);
      const stored = (await server.rows('quota')).cache_entries;
      assert.equal(stored.length, written + 1);
    }));
}

const hitsOf = (rows) => rows?.find(({ cache_key }) => cache_key === 'hits')?.hit_count;

test('a push whose answer finds the disk full is neither lost nor done twice', { skip: missing }, () =>
  inBareWorld(async ({ server, browser }) => {
    const line = await new Line().open(server.url);
    try {
      const page = await browser.tab(line.url);
      const hit = () =>
        page.evaluate(() =>
          globalThis.twinstore
            .table('cache_entries')
            .upsert({ cache_key: 'hits', repo_id: 'quota', hit_count: { increment: 1 } }),
        );
      const untilIdle = () => page.evaluate(() => globalThis.twinstore.sync.waitForIdle());
      const atServer = async () => (await server.rows('quota')).cache_entries;
      await hit();
      await untilIdle();
      line.hold();
      await hit();
      while (hitsOf(await atServer()) !== 2) await page.waitForTimeout(20);

      const session = await browser.context.newCDPSession(page);
      const allow = (quotaSize) =>
        session.send('Storage.overrideQuotaForOrigin', { origin: line.url, quotaSize });
      await allow(2 * mebibyte);
      let written = 1;
      for (const bytes of [20_000, 2_000, 10]) written += (await fill(page, `of${bytes}`, bytes)).written;
      line.release();
      // It is said why the rest waits.
      await page.waitForFunction(async () => {
        const { waiting } = await globalThis.twinstore.sync.status.preload();
        return waiting?.code === 'STORAGE_FULL';
      });
      assert.equal(await count(page), written);

      await allow(50 * mebibyte);
      await page.evaluate(() => globalThis.twinstore.sync.now());
      await untilIdle();
      for (const rows of [await atServer(), await query(page, 'SELECT * FROM cache_entries')]) {
        assert.equal(rows.length, written);
        assert.equal(hitsOf(rows), 2);
      }
    } finally {
      line.close();
    }
  }));
