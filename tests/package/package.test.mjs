// What the archive holds and how large it is, and what a stranger's tools say about it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { build } from 'vite';
import { newApp, run, tarball } from './support/tarball.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const web = fileURLToPath(new URL('../../web/', import.meta.url));
const packageJson = JSON.parse(readFileSync(join(web, 'package.json'), 'utf8'));

/** Bytes on the wire. The browser's share of each entry is what a bundler makes of it. */
const limits = {
  react: 5_000,
  ui: 13_000,
  'ui/styles.css': 4_000,
  devtools: 4_000,
  'devtools/panel': 12_000,
  'ui/textDiff': 4_000,
  'ui/trendChart': 25_000,
  'ui/RejectedList': 2_000,
  client: 8_000,
  worker: 25_000,
  wasm: 450_000,
};

const gzipped = (bytes) => gzipSync(bytes, { level: 9 }).length;
const brotlied = (bytes) =>
  brotliCompressSync(bytes, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24 },
  }).length;

/** One entry with everything it imports, but what `external` names, minified. */
async function bundle(entry, external = []) {
  const { output } = await build({
    configFile: false,
    logLevel: 'silent',
    build: {
      write: false,
      minify: true,
      rolldownOptions: { input: entry, external, preserveEntrySignatures: 'strict' },
    },
    worker: { format: 'es' },
  });
  const chunks = output.filter(({ type }) => type === 'chunk').map(({ code }) => code);
  return { chunks: Buffer.from(chunks.join('\n')), assets: output.filter(({ type }) => type === 'asset') };
}

function assertBelow(name, size) {
  console.log(`${name}: ${size} of ${limits[name]} bytes`);
  assert.ok(size < limits[name], `${name} has ${size} bytes; ${limits[name]} are allowed`);
}

test('the archive holds what the sources make, and nothing else', () => {
  const extra = tarball.files.map(({ path }) => path).filter((path) => {
    const [, name] = /^dist\/(.+?)(\.d\.ts|\.js|\.css)$/.exec(path) ?? [];
    const sources = ['.ts', '.tsx', '.css', '.d.ts'].map((suffix) => join(web, 'src', name + suffix));
    if (name !== undefined && sources.some(existsSync)) return false;
    return !['package.json', 'LICENSE'].includes(path) && !/^dist\/wasm\/twinstore(_authority)?\.wasm$/.test(path);
  });
  assert.deepEqual(extra, []);
});

test('it comes with its licence', () => {
  const held = readFileSync(join(newApp('licence', 'server'), 'node_modules/twinstore/LICENSE'), 'utf8');
  assert.equal(held, readFileSync(join(web, '../LICENSE'), 'utf8'));
});

test('it depends on nothing at run time, and what it exports is there', () => {
  assert.equal(packageJson.dependencies, undefined);
  const held = new Set(tarball.files.map(({ path }) => `./${path}`));
  for (const [name, target] of Object.entries(packageJson.exports)) {
    for (const path of typeof target === 'string' ? [target] : Object.values(target)) {
      assert.ok(held.has(path), `${name} is ${path}, which is not in the archive`);
    }
  }
});

test('publint has nothing to say', () => {
  const said = run('publint/src/cli.js', ['--strict', tarball.path], here);
  assert.match(said, /All good!/);
});

test('its types resolve for those who import it', () => {
  const typeless = Object.entries(packageJson.exports)
    .filter(([, target]) => typeof target === 'string')
    .map(([name]) => name);
  run(
    '@arethetypeswrong/cli/dist/index.js',
    [tarball.path, '--profile', 'esm-only', '--exclude-entrypoints', ...typeless],
    here,
  );
});

test("a stranger's strict project compiles, library files included", () => {
  run('typescript/bin/tsc', ['-p', '.'], newApp('stranger'));
});

test('a server renders it, and starts nothing', () => {
  const folder = newApp('server');
  const said = JSON.parse(execFileSync(process.execPath, ['main.mjs'], { cwd: folder, encoding: 'utf8' }));
  assert.equal(said.html, '<p>pending initializing</p>');
  assert.deepEqual(said.complaints, []);
  assert.deepEqual(said.handles.filter((name) => /Worker|Timeout|MessagePort/.test(name)), []);
});

test("the testing kit runs in a stranger's tests", () => {
  const folder = newApp('testing');
  execFileSync(process.execPath, ['--test', 'store.test.mjs'], { cwd: folder, encoding: 'utf8' });
});

test('each part stays below its size', async () => {
  const dist = join(newApp('sizes', 'server'), 'node_modules/twinstore/dist');
  const isReact = /^(react|react-dom)(\/|$)/;
  const client = await bundle(join(dist, 'client/index.js'), [isReact]);
  assertBelow('client', gzipped(client.chunks));
  const isOutside = (id) => isReact.test(id) || id.includes('/client/');
  assertBelow('react', gzipped((await bundle(join(dist, 'react/index.js'), isOutside)).chunks));
  const isOfUi = (id) => isOutside(id) || /\/react\/|\/(textDiff|trendChart|RejectedList)\.js$/.test(id);
  assertBelow('ui', gzipped((await bundle(join(dist, 'ui/index.js'), isOfUi)).chunks));
  const isOfDevtools = (id) => isOfUi(id) || /\/panel\//.test(id);
  assertBelow('devtools', gzipped((await bundle(join(dist, 'devtools/index.js'), isOfDevtools)).chunks));
  const panel = await bundle(join(dist, 'devtools/panel/Panel.js'), isOfUi);
  assertBelow('devtools/panel', gzipped(panel.chunks));
  for (const part of ['ui/textDiff', 'ui/trendChart']) {
    assertBelow(part, gzipped((await bundle(join(dist, `${part}.js`))).chunks));
  }
  const isBeside = (id) => isOutside(id) || /\/react\/|^\.\/(?!RejectedList)/.test(id);
  const rejected = await bundle(join(dist, 'ui/RejectedList.js'), isBeside);
  assertBelow('ui/RejectedList', gzipped(rejected.chunks));
  assertBelow('ui/styles.css', gzipped(readFileSync(join(dist, 'ui/styles.css'))));
  assertBelow('worker', gzipped((await bundle(join(dist, 'worker/worker.js'))).chunks));
  assertBelow('wasm', brotlied(readFileSync(join(dist, 'wasm/twinstore.wasm'))));
});
