// What the tests of the VFS run: the module of vfs_driver.cpp, and the pool compiled from TypeScript.
// TWINSTORE_VFS_DRIVER and TWINSTORE_TSC point elsewhere for who built by hand.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');

function findDriver() {
  const found = [
    process.env.TWINSTORE_VFS_DRIVER,
    join(root, 'build/wasm-debug/bin/twinstore_vfs_driver.mjs'),
    join(root, 'build/wasm-release/bin/twinstore_vfs_driver.mjs'),
  ].find((path) => path !== undefined && existsSync(path));
  if (!found) throw new Error('build the target twinstore_vfs_driver of a wasm preset first');
  return found;
}

const sources = [
  ...['worker/accessHandle', 'worker/handlePool', 'worker/opfsFolder', 'worker/poolHeader'],
  'testing/nodeHandlePool',
];

/** Compiles the pool into build/ when it is older than its sources, and returns the folder. */
function compilePool() {
  const out = join(root, 'build/vfs-tests');
  const changedMs = (path) => (existsSync(path) ? statSync(path).mtimeMs : 0);
  const isFresh = sources.every(
    (name) =>
      changedMs(join(out, `${name}.js`)) > changedMs(join(root, 'web/src', `${name}.ts`)),
  );
  if (isFresh) return out;
  const tsc = process.env.TWINSTORE_TSC ?? join(root, 'web/node_modules/.bin/tsc');
  mkdirSync(out, { recursive: true });
  writeFileSync(join(out, 'package.json'), '{"type":"module"}\n');
  execFileSync(
    tsc,
    [
      ...['--ignoreConfig', '--outDir', out, '--rootDir', join(root, 'web/src'), '--strict'],
      ...['--target', 'es2022', '--module', 'es2022', '--moduleResolution', 'bundler', '--lib', 'es2022,dom,dom.asynciterable'],
      ...['--noUncheckedIndexedAccess', '--exactOptionalPropertyTypes', '--types', 'node'],
      ...['--typeRoots', join(dirname(tsc), '../@types')],
      ...sources.map((name) => join(root, 'web/src', `${name}.ts`)),
    ],
    { stdio: 'inherit', cwd: root },
  );
  return out;
}

export const driverPath = findDriver();
export const poolFolder = compilePool();

const importFrom = (path) => import(pathToFileURL(path).href);
const { default: createDriver } = await importFrom(driverPath);

/** A fresh module: what a new worker has. */
export const newDriver = () => createDriver();

export const { HandlePool, PoolAnswer } = await importFrom(join(poolFolder, 'worker/handlePool.js'));
export const { openAll, poolLimits } = await importFrom(join(poolFolder, 'worker/opfsFolder.js'));
export const { encodeHeader, decodeHeader, headerBytes, nameBytesMax } = await importFrom(
  join(poolFolder, 'worker/poolHeader.js'),
);
export const { openNodeHandlePool, quotaAnswer, withFaults } = await importFrom(
  join(poolFolder, 'testing/nodeHandlePool.js'),
);
