import { StoreError } from '../client/storeError.js';
import createCore, { type CoreModule } from '../wasm/twinstore.js';

/** Loads the module; its .wasm is compiled while it streams in. @throws {StoreError} `WASM_LOAD` */
export async function loadCore(wasmUrl: string | undefined): Promise<CoreModule> {
  try {
    return await createCore(wasmUrl === undefined ? {} : { locateFile: () => wasmUrl });
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new StoreError('WASM_LOAD', `the engine did not load: ${message}`, { cause });
  }
}
