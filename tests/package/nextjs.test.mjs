// The recipe for Next.js, followed as it is printed: installed, built, started, opened in Chromium, and
// its rows at the server. Only in the long run: Next.js is 340 MB, and builds for a minute.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { repository } from '../e2e/support/paths.mjs';
import { openBrowser } from './support/page.mjs';
import { noServer, serveAs } from './support/project.mjs';
import { filesOf, writeFiles } from './support/recipe.mjs';
import { tarball } from './support/tarball.mjs';

const isShort = process.env.TWINSTORE_LONG !== '1' && 'only with --long: Next.js is large';
const env = { ...process.env, NODE_ENV: undefined, NEXT_TELEMETRY_DISABLED: '1' };

/** A port that nobody has, as the address of the pages must be known before they are built. */
async function freePort() {
  const server = createServer();
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

/** What is printed, in a folder where nothing else is found: Next.js does not look above its own. */
function newProject(recipe) {
  const folder = mkdtempSync(join(tmpdir(), 'twinstore-next-'));
  writeFiles(folder, recipe);
  // Without one the browser's question for an icon would be a complaint.
  writeFileSync(join(folder, 'app/icon.svg'), '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"/>');
  cpSync(repository('tests/package/apps/nextjs/package.json'), join(folder, 'package.json'));
  const words = ['install', '--no-audit', '--no-fund', '--prefer-offline', tarball.path];
  execFileSync('npm', words, { cwd: folder, stdio: 'pipe' });
  return folder;
}

/** Starts the built app, and waits until it says that it is ready. */
async function start(folder, port) {
  const words = ['node_modules/next/dist/bin/next', 'start', '--port', String(port)];
  const child = spawn(process.execPath, words, { cwd: folder, env, stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.includes('Ready in')) return child;
  }
  throw new Error('Next.js ended');
}

test('nextjs: the app that is printed is built and opened, and its rows reach the server', {
  skip: noServer || isShort,
}, async () => {
  const recipe = filesOf('nextjs.md');
  const folder = newProject(recipe);
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  const line = recipe['serve.sh'].replace('http://localhost:3000', origin);
  assert.notEqual(line, recipe['serve.sh']);
  const server = await serveAs(line, folder);
  const config = join(folder, 'next.config.mjs');
  writeFileSync(config, readFileSync(config, 'utf8').replace('http://127.0.0.1:8787', server.url));
  const browsers = [await openBrowser(), await openBrowser()];
  let next;
  try {
    execFileSync('npx', ['next', 'build'], { cwd: folder, env, stdio: 'pipe' });
    next = await start(folder, port);
    const [mine, theirs] = await Promise.all(browsers.map(({ open }) => open(origin)));
    await mine.getByRole('button', { name: 'Add' }).click();
    await mine.getByText('branch 1').waitFor();
    // By the live connection, through Next.js.
    await theirs.getByText('branch 1').waitFor();
    const { branches } = await (await fetch(`${server.url}/persistence/branches/me%2Fapp`)).json();
    assert.deepEqual(branches.map(({ name }) => name), ['branch 1']);
    assert.deepEqual(browsers.flatMap(({ complaints }) => complaints), []);
    const wasm = browsers[0].loaded.filter(({ url }) => url.includes('.wasm'));
    assert.deepEqual(wasm.map(({ type }) => type), ['application/wasm']);
  } finally {
    for (const browser of browsers) await browser.close();
    next?.kill();
    await server.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
});
