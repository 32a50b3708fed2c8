// Builds the package into dist/: JavaScript by tsdown, types by tsc, and the WebAssembly module as
// the C++ build left it.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const web = fileURLToPath(new URL('..', import.meta.url));
const wasm = fileURLToPath(new URL('../../build/wasm-release/', import.meta.url));

if (!existsSync(`${wasm}twinstore.wasm`)) {
  console.error(
    'build: build/wasm-release/twinstore.wasm is missing; run scripts/build wasm first',
  );
  process.exit(1);
}
const run = (tool, ...words) =>
  execFileSync(process.execPath, [`${web}node_modules/${tool}`, ...words], {
    cwd: web,
    stdio: 'inherit',
  });
run('tsdown/dist/run.mjs', '--log-level', 'warn');
run('typescript/bin/tsc', '--emitDeclarationOnly');
mkdirSync(`${web}dist/wasm`, { recursive: true });
for (const name of ['twinstore.js', 'twinstore.wasm']) {
  cpSync(`${wasm}${name}`, `${web}dist/wasm/${name}`);
}
