#!/usr/bin/env node
// Measures the package in real Chromium against the real server.
//   node bench/package/run.mjs [--rounds N]     after scripts/build
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { branch, ROWS } from './data.mjs';
import { binary, browse, buildPage, call, median, root, run, serve } from './surroundings.mjs';

const rounds = Number(process.argv[process.argv.indexOf('--rounds') + 1]) || 3;
const WRITES = 500;
const QUERIES = 200;

async function measure(url, folder) {
  const browser = await browse(url, folder);
  let page = await browser.open();
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
  page = await browser.open();
  result.reopen_ms = await call(page, 'open', 'local', false);
  await call(page, 'close');
  await page.close();
  page = await browser.open();
  await call(page, 'open', 'synced', true);
  result.initial_sync_ms = await call(page, 'initialSync', ROWS);
  await browser.close();
  return result;
}

const folder = mkdtempSync(join(tmpdir(), 'twinstore-bench-'));
try {
  await buildPage();
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
  await server.stop();
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
