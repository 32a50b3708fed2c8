#!/usr/bin/env node
// Measures the package beside the stores that one would otherwise pick, on the same work in one
// Chromium. The harness and the other stores are the reference folder's; its README says what each
// row is.
//   node bench/browser/run.mjs [--rounds N] [--only NAME,…] [--work W3,…]     after scripts/build
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const peers = process.env.TWINSTORE_PEERS ?? join(root, '../shared/bench/peers');
const option = (name, otherwise) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? otherwise : process.argv[at + 1];
};

if (!existsSync(peers)) {
  console.log(`bench: browser skipped: the other stores are not there (${peers})`);
  process.exit(0);
}

// The package as it is published, beside the bundle of the adapter.
const fixed = join(root, 'bench/browser/ours/static');
const dist = join(root, 'web/dist');
rmSync(fixed, { recursive: true, force: true });
mkdirSync(fixed, { recursive: true });
for (const folder of ['worker', 'wasm']) {
  cpSync(join(dist, folder), join(fixed, folder), {
    recursive: true,
    // The authority is the testing kit's: no page of an app loads it.
    filter: (path) => !path.endsWith('.d.ts') && !path.includes('twinstore_authority'),
  });
}
for (const name of readdirSync(dist).filter((file) => file.endsWith('.js'))) {
  cpSync(join(dist, name), join(fixed, name));
}

// A copy: what is installed and written there is not the reference's business.
const harness = join(root, 'build/bench-peers');
mkdirSync(harness, { recursive: true });
cpSync(peers, harness, { recursive: true, filter: (path) => !path.includes('node_modules') });
const run = (command, ...words) =>
  execFileSync(command, words, { cwd: harness, stdio: 'inherit' });
if (!existsSync(join(harness, 'node_modules'))) run('npm', 'ci', '--no-audit', '--no-fund');
run(
  process.execPath,
  ...['run.mjs', '--extra', join(root, 'bench/browser/ours')],
  ...['--only', option('only', 'ours,dexie,dexie-strict,sqlite-wasm-walfull,wa-sqlite-walfull')],
  ...['--rounds', option('rounds', '3'), '--out', join(root, 'bench/results/browser.json')],
  ...(option('work') ? ['--work', option('work')] : []),
);
