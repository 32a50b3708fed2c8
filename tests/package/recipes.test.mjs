// Each file that a recipe prints, used as the recipe says.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { missing, openBrowser, policy, serve, visit } from './support/page.mjs';
import { compiled, noServer, output, serveAs } from './support/project.mjs';
import { filesOf, writeFiles } from './support/recipe.mjs';
import { newApp, run } from './support/tarball.mjs';

/** Where an app, or this folder, has the commands of its packages. */
const bin = (folder = fileURLToPath(new URL('.', import.meta.url))) => join(folder, 'node_modules/.bin');

test('own-schema, vite: two browsers share a to-do list that was served as printed', { skip: noServer }, async () => {
  const recipe = filesOf('own-schema.md');
  const lines = [recipe['schema.ts'], recipe['App.tsx'], recipe['main.tsx']].join('').split('\n');
  assert.ok(lines.length < 85, `${lines.length} lines`);
  assert.ok(recipe['App.tsx'].split('\n').length < 60);
  const folder = compiled('todo', { ...recipe, ...filesOf('vite.md') });
  run('vite/bin/vite.js', ['build', '--logLevel', 'error'], folder);
  await output(folder, 'write-schema.mjs');
  const server = await serveAs(recipe['serve.sh'], folder);
  const browsers = [await openBrowser(), await openBrowser()];
  try {
    const [mine, theirs] = await Promise.all(browsers.map(({ open }) => open(server.url)));
    await mine.getByLabel('New').fill('Milk');
    await mine.getByRole('button', { name: 'Add' }).click();
    await theirs.getByLabel('Milk').click();
    await mine.locator('input[type=checkbox]:checked').waitFor();
    await mine.getByText('0 to upload').waitFor();
    assert.deepEqual(browsers.flatMap(({ complaints }) => complaints), []);
  } finally {
    for (const browser of browsers) await browser.close();
    server.stop();
  }
});

test('offline: the page opens without a server, and a newer version waits for a word', { skip: missing }, async () => {
  const files = { ...filesOf('offline.md'), ...filesOf('vite.md') };
  const folder = compiled('offline', files);
  const build = () => execFileSync('sh', ['build.sh'], { cwd: folder, env: { ...process.env, PATH: `${bin(folder)}:${bin()}:${process.env.PATH}`, NODE_ENV: undefined } });
  build();
  const dist = join(folder, 'dist');
  const server = await serve(dist);
  const browser = await openBrowser();
  try {
    const page = await browser.open(server.url);
    await page.getByRole('button', { name: 'Add' }).click();
    await page.getByText('repository 1').waitFor();
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));

    server.close();
    await page.reload();
    await page.getByText('repository 1').waitFor();
    assert.equal(await page.getByRole('status').count(), 0);
    assert.deepEqual(browser.complaints, []);

    writeFileSync(join(folder, 'main.tsx'), files['main.tsx'].replace('>Add<', '>Add one<'));
    build();
    await server.open();
    await page.reload();
    await page.getByRole('button', { name: 'Load it' }).click();
    await page.getByRole('button', { name: 'Add one' }).waitFor();
    await page.getByText('repository 1').waitFor();
    assert.deepEqual(browser.complaints, []);
  } finally {
    await browser.close();
    server.close();
  }
});

test('tanstack-query: what the server says of rows is asked for again after they arrived', { skip: noServer }, async () => {
  const { 'main.tsx': main, 'serve.sh': line } = filesOf('own-schema.md');
  const folder = compiled('beside', { ...filesOf('tanstack-query.md'), ...filesOf('vite.md'), 'main.tsx': main });
  run('vite/bin/vite.js', ['build', '--logLevel', 'error'], folder);
  const server = await serveAs(line.replace('--schema schema.json ', ''), folder);
  const browser = await openBrowser();
  try {
    const page = await browser.open(server.url);
    await page.getByText('0 on the server').waitFor();
    await page.getByRole('button', { name: 'Add' }).click();
    await page.getByText('1 here').waitFor();
    await page.getByText('1 on the server').waitFor();
    assert.deepEqual(browser.complaints, []);
  } finally {
    await browser.close();
    await server.stop();
  }
});

test('webpack: a worker that is copied is found', { skip: missing }, async () => {
  const folder = newApp('copied', 'browser');
  writeFiles(folder, filesOf('webpack.md'));
  const opener = "import { store } from './store.js'; globalThis.twinstore = store;";
  writeFileSync(join(folder, 'main.js'), opener);
  const { default: webpack } = await import('webpack');
  const { default: config } = await import(join(folder, 'webpack.config.mjs'));
  const output = { ...config.output, path: join(folder, 'dist') };
  const stats = await new Promise((done, fail) =>
    webpack({ ...config, context: folder, output }, (error, found) => (error ? fail(error) : done(found))),
  );
  assert.deepEqual(stats.toJson({ errors: true }).errors, []);
  const dist = join(folder, 'dist');
  writeFileSync(join(dist, 'index.html'), readFileSync(join(folder, 'index.html')));
  cpSync(join(folder, 'public'), dist, { recursive: true });
  cpSync(join(folder, 'node_modules/twinstore/dist'), join(dist, 'twinstore'), { recursive: true });
  const server = await serve(dist);
  try {
    const { complaints } = await visit(server.url, async (page) => {
      const { storage } = await page.evaluate(() => globalThis.twinstore.ready());
      assert.equal(storage, 'opfs');
    });
    assert.deepEqual(complaints, []);
  } finally {
    server.close();
  }
});

test('server-rendering: a server renders the pending state', async () => {
  const folder = compiled('rendered', filesOf('server-rendering.md'));
  assert.equal(await output(folder, 'render.tsx'), '<p>Loading…</p>\n');
});

test('nextjs: the app that is printed compiles', () => {
  compiled('nextjs', filesOf('nextjs.md'));
});

test('users: the module that is printed compiles', () => {
  compiled('users', filesOf('users.md'));
});

test('tokens: the module that is printed compiles', () => {
  compiled('tokens', filesOf('tokens.md'));
});

test('csp: the built apps are opened under the policy that is printed', () => {
  assert.equal(filesOf('csp.md').policy.trim(), policy);
});

test('tests: the tests that are printed pass', () => {
  const folder = compiled('tested', filesOf('tests.md'));
  run('vitest/vitest.mjs', ['run', '--root', folder, '--reporter', 'json', '--outputFile', 'said.json'], folder);
  const { numPassedTests } = JSON.parse(readFileSync(join(folder, 'said.json'), 'utf8'));
  assert.equal(numPassedTests, 4);
});
