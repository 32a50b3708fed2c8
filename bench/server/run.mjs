#!/usr/bin/env node
// Measures a server over SQLite and over PostgreSQL beside the raw limits of both.
//   node bench/server/run.mjs [--rounds N] [--rows N]
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const option = (name, otherwise) =>
  process.argv.includes(name) ? Number(process.argv[process.argv.indexOf(name) + 1]) : otherwise;
const rounds = option('--rounds', 3);
const rows = option('--rows', 64_000);

execFileSync('cmake', ['--build', 'build/native-release', '--target', 'twinstore_server_bench'], {
  cwd: root,
  stdio: ['ignore', 'ignore', 'inherit'],
});
const binary = join(root, 'build/native-release/bin/twinstore_server_bench');
const measured = (...words) =>
  JSON.parse(execFileSync(binary, [...words, '--rows', String(rows)], { encoding: 'utf8' }));

function inFolder(work) {
  const folder = mkdtempSync(join(tmpdir(), 'twinstore-bench-'));
  try {
    return work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The median of each number, wherever it stands. */
function medians(values) {
  if (typeof values[0] === 'number') return values.toSorted((a, b) => a - b)[values.length >> 1];
  if (values[0] === null || typeof values[0] !== 'object') return values[0];
  return Object.fromEntries(
    Object.keys(values[0]).map((name) => [name, medians(values.map((value) => value[name]))]),
  );
}

const sqlite = [];
const postgres = [];
for (let round = 0; round < rounds; ++round) {
  sqlite.push(inFolder((folder) => measured('sqlite', folder)));
  postgres.push(measured('postgres'));
}
const report = {
  date: new Date().toISOString(),
  machine: { cpu: cpus()[0].model, cores: cpus().length },
  rounds,
  sqlite: medians(sqlite),
  postgres: medians(postgres),
};
const results = join(root, 'bench/results');
mkdirSync(results, { recursive: true });
writeFileSync(join(results, 'server.json'), `${JSON.stringify(report, null, 2)}\n`);

const whole = (number) => Math.round(number).toLocaleString('en-US');
const line = (name, of, part, raw) => [
  name,
  whole(of[part].rows_per_second),
  whole(of.raw[raw]),
  of.ratio[part].toFixed(2),
  of[part].server_cpu_us_per_row.toFixed(1),
];
const table = [
  ['work', 'rows/s', 'raw, rows/s', 'ratio', 'server CPU, µs/row'],
  ['---', '--:', '--:', '--:', '--:'],
  ...[
    ['SQLite', report.sqlite],
    ['PostgreSQL', report.postgres],
  ].flatMap(([name, of]) => [
    line(`${name}: a row a push, 64 pushers`, of, 'single', 'single_rows_per_second'),
    line(`${name}: 1,000 rows a push`, of, 'batch', 'batch_rows_per_second'),
    line(`${name}: pulls`, of, 'pull', 'read_rows_per_second'),
  ]),
];
const text = [
  ...table.map((row) => `| ${row.join(' | ')} |`),
  '',
  `4 KiB flushed: ${whole(report.sqlite.flushes_per_second)}/s. p99 of pushes while 100,000 rows are cleaned up, against alone: ` +
    `SQLite ${report.sqlite.cleanup.p99_ratio.toFixed(2)}, PostgreSQL ${report.postgres.cleanup.p99_ratio.toFixed(2)}.`,
].join('\n');
writeFileSync(join(results, 'server.md'), `${text}\n`);
console.log(text);
