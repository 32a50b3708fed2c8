/**
 * The engine outside its worker, in Node or in a page: the very module that the browser's worker
 * loads, and the server's half as a module of its own. Each instance has memory, time and
 * randomness of its own.
 */
import type { AuthorityModule } from '../wasm/twinstore_authority.js';
import type { CoreModule } from '../wasm/twinstore.js';

export interface ModuleSurroundings {
  readonly now: () => number;
  /** The same number, the same ids: a test runs the same way each time. */
  readonly seed: number;
}

type Name = 'twinstore' | 'twinstore_authority';
type Create = (options: object) => Promise<unknown>;

interface Loaded {
  readonly module: WebAssembly.Module;
  readonly create: Create;
}

// Compiled once for all instances of a process.
const compiled = new Map<Name, Promise<Loaded>>();

export const newCore = (around: ModuleSurroundings): Promise<CoreModule> =>
  instantiate('twinstore', around) as Promise<CoreModule>;

export const newAuthority = (around: ModuleSurroundings): Promise<AuthorityModule> =>
  instantiate('twinstore_authority', around) as Promise<AuthorityModule>;

async function instantiate(name: Name, around: ModuleSurroundings): Promise<unknown> {
  const loading = compiled.get(name) ?? (isNode ? loadInNode(name) : loadInPage(name));
  compiled.set(name, loading);
  const { module, create } = await loading;
  let memory: WebAssembly.Memory;
  const random = bytesFrom(around.seed);
  const imports = {
    emscripten_date_now: around.now,
    getentropy: (at: number, size: number) => {
      random(new Uint8Array(memory.buffer, at, size));
      return 0;
    },
  };
  return create({
    instantiateWasm: (
      { env, wasi_snapshot_preview1 }: Record<string, WebAssembly.ModuleImports>,
      done: (instance: WebAssembly.Instance) => void,
    ) => {
      const all = { env: { ...env, ...imports }, wasi_snapshot_preview1 } as WebAssembly.Imports;
      void WebAssembly.instantiate(module, all).then((instance) => {
        memory = instance.exports.memory as WebAssembly.Memory;
        done(instance);
      });
      return {};
    },
  });
}

// The page that a test of components has is in Node all the same.
const isNode = typeof process === 'object' && process.versions?.node !== undefined;

async function loadInNode(name: Name): Promise<Loaded> {
  const [{ readFile }, { join }, { pathToFileURL }] = await Promise.all([
    import('node:fs/promises'),
    import('node:path'),
    import('node:url'),
  ]);
  // A path: what takes URLs in Node does not take those of a test's page.
  const path = (file: string) => join(import.meta.dirname, '../wasm', file);
  const [bytes, glue] = await Promise.all([
    readFile(path(`${name}.wasm`)),
    import(/* @vite-ignore */ pathToFileURL(path(`${name}.js`)).href) as Promise<{
      default: Create;
    }>,
  ]);
  return { module: await WebAssembly.compile(bytes), create: glue.default };
}

// Written out, so that bundlers find the files.
const inPage: Readonly<Record<Name, { wasm: () => URL; glue: () => Promise<unknown> }>> = {
  twinstore: {
    wasm: () => new URL('../wasm/twinstore.wasm', import.meta.url),
    glue: () => import('../wasm/twinstore.js'),
  },
  twinstore_authority: {
    wasm: () => new URL('../wasm/twinstore_authority.wasm', import.meta.url),
    glue: () => import('../wasm/twinstore_authority.js'),
  },
};

async function loadInPage(name: Name): Promise<Loaded> {
  const { wasm, glue } = inPage[name];
  const [module, { default: create }] = await Promise.all([
    WebAssembly.compileStreaming(fetch(wasm())),
    glue() as Promise<{ default: Create }>,
  ]);
  return { module, create };
}

/** mulberry32 (public domain, Tommy Ettinger): ids need to differ, not to be secret. */
function bytesFrom(seed: number): (bytes: Uint8Array) => void {
  let state = seed;
  return (bytes) => {
    for (let at = 0; at < bytes.length; at += 1) {
      state = (state + 0x6d2b79f5) | 0;
      let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
      mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
      bytes[at] = (mixed ^ (mixed >>> 14)) >>> 24;
    }
  };
}
