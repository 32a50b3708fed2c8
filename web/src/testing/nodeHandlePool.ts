// The pool of handles over ordinary files, so that the same module is durable in Node.
import { closeSync, fstatSync, fsyncSync, ftruncateSync, mkdirSync, openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { HandlePool, type SyncHandle } from '../worker/handlePool.js';

const POOL_FILES = 6;

class FileHandle implements SyncHandle {
  readonly #fd: number;

  constructor(path: string) {
    // Read and write, created when missing, never cut.
    this.#fd = openSync(path, 'a+');
    closeSync(this.#fd);
    this.#fd = openSync(path, 'r+');
  }
  read(buffer: Uint8Array, options: { at: number }): number {
    return readSync(this.#fd, buffer, 0, buffer.length, options.at);
  }
  write(buffer: Uint8Array, options: { at: number }): number {
    return writeSync(this.#fd, buffer, 0, buffer.length, options.at);
  }
  truncate(size: number): void {
    ftruncateSync(this.#fd, size);
  }
  flush(): void {
    fsyncSync(this.#fd);
  }
  getSize(): number {
    return fstatSync(this.#fd).size;
  }
  close(): void {
    closeSync(this.#fd);
  }
}

/** Opens the pool of the store that lives in `directory`, creating it when it is missing. */
export function openNodePool(directory: string): HandlePool {
  mkdirSync(directory, { recursive: true });
  return new HandlePool(
    Array.from({ length: POOL_FILES }, (_, i) => new FileHandle(join(directory, `pool-${i}`))),
  );
}
