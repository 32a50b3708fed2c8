import assert from 'node:assert/strict';
import { test } from 'node:test';
import { query, upToDate, waitForWords } from './support/page.mjs';
import { missing } from './support/paths.mjs';
import { inWorld } from './support/world.mjs';

const rounds = 20;

/** mulberry32: the same seed kills at the same moments. */
function randomFrom(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

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

test(`killing the worker in the middle of writes loses nothing acknowledged, ${rounds} times`, {
  skip: missing,
}, () =>
  inWorld(async (world) => {
    const seed = Number(process.env.TWINSTORE_SEED ?? 20261);
    const random = randomFrom(seed);
    const profile = await world.profile();
    const page = await profile.page(world.server.url);
    await waitForWords(page, upToDate);
    const acknowledged = new Set();
    for (let round = 0; round < rounds; ++round) {
      const count = 1 + Math.floor(random() * 60);
      for (const key of await writeUntilKilled(page, round, count)) acknowledged.add(key);
      await page.reload();
      const rows = await query(page, 'SELECT cache_key FROM cache_entries ORDER BY cache_key');
      const kept = new Set(rows.map((row) => row.cache_key));
      const lost = [...acknowledged].filter((key) => !kept.has(key));
      assert.deepEqual(lost, [], `seed ${seed}, round ${round}`);
    }
    await waitForWords(page, upToDate);
    const stored = (await world.server.rows('durability')).cache_entries;
    const arrived = new Set(stored.map((row) => row.cache_key));
    assert.deepEqual([...acknowledged].filter((key) => !arrived.has(key)), [], `seed ${seed}`);
    assert.equal(arrived.size, stored.length, 'none is there twice');
    assert.deepEqual(world.complaints, []);
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
