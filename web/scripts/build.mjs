// Builds the package into dist/: JavaScript by tsdown, types by tsc, style sheets as they are, and
// the WebAssembly modules as the C++ build left them.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { web, whenChanged } from './whenChanged.mjs';

const wasm = fileURLToPath(new URL('../../build/wasm-release/', import.meta.url));
const modules = ['twinstore', 'twinstore_authority'].flatMap((name) => [
  `${name}.js`,
  `${name}.wasm`,
]);

const missing = modules.find((name) => !existsSync(`${wasm}${name}`));
if (missing !== undefined) {
  console.error(`build: build/wasm-release/${missing} is missing; run scripts/build wasm first`);
  process.exit(1);
}
const run = (tool, ...words) =>
  execFileSync(process.execPath, [`${web}node_modules/${tool}`, ...words], {
    cwd: web,
    stdio: 'inherit',
  });
function copy(from, to) {
  mkdirSync(dirname(to), { recursive: true });
  cpSync(from, to);
}

const inputs = [
  'src',
  'scripts',
  'package.json',
  'package-lock.json',
  'tsdown.config.ts',
  ...['base.', '', 'testing.', 'worker.'].map((name) => `tsconfig.${name}json`),
  ...modules.map((name) => `../build/wasm-release/${name}`),
  '../LICENSE',
];
whenChanged('dist', inputs, () => {
  rmSync(`${web}dist`, { recursive: true, force: true });
  run('tsdown/dist/run.mjs', '--log-level', 'error');
  run('typescript/bin/tsc', '--emitDeclarationOnly');
  run('typescript/bin/tsc', '--emitDeclarationOnly', '-p', 'tsconfig.testing.json');
  // npm packs what stands beside package.json, and no link to it.
  copy(`${web}../LICENSE`, `${web}LICENSE`);
  for (const name of modules) copy(`${wasm}${name}`, `${web}dist/wasm/${name}`);
  for (const name of readdirSync(`${web}src`, { recursive: true })) {
    if (name.endsWith('.css')) copy(`${web}src/${name}`, `${web}dist/${name}`);
  }
});
