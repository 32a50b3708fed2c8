#!/usr/bin/env node
// Measures the engine's stages without a browser: microseconds a row, in memory and in files.
//   node bench/native/run.mjs [--rounds N]
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROWS = 50_000;
const root = fileURLToPath(new URL('../..', import.meta.url));
const rounds = Number(process.argv[process.argv.indexOf('--rounds') + 1]) || 3;

execFileSync('cmake', ['--build', 'build/native-release', '--target', 'twinstore_bench'], {
  cwd: root,
  stdio: ['ignore', 'ignore', 'inherit'],
});
const binary = join(root, 'build/native-release/bin/twinstore_bench');
const measure = (...words) =>
  JSON.parse(execFileSync(binary, [String(ROWS), String(rounds), ...words], { encoding: 'utf8' }));
const folder = mkdtempSync(join(tmpdir(), 'twinstore-bench-'));
try {
  const report = {
    date: new Date().toISOString(),
    machine: { cpu: cpus()[0].model, cores: cpus().length },
    memory: measure(),
    files: measure(folder),
  };
  const results = join(root, 'bench/results');
  mkdirSync(results, { recursive: true });
  writeFileSync(join(results, 'native.json'), `${JSON.stringify(report, null, 2)}\n`);
  const stages = Object.keys(report.files).filter((name) => name.endsWith('_us'));
  const rows = stages.map((name) => [
    name.replace(/_us$/, '').replaceAll('_', ' '),
    report.memory[name]?.toFixed(1) ?? '',
    report.files[name].toFixed(1),
  ]);
  const table = [['stage, µs a row', 'in memory', 'in files'], ['---', '--:', '--:'], ...rows];
  const text = table.map((row) => `| ${row.join(' | ')} |`).join('\n');
  writeFileSync(join(results, 'native.md'), `${text}\n`);
  console.log(text);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
