// The packed archive in a fresh app of each bundler, opened in real Chromium under a strict policy:
// the store opens, a write shows at once, nothing is missing and nothing complains.
import assert from 'node:assert/strict';
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import react from '@vitejs/plugin-react';
import { missing, serve, visit } from './support/page.mjs';
import { newApp } from './support/tarball.mjs';

async function addsARow(page) {
  await page.getByRole('button', { name: 'Add' }).click();
  await page.getByText('repository 1').waitFor();
  const { storage } = await page.evaluate(() => globalThis.twinstore.ready());
  assert.equal(storage, 'opfs');
}

function assertClean({ complaints, loaded }) {
  assert.deepEqual(complaints, []);
  const wasm = loaded.filter(({ url }) => url.includes('.wasm'));
  assert.deepEqual(wasm.map(({ type }) => type), ['application/wasm']);
}

function assertNothingInlined(folder) {
  for (const name of readdirSync(folder, { recursive: true })) {
    if (!name.endsWith('.js')) continue;
    const text = readFileSync(join(folder, name), 'utf8');
    assert.ok(!text.includes('data:application/wasm'), `${name} holds the module as text`);
    assert.ok(!/\bnew Function\b/.test(text.replaceAll(/"[^"]*"|`[^`]*`/g, '')), `${name} evaluates`);
  }
}

async function opens(folder) {
  assertNothingInlined(folder);
  const server = await serve(folder);
  try {
    assertClean(await visit(server.url, addsARow));
  } finally {
    server.close();
  }
}

test('Vite builds an app of it', { skip: missing }, async () => {
  const folder = newApp('vite', 'browser');
  const { build } = await import('vite');
  const said = [];
  const customLogger = { warn: (text) => said.push(text), error: (text) => said.push(text) };
  await build({
    root: folder,
    plugins: [react()],
    customLogger: { ...customLogger, info() {}, warnOnce: customLogger.warn, clearScreen() {}, hasErrorLogged: () => false, hasWarned: false },
    worker: { format: 'es' },
  });
  assert.deepEqual(said, []);
  await opens(join(folder, 'dist'));
});

test("Vite's development server serves it", { skip: missing }, async () => {
  const folder = newApp('vite-dev', 'browser');
  const { createServer } = await import('vite');
  const server = await createServer({ root: folder, logLevel: 'error', plugins: [react()], server: { port: 0, host: '127.0.0.1' } });
  try {
    await server.listen();
    assertClean(await visit(server.resolvedUrls.local[0], addsARow));
  } finally {
    await server.close();
  }
});

test('webpack builds an app of it', { skip: missing }, async () => {
  const folder = newApp('webpack', 'browser');
  const { default: webpack } = await import('webpack');
  const stats = await new Promise((done, fail) =>
    webpack(
      {
        context: folder,
        mode: 'production',
        entry: './main.js',
        output: { path: join(folder, 'dist'), filename: 'main.js', module: true },
        experiments: { outputModule: true },
        performance: { hints: false },
      },
      (error, found) => (error ? fail(error) : done(found)),
    ),
  );
  assert.deepEqual(stats.toJson().errors.map(({ message }) => message), []);
  assert.deepEqual(stats.toJson().warnings.map(({ message }) => message), []);
  writeFileSync(join(folder, 'dist/index.html'), readFileSync(join(folder, 'index.html')));
  copyFileSync(join(folder, 'public/icon.svg'), join(folder, 'dist/icon.svg'));
  await opens(join(folder, 'dist'));
});
