#!/usr/bin/env node
// Measures the package in real Chromium against the real server.
//   node bench/package/run.mjs [--rounds N]     after scripts/build
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { branch, ROWS } from './data.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { chromium } = createRequire(join(root, 'tests/e2e/package.json'))('playwright-core');
const binary = join(root, 'build/native-release/bin/twinstore');
const rounds = Number(process.argv[process.argv.indexOf('--rounds') + 1]) || 3;
const WRITES = 500;
const QUERIES = 200;
const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync'];

function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'], ...options });
    child.on('error', reject);
    child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`${command} ended with ${code}`))));
  });
}

function serve(db) {
  const child = spawn(binary, ['serve', '--listen', '127.0.0.1:0', '--db', `sqlite:///${db}`,
    '--web', join(root, 'bench/package/dist'), '--log-level', 'warn'], { stdio: ['ignore', 'pipe', 'inherit'] });
  return new Promise((resolve, reject) => {
    child.on('exit', (code) => reject(new Error(`the server ended with ${code}`)));
    child.stdout.on('data', (data) => {
      const url = /listening on (\S+)/.exec(String(data))?.[1];
      if (url) resolve({ url, stop: () => child.kill('SIGTERM') });
    });
  });
}

function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

async function measure(url, folder) {
  const profile = mkdtempSync(join(folder, 'profile-'));
  const context = await chromium.launchPersistentContext(profile, { executablePath: '/usr/bin/chromium', args: flags });
  const open = async () => {
    const page = await context.newPage();
    await page.goto(url);
    await page.waitForFunction(() => document.title === 'ready');
    return page;
  };
  const call = (page, name, ...args) => page.evaluate(([n, a]) => window.bench[n](...a), [name, args]);
  let page = await open();
  const result = { cold_open_ms: await call(page, 'open', 'local', false) };
  const info = await call(page, 'info');
  if (info.durability !== 'opfs') throw new Error('the store is not durable here');
  result.bulk_load_ms = await call(page, 'bulkLoad');
  const query = await call(page, 'indexedQuery', QUERIES);
  result.indexed_query_p50_ms = query.p50;
  result.scan_ms = (await call(page, 'scan')).ms;
  const writes = await call(page, 'writes', WRITES);
  result.write_p50_ms = writes.p50;
  result.write_p99_ms = writes.p99;
  await call(page, 'close');
  await page.close();
  page = await open();
  result.reopen_ms = await call(page, 'open', 'local', false);
  await call(page, 'close');
  await page.close();
  page = await open();
  await call(page, 'open', 'synced', true);
  result.initial_sync_ms = await call(page, 'initialSync', ROWS);
  await context.close();
  return result;
}

const folder = mkdtempSync(join(tmpdir(), 'twinstore-bench-'));
try {
  await run('npx', ['vite', 'build', '--logLevel', 'error', '--config', join(root, 'bench/package/vite.config.mjs')], { cwd: join(root, 'web') });
  const data = join(folder, 'data');
  mkdirSync(data);
  writeFileSync(join(data, 'branches.jsonl'), Array.from({ length: ROWS }, (_, i) => JSON.stringify(branch(i))).join('\n'));
  const db = join(folder, 'bench.db');
  await run(binary, ['import', 'jsonl', data, '--db', `sqlite:///${db}`], { stdio: 'ignore' });
  const server = await serve(db);
  const all = [];
  for (let round = 1; round <= rounds; round++) {
    console.error(`bench: package, round ${round} of ${rounds}`);
    all.push(await measure(server.url, folder));
  }
  server.stop();
  const wasm = readFileSync(join(root, 'web/dist/wasm/twinstore.wasm'));
  const medians = Object.fromEntries(Object.keys(all[0]).map((key) => [key, median(all.map((r) => r[key]))]));
  const report = {
    date: new Date().toISOString(),
    machine: { cpu: cpus()[0].model, cores: cpus().length, node: process.version },
    rows: ROWS, writes: WRITES, rounds: all, medians,
    wasm_bytes: { raw: wasm.length, gzip: gzipSync(wasm, { level: 9 }).length, brotli: brotliCompressSync(wasm).length },
  };
  const results = join(root, 'bench/results');
  mkdirSync(results, { recursive: true });
  writeFileSync(join(results, 'package.json'), `${JSON.stringify(report, null, 2)}\n`);
  const rate = (ms) => `${Math.round(ROWS / (ms / 1000)).toLocaleString('en')} rows/s`;
  const m = medians;
  const table = [
    ['work', `median of ${rounds}`, ''],
    ['---', '--:', '---'],
    ['cold start: worker, module, files, first query', `${m.cold_open_ms.toFixed(0)} ms`, ''],
    [`reopen with ${ROWS.toLocaleString('en')} rows, first query`, `${m.reopen_ms.toFixed(0)} ms`, ''],
    [`load ${ROWS.toLocaleString('en')} branches`, `${m.bulk_load_ms.toFixed(0)} ms`, rate(m.bulk_load_ms)],
    [`awaited durable write, p50 / p99 of ${WRITES}`, `${m.write_p50_ms.toFixed(2)} / ${m.write_p99_ms.toFixed(2)} ms`, ''],
    ['indexed query of 100 rows, p50', `${m.indexed_query_p50_ms.toFixed(2)} ms`, ''],
    [`all ${ROWS.toLocaleString('en')} rows to objects`, `${m.scan_ms.toFixed(0)} ms`, rate(m.scan_ms)],
    [`initial sync of ${ROWS.toLocaleString('en')} rows`, `${m.initial_sync_ms.toFixed(0)} ms`, rate(m.initial_sync_ms)],
    ['twinstore.wasm, raw / gzip / brotli', `${['raw', 'gzip', 'brotli'].map((k) => `${Math.round(report.wasm_bytes[k] / 1000)}`).join(' / ')} kB`, ''],
  ];
  const text = table.map((row) => `| ${row.join(' | ')} |`).join('\n');
  writeFileSync(join(results, 'package.md'), `${text}\n`);
  console.log(text);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
