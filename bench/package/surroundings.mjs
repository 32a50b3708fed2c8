// What both groups that need the real server stand on: the built page, the server, and Chromium.
import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));
export const binary = join(root, 'build/native-release/bin/twinstore');
const { chromium } = createRequire(join(root, 'tests/e2e/package.json'))('playwright-core');
const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync'];

export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'], ...options });
    child.on('error', reject);
    child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`${command} ended with ${code}`))));
  });
}

export function buildPage() {
  return run('npx', ['vite', 'build', '--logLevel', 'error', '--config', join(root, 'bench/package/vite.config.mjs')], { cwd: join(root, 'web') });
}

/** Starts a server over the database file `db`; a port of the system's choice. */
export function serve(db) {
  const child = spawn(binary, ['serve', '--listen', '127.0.0.1:0', '--db', `sqlite:///${db}`,
    '--web', join(root, 'bench/package/dist'), '--log-level', 'warn'], { stdio: ['ignore', 'pipe', 'inherit'] });
  return new Promise((resolve, reject) => {
    child.on('exit', (code) => reject(new Error(`the server ended with ${code}`)));
    child.stdout.on('data', (data) => {
      const url = /listening on (\S+)/.exec(String(data))?.[1];
      const ended = new Promise((end) => child.once('exit', end));
      if (url) resolve({ url, stop: () => (child.kill('SIGTERM'), ended) });
    });
  });
}

/** A browser with a profile of its own below `folder`. */
export async function browse(url, folder) {
  const profile = mkdtempSync(join(folder, 'profile-'));
  const context = await chromium.launchPersistentContext(profile, { executablePath: '/usr/bin/chromium', args: flags });
  return {
    context,
    open: async () => {
      const page = await context.newPage();
      await page.goto(url);
      await page.waitForFunction(() => document.title === 'ready');
      return page;
    },
    close: () => context.close(),
  };
}

/** Calls a step of main.mjs in the page. */
export const call = (page, name, ...args) =>
  page.evaluate(([n, a]) => window.bench[n](...a), [name, args]);

export function percentile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}
export const median = (values) => percentile(values, 0.5);
