// The real module, as the C++ build left it, for tests of what the package makes of its answers.
import { existsSync, readFileSync } from 'node:fs';
import type { CoreModule } from '../src/wasm/twinstore.js';
import { ReplicaStore } from '../src/worker/replicaStore.js';

const folder = new URL('../../build/wasm-release/', import.meta.url);

/** A module with memory of its own: what a new worker has. */
export async function newCore(): Promise<CoreModule> {
  const script = new URL('twinstore.js', folder);
  if (!existsSync(script)) {
    throw new Error('build/wasm-release/twinstore.js is missing; run scripts/build wasm first');
  }
  const { default: createCore } = await import(/* @vite-ignore */ script.href);
  return createCore({ wasmBinary: readFileSync(new URL('twinstore.wasm', folder)) });
}

/** A store in memory, open. */
export async function newReplicaStore(schema?: string): Promise<ReplicaStore> {
  const core = await newCore();
  const store = new ReplicaStore(new core.StoreBinding());
  store.open({ path: ':memory:', vfs: '', schema });
  return store;
}
