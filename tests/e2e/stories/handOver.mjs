import assert from 'node:assert/strict';
import { query, roleOf, upToDate, waitForWords } from '../support/page.mjs';

/** The leading tab closes amid another tab's writes: all are answered, none is done twice. */
export async function handOver(world) {
  const profile = await world.profile();
  const first = await profile.page(world.server.url);
  await waitForWords(first, upToDate);
  const second = await profile.page(world.server.url);
  await waitForWords(second, upToDate);
  assert.deepEqual(await Promise.all([first, second].map(roleOf)), ['leader', 'follower']);
  const hits = 300;
  const writing = second.evaluate(async (count) => {
    const table = globalThis.twinstore.table('cache_entries');
    const hit = () =>
      table.upsert({ cache_key: 'hits', repo_id: 'hits', hit_count: { increment: 1 } });
    await hit();
    await Promise.all(Array.from({ length: count - 1 }, hit));
  }, hits);
  await first.close();
  await writing;
  assert.equal(await roleOf(second), 'leader');
  await waitForWords(second, upToDate);
  const counted = await query(second, "SELECT hit_count FROM cache_entries WHERE repo_id = 'hits'");
  assert.deepEqual(counted, [{ hit_count: hits }]);
  const stored = (await world.server.rows('hits')).cache_entries;
  assert.deepEqual(stored.map((row) => row.hit_count), [hits]);
  assert.deepEqual(world.complaints, []);
}
