#!/usr/bin/env node
// Measures synchronising between real browsers through the real server, both sides durable, beside
// what RxDB and Yjs do in memory (the reference folder's sync part; left out where it is absent).
//   node bench/sync/run.mjs [--rounds N] [--skip-peers]     after scripts/build
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { branch, ROWS } from '../package/data.mjs';
import { binary, browse, buildPage, call, median, percentile, root, run, serve } from '../package/surroundings.mjs';
import { relay } from './countingProxy.mjs';

const rounds = Number(process.argv[process.argv.indexOf('--rounds') + 1]) || 3;
const PUSHED = 10_000;
const CHANGED = 1_000;
const CHANGE_MARK = 123_456;
const LATENCIES = 200;

/** A fresh client of the server at `url`, level with it. */
async function joinServer(url, folder) {
  const browser = await browse(url, folder);
  const page = await browser.open();
  const opening = performance.now();
  await call(page, 'open', 'synced', true);
  await call(page, 'initialSync', ROWS);
  return { browser, page, ms: performance.now() - opening };
}

async function round(db, folder) {
  const server = await serve(db);
  const a = await joinServer(server.url, folder);
  const b = await joinServer(server.url, folder);
  const result = { initial_ms: median([a.ms, b.ms]) };

  await call(a.page, 'pause');
  await call(a.page, 'writeEach', 'owner/pushed', 0, PUSHED, 1);
  const pushed = call(b.page, 'untilRows', 'owner/pushed', PUSHED);
  const pushStart = await call(a.page, 'resume');
  await call(a.page, 'idle');
  result.push_server_ms = performance.timeOrigin + performance.now() - pushStart;
  result.push_ms = (await pushed) - pushStart;

  await call(b.page, 'pause');
  await call(a.page, 'writeEach', '', 0, CHANGED, CHANGE_MARK);
  await call(a.page, 'idle');
  const caughtUp = call(b.page, 'untilChanged', CHANGE_MARK, CHANGED);
  result.catch_up_ms = -(await call(b.page, 'resume')) + (await caughtUp);
  await call(b.page, 'idle');

  const latencies = [];
  for (let i = 1; i <= LATENCIES; i++) {
    const arrival = call(b.page, 'untilWritten', i);
    const start = await call(a.page, 'writeOne', i);
    latencies.push((await arrival) - start);
  }
  result.lat = { p50: median(latencies), p99: percentile(latencies, 0.99), n: LATENCIES };
  await a.browser.close();
  await b.browser.close();
  await server.stop();
  return result;
}

/** What an initial sync takes on the wire; the page's own files come from the browser's cache. */
async function wireBytes(db, folder, isCompressed) {
  const server = await serve(db);
  const between = await relay(server.url, isCompressed);
  const browser = await browse(between.url, folder);
  const page = await browser.open();
  await call(page, 'open', 'local', false);
  await call(page, 'close');
  const { up, down } = between.counts;
  await call(page, 'open', 'synced', true);
  await call(page, 'initialSync', ROWS);
  const bytes = { up: between.counts.up - up, down: between.counts.down - down };
  await browser.close();
  between.close();
  await server.stop();
  return bytes;
}

function measurePeers() {
  const peers = process.env.TWINSTORE_PEERS ?? join(root, '../shared/bench/peers');
  if (process.argv.includes('--skip-peers') || !existsSync(peers)) {
    console.log(`bench: the peers' sync is skipped (${peers})`);
    return {};
  }
  const harness = join(root, 'build/bench-peers');
  cpSync(peers, harness, { recursive: true, filter: (path) => !path.includes('node_modules') });
  const inside = (command, ...words) =>
    execFileSync(command, words, { cwd: join(harness, 'sync'), stdio: 'inherit' });
  if (!existsSync(join(harness, 'sync/node_modules'))) {
    inside('npm', 'ci', '--legacy-peer-deps', '--no-audit', '--no-fund');
  }
  inside(process.execPath, 'run.mjs', '--only', 'yjs,rxdb', '--rounds', String(rounds),
    '--rows', String(ROWS), '--push', String(PUSHED));
  return JSON.parse(readFileSync(join(harness, 'results/sync.json'), 'utf8'));
}

const folder = mkdtempSync(join(tmpdir(), 'twinstore-bench-'));
try {
  await buildPage();
  const data = join(folder, 'data');
  mkdirSync(data);
  const lines = Array.from({ length: ROWS }, (_, i) => JSON.stringify(branch(i)));
  writeFileSync(join(data, 'branches.jsonl'), lines.join('\n'));
  const load = loadavg()[0];
  const runs = [];
  const bytes = {};
  for (let number = 1; number <= rounds; number++) {
    console.error(`bench: sync, round ${number} of ${rounds}`);
    const db = join(folder, `sync-${number}.db`);
    await run(binary, ['import', 'jsonl', data, '--db', `sqlite:///${db}`], { stdio: 'ignore' });
    if (number === 1) {
      bytes.compressed = await wireBytes(db, folder, true);
      bytes.plain = await wireBytes(db, folder, false);
    }
    runs.push(await round(db, folder));
  }
  const ours = {
    name: 'Twinstore',
    note: 'two Chromium profiles (OPFS, WAL, synchronous=FULL), native server (SQLite, WAL, synchronous=FULL)',
    runs, errors: [],
  };
  const stores = { ours, ...measurePeers() };
  const report = {
    date: new Date().toISOString(),
    machine: { cpu: cpus()[0].model, cores: cpus().length, node: process.version, load },
    rows: ROWS, pushed: PUSHED, changed: CHANGED, bytes, stores,
  };
  const results = join(root, 'bench/results');
  mkdirSync(results, { recursive: true });
  writeFileSync(join(results, 'sync.json'), `${JSON.stringify(report, null, 1)}\n`);
  const of = (store, take) => {
    const values = store.runs.map(take).filter((value) => value !== undefined);
    return values.length === 0 ? undefined : median(values);
  };
  const show = (value, digits = 0) => value?.toFixed(digits) ?? '–';
  const table = [
    ['store', 'rounds', `${ROWS} rows to a fresh client, ms`, 'rows/s', `${PUSHED} offline writes to the other client, ms`, `${CHANGED} changed rows, ms`, 'A→B p50, ms', 'p99, ms', 'kept where'],
    ['---', ...Array.from({ length: 7 }, () => '--:'), '---'],
    ...Object.values(stores).map((store) => {
      const initial = of(store, (r) => r.initial_ms);
      return [store.name, store.runs.length, show(initial), show(initial && (ROWS / initial) * 1000),
        show(of(store, (r) => r.push_ms)), show(of(store, (r) => r.catch_up_ms)),
        show(of(store, (r) => r.lat.p50), 1), show(of(store, (r) => r.lat.p99), 1), store.note ?? store.errors[0]];
    }),
  ].map((row) => `| ${row.join(' | ')} |`);
  const kB = ({ down }) => `${Math.round(down / 1000).toLocaleString('en')} kB`;
  const text = [...table, '', `The initial sync on the wire: ${kB(bytes.compressed)} compressed, ${kB(bytes.plain)} not.`].join('\n');
  writeFileSync(join(results, 'sync.md'), `${text}\n`);
  console.log(text);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
