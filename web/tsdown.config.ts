import { readFileSync } from 'node:fs';
import { defineConfig, type UserConfig } from 'tsdown';
import packageJson from './package.json' with { type: 'json' };

const worker = 'worker/worker';
const shellWorker = 'sw/shellWorker';
// Loaded when they are needed, each with the library that it is about inside.
const lazyParts = { 'ui/textDiff': 'diff', 'ui/trendChart': 'uplot' };
const licence = (library: string) =>
  `/*! ${library}\n${readFileSync(`node_modules/${library}/LICENSE`, 'utf8')}*/`;

// What package.json names is what is built: dist/NAME.js from src/NAME.ts.
const entries = [...Object.values(packageJson.exports), ...Object.values(packageJson.bin)]
  .map((target) => (typeof target === 'string' ? target : target.default))
  .flatMap((path) => /^\.\/dist\/(?!wasm\/)(.+)\.js$/.exec(path)?.[1] ?? []);

// Types come from tsc: a bundler of declarations is not needed.
const common: UserConfig = {
  outDir: 'dist',
  format: 'esm',
  target: 'es2022',
  dts: false,
  sourcemap: false,
  minify: 'dce-only',
  hash: false,
  // build.mjs empties the folder: the two parts below are built at once.
  clean: false,
};
const sourceOf = (name: string) => [name, `src/${name}.ts`];

export default defineConfig([
  // One file for each source: relative addresses of the worker and the module stay what they are,
  // and what two entries share, such as React's context, is there once.
  {
    ...common,
    entry: Object.fromEntries(entries.filter((name) => name !== worker).map(sourceOf)),
    platform: 'neutral',
    unbundle: true,
    deps: { neverBundle: [/wasm\/.*\.js$/, /(textDiff|trendChart)\.js$/, /^node:/] },
  },
  ...Object.entries(lazyParts).map(([name, library]) => ({
    ...common,
    entry: Object.fromEntries([sourceOf(name)]),
    platform: 'browser' as const,
    deps: { alwaysBundle: [library] },
    banner: { js: licence(library) },
  })),
  // One file, for pages without a bundler; the module's glue finds twinstore.wasm beside itself.
  {
    ...common,
    // A folder of its own: addresses of what is not bundled are kept relative to it.
    outDir: 'dist/worker',
    entry: { worker: `src/${worker}.ts` },
    platform: 'browser',
    deps: { neverBundle: [/wasm\/twinstore\.js$/] },
  },
  // A classic script, into which sw/build.js writes an app's files.
  {
    ...common,
    entry: Object.fromEntries([sourceOf(shellWorker)]),
    format: 'iife',
    platform: 'browser',
    outputOptions: { entryFileNames: '[name].js' },
  },
]);
