// What run.mjs calls in the page. Every step goes through the public package, as an app does.
import { createStore } from 'twinstore';
import { branch, ROWS } from './data.mjs';

const TRANSACTION_ROWS = 5_000;
const NEWEST = 'SELECT * FROM branches WHERE repo_id = ? ORDER BY last_commit_at DESC LIMIT 100';

let store = null;

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
function percentile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}
async function timed(work) {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
/** Wall clock with parts of a millisecond: two pages of one machine agree on it. */
const wallClock = () => performance.timeOrigin + performance.now();
/** Resolves when `n` of the first row of a query is at least `wanted`, with the time it was. */
function until(query, wanted) {
  const live = store.live(query);
  return new Promise((resolve, reject) => {
    let stop = () => undefined;
    const take = () => {
      const { data, error } = live.getSnapshot();
      if (error) reject(error);
      if (!data || data.length === 0 || data[0].n < wanted) return;
      resolve(wallClock());
      queueMicrotask(() => stop());
    };
    stop = live.subscribe(take);
    take();
  });
}
function newest(repo) {
  return store.sql(Object.assign(NEWEST.split('?'), { raw: [] }), repo);
}

window.bench = {
  /** Worker, module, files and a first query. */
  async open(name, sync) {
    return timed(async () => {
      store = createStore({ name, sync: sync ? { url: '/' } : false });
      await store.ready();
      await newest('owner/repo-0');
    });
  },
  async info() {
    return store.ready();
  },
  async bulkLoad() {
    return timed(async () => {
      for (let from = 0; from < ROWS; from += TRANSACTION_ROWS) {
        await store.transaction((tx) => {
          const table = tx.table('branches');
          for (let i = from; i < from + TRANSACTION_ROWS; i++) void table.insert(branch(i));
        });
      }
    });
  },
  async writes(count) {
    const times = [];
    const table = store.table('branches');
    for (let i = 0; i < count; i++) {
      times.push(await timed(() => table.upsert({ ...branch(i), repo_id: 'owner/written' })));
    }
    return { p50: median(times), p99: percentile(times, 0.99), total: times.reduce((a, b) => a + b) };
  },
  async indexedQuery(count) {
    const times = [];
    for (let i = 0; i < count; i++) {
      let rows = [];
      times.push(await timed(async () => {
        rows = await newest(`owner/repo-${i % 100}`);
      }));
      if (rows.length !== 100 || !Array.isArray(rows[0].tags)) throw new Error('a wrong result');
    }
    return { p50: median(times), p99: percentile(times, 0.99) };
  },
  async scan() {
    let rows = [];
    const ms = await timed(async () => {
      rows = await store.sql`SELECT * FROM branches`;
    });
    return { ms, rows: rows.length };
  },
  async initialSync(rows) {
    return timed(async () => {
      await store.sync.waitForIdle();
      const [{ n }] = await store.sql`SELECT count(*) AS n FROM branches`;
      if (n !== rows) throw new Error(`${n} rows arrived instead of ${rows}`);
    });
  },
  pause: () => store.sync.pause(),
  /** Returns the time of the order. */
  resume() {
    const at = wallClock();
    store.sync.resume();
    return at;
  },
  idle: () => store.sync.waitForIdle(),
  /** `count` transactions of one row each, from row `from` on, of `repo` unless ""; resolves when all are on the disk here. */
  async writeEach(repo, from, count, ahead) {
    const table = store.table('branches');
    // A repository of its own has rows of its own: the names of `branch` repeat from one to the next.
    const own = (i) => (repo ? { repo_id: repo, name: `branch-${i}` } : {});
    const one = (i) => table.upsert({ ...branch(i), ...own(i), ahead });
    for (let at = from; at < from + count; at += 500) {
      await Promise.all(Array.from({ length: Math.min(500, from + count - at) }, (_, i) => one(at + i)));
    }
  },
  /** Returns the time of the call. */
  async writeOne(i) {
    const at = wallClock();
    await store.table('branches').upsert({ ...branch(0), repo_id: 'owner/latency', ahead: i });
    return at;
  },
  untilRows: (repo, rows) =>
    until(store.sql`SELECT count(*) AS n FROM branches WHERE repo_id = ${repo}`, rows),
  untilChanged: (ahead, rows) =>
    until(store.sql`SELECT count(*) AS n FROM branches WHERE ahead = ${ahead}`, rows),
  untilWritten: (i) =>
    until(store.sql`SELECT ahead AS n FROM branches WHERE repo_id = ${'owner/latency'}`, i),
  async close() {
    await store.close();
    store = null;
  },
};
document.title = 'ready';
