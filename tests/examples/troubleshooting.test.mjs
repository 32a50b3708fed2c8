// Each trouble that docs/troubleshooting.md names, made to happen and mended as the page says.
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Profile } from '../e2e/support/browser.mjs';
import { missing, repository } from '../e2e/support/paths.mjs';
import { ServerProcess } from '../e2e/support/server.mjs';
import { binary, noServer } from '../package/support/project.mjs';
import { blocksOf } from './support/documents.mjs';
import { inFolder, serve } from './support/server.mjs';

const words = readFileSync(repository('docs/troubleshooting.md'), 'utf8');

/** A process of another program that holds the write lock until it is told to end. */
async function lockedBy(database) {
  const script = `import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.read()`;
  const child = spawn('python3', ['-c', script, database], { stdio: ['pipe', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return async () => {
    const ended = once(child, 'exit');
    child.stdin.end();
    await ended;
  };
}

test('a write that another process locks out is 503 with Retry-After, and goes through after it', {
  skip: noServer,
}, () =>
  inFolder(async (folder) => {
    const server = await serve(folder, { query: '?timeout=0' });
    const end = await lockedBy(join(folder, 'my.db'));
    try {
      const [asked] = blocksOf('docs/troubleshooting.md').filter(({ language }) => language === 'sh');
      const curl = () => execFileSync('bash', ['-c', asked.text.replace(/http:\/\/[\d.:]+/, server.url)], { encoding: 'utf8', stdio: 'pipe' });
      const [printed] = blocksOf('docs/troubleshooting.md').filter(({ language }) => language === 'http');
      const said = curl();
      for (const line of printed.text.trim().split('\n')) {
        assert.ok(said.toLowerCase().includes(line.toLowerCase()), `${line}\n${said}`);
      }
      assert.match(said, /"code":"storage_busy"/);
      assert.equal((await server.ask('/persistence/stats')).body.rows.repositories, 0, 'reading goes on');
      await end();
      assert.match(curl(), /^HTTP\/1\.1 201/);
    } finally {
      await server.stop();
    }
  }));

test('a second server for one file is refused by name, and not after the first one crashed', {
  skip: noServer,
}, () =>
  inFolder(async (folder) => {
    const server = await serve(folder);
    const line = ['serve', '--listen', '127.0.0.1:0', '--db', server.database, '--web', server.files];
    const second = spawnSync(binary, line, { encoding: 'utf8' });
    assert.notEqual(second.status, 0);
    assert.match(second.stderr, /another twinstore \(process \d+\) is using .*my\.db/);
    assert.match(words, /another twinstore/);
    await server.stop('SIGKILL');
    await (await serve(folder)).stop();
  }));

test('a module that is answered with a page is WASM_LOAD, and the store opens once it is there', {
  skip: missing,
}, () =>
  inFolder(async (folder) => {
    const server = new ServerProcess(`sqlite:///${join(folder, 'my.db')}`);
    await server.start();
    const profile = await Profile.open({ serviceWorkers: 'block' });
    try {
      const html = { contentType: 'text/html', body: '<!doctype html>' };
      await profile.context.route('**/*.wasm', (route) => route.fulfill(html));
      const page = await profile.page(server.url);
      const said = await page.evaluate(() => globalThis.twinstore.ready().catch(({ code, message, hint }) => ({ code, message, hint })));
      assert.equal(said.code, 'WASM_LOAD');
      const [, printed] = words.match(/often with "([^"]+)"/);
      assert.ok(said.message.includes(printed), said.message);
      assert.match(said.hint, /`worker` and `wasmUrl`/);
      await profile.context.unroute('**/*.wasm');
      await page.reload();
      assert.equal((await page.evaluate(() => globalThis.twinstore.ready())).storage, 'opfs');
    } finally {
      await profile.close();
      await server.stop();
    }
  }));
