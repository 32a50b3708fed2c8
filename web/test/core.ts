// The real module, as the C++ build left it, for tests of what the package makes of its answers.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CoreModule } from '../src/wasm/twinstore.js';
import { ReplicaStore } from '../src/worker/replicaStore.js';

// A path: Node's file functions do not take the URL objects of a test's page.
const folder = join(import.meta.dirname, '../../build/wasm-release/');

/** Compiled once for all tests of a file. */
let compiled: Promise<WebAssembly.Module> | undefined;

/** A module with memory of its own: what a new worker has. */
export async function newCore(): Promise<CoreModule> {
  const script = `${folder}twinstore.js`;
  if (!existsSync(script)) {
    throw new Error('build/wasm-release/twinstore.js is missing; run scripts/build wasm first');
  }
  const { default: createCore } = await import(/* @vite-ignore */ script);
  compiled ??= WebAssembly.compile(readFileSync(`${folder}twinstore.wasm`));
  const module = await compiled;
  return createCore({
    instantiateWasm: (imports: WebAssembly.Imports, done: (of: WebAssembly.Instance) => void) => {
      void WebAssembly.instantiate(module, imports).then(done);
      return {};
    },
  });
}

/** A store in memory, open. */
export async function newReplicaStore(schema?: string): Promise<ReplicaStore> {
  const core = await newCore();
  const store = new ReplicaStore(new core.StoreBinding());
  store.open({ path: ':memory:', vfs: '', schema });
  return store;
}
