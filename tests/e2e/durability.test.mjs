import assert from 'node:assert/strict';
import { test } from 'node:test';
import { query, upToDate, waitForWords } from './support/page.mjs';
import { inBareWorld } from './support/bareWorld.mjs';
import { missing } from './support/paths.mjs';
import { randomFrom } from './support/random.mjs';
import { inWorld } from './support/world.mjs';

const isLong = process.env.TWINSTORE_LONG === '1';
const workerKills = isLong ? 500 : 100;
const browserKills = isLong ? 100 : 20;
const seed = Number(process.env.TWINSTORE_SEED ?? 20261);

/** Writes until the worker is ended after `count` answers; returns the keys that were acknowledged. */
function writeUntilKilled(page, round, count) {
  return page.evaluate(
    ([prefix, last]) =>
      new Promise((done) => {
        const acknowledged = [];
        const write = async (at) => {
          const cache_key = `${prefix}-${String(at).padStart(4, '0')}`;
          await globalThis.twinstore.table('cache_entries').insert({
            cache_key,
            repo_id: 'durability',
            path: `/${cache_key}`,
            size_bytes: at,
          });
          acknowledged.push(cache_key);
          if (acknowledged.length === last) {
            for (const worker of globalThis.startedWorkers) worker.terminate();
            done(acknowledged);
          }
        };
        // Several writers at once: the kill falls between answers and into writes under way.
        for (let writer = 0; writer < 4; ++writer) {
          (async () => {
            for (let at = writer; acknowledged.length < last; at += 4) await write(at);
          })().catch(() => undefined);
        }
      }),
    [`round-${round}`, count],
  );
}

async function keysOf(page) {
  const rows = await query(page, 'SELECT cache_key FROM cache_entries ORDER BY cache_key');
  return new Set(rows.map((row) => row.cache_key));
}

/** What the server has is what was acknowledged, each once. */
async function assertArrived(page, server, scope, acknowledged) {
  await page.evaluate(() => globalThis.twinstore.sync.waitForIdle());
  const stored = (await server.rows(scope)).cache_entries;
  const arrived = new Set(stored.map((row) => row.cache_key));
  assert.deepEqual([...acknowledged].filter((key) => !arrived.has(key)), [], `seed ${seed}`);
  assert.equal(arrived.size, stored.length, 'none is there twice');
}

test(`killing the worker in the middle of writes loses nothing acknowledged, ${workerKills} times`, {
  skip: missing,
}, (context) =>
  inBareWorld(async ({ server, browser }) => {
    const random = randomFrom(seed);
    const page = await browser.tab(server.url);
    const acknowledged = new Set();
    const opened = [];
    for (let round = 0; round < workerKills; ++round) {
      const count = 1 + Math.floor(random() * 60);
      for (const key of await writeUntilKilled(page, round, count)) acknowledged.add(key);
      if (round % 5 > 0) {
        await page.evaluate(() => globalThis.openStore());
      } else {
        await page.reload();
        await page.waitForFunction(() => globalThis.twinstore !== undefined);
      }
      opened.push(await page.evaluate(() => globalThis.twinstore.ready().then((info) => info.openMs)));
      const kept = await keysOf(page);
      const lost = [...acknowledged].filter((key) => !kept.has(key));
      assert.deepEqual(lost, [], `seed ${seed}, round ${round}`);
    }
    opened.sort((a, b) => a - b);
    context.diagnostic(
      `seed ${seed}: ${acknowledged.size} writes acknowledged; opened again in ` +
        `${Math.round(opened[opened.length >> 1])} ms (median), ${Math.round(opened.at(-1))} ms (longest)`,
    );
    await assertArrived(page, server, 'durability', acknowledged);
  }));

test(`killing the whole browser in the middle of writes loses nothing acknowledged, ${browserKills} times`, {
  skip: missing,
}, (context) =>
  inBareWorld(async ({ server, browser }) => {
    const random = randomFrom(seed);
    const acknowledged = new Set();
    let page;
    for (let round = 0; round < browserKills; ++round) {
      const least = 1 + Math.floor(random() * 200);
      const before = acknowledged.size;
      await new Promise((done, fail) => {
        const told = (what, words) => {
          if (what === 'failed') fail(new Error(words));
          if (what !== 'wrote') return;
          acknowledged.add(words);
          if (acknowledged.size - before >= least) done();
        };
        const start = async () => {
          page = await browser.tab(server.url, told);
          await page.evaluate((name) => globalThis.writer.start(name), `round${round}`);
        };
        start().catch(fail);
      });
      await browser.kill();
      await browser.start();
      page = await browser.tab(server.url);
      const kept = await keysOf(page);
      const lost = [...acknowledged].filter((key) => !kept.has(key));
      assert.deepEqual(lost, [], `seed ${seed}, round ${round}`);
      await page.close();
    }
    context.diagnostic(`seed ${seed}: ${acknowledged.size} writes acknowledged`);
    page = await browser.tab(server.url);
    await assertArrived(page, server, 'tabs', acknowledged);
  }));

test('killing the server during pushes loses nothing that was written', { skip: missing }, () =>
  inWorld(async (world) => {
    const profile = await world.profile();
    const page = await profile.page(world.server.url);
    await waitForWords(page, upToDate);
    const writing = page.evaluate(async () => {
      for (let at = 0; at < 400; ++at) {
        await globalThis.twinstore
          .table('cache_entries')
          .insert({ cache_key: `push-${at}`, repo_id: 'pushes', hit_count: 1 });
      }
    });
    for (let round = 0; round < 5; ++round) {
      await page.waitForFunction(
        (least) =>
          globalThis.twinstore
            .sql(Object.assign(['SELECT count(*) AS n FROM cache_entries'], { raw: [''] }))
            .then(([row]) => row.n >= least),
        round * 70,
      );
      await world.server.stop('SIGKILL');
      await world.server.start();
    }
    await writing;
    await waitForWords(page, upToDate);
    const stored = (await world.server.rows('pushes')).cache_entries;
    assert.equal(stored.length, 400);
    assert.ok(stored.every((row) => row.hit_count === 1), 'no increment was applied twice');
    assert.deepEqual(world.complaints, []);
  }));
