/**
 * The same pool over files of a folder, for Node: the module and its VFS are the real ones, and
 * what they write is durable. Handles are not exclusive here: one pool for a folder at a time.
 */
import {
  closeSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
  rmSync,
  constants,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { AccessHandle } from '../worker/accessHandle.js';
import { HandlePool } from '../worker/handlePool.js';
import { poolLimits } from '../worker/opfsFolder.js';

/** Failures on purpose, shared by all handles of a pool. Counts begin at 1. */
export interface Faults {
  /** Asked before each write: a number is answered instead of writing, an error is thrown. */
  onWrite?(count: number, bytes: number): number | Error | undefined;
  onFlush?(count: number): Error | undefined;
  onTruncate?(count: number): Error | undefined;
}

/** What Chromium's write() answers over quota: -8 as an unsigned number. */
export const quotaAnswer = 4294967288;

export interface NodePoolOptions {
  readonly capacity?: number;
  readonly faults?: Faults;
}

/** @throws {PoolError} as the constructor of HandlePool */
export function openNodeHandlePool(folder: string, options: NodePoolOptions = {}): HandlePool {
  mkdirSync(folder, { recursive: true });
  const capacity = options.capacity ?? poolLimits.capacityDefault;
  const handles: AccessHandle[] = Array.from(
    { length: capacity },
    (_, at) => new NodeHandle(join(folder, `pool-${at}`)),
  );
  return new HandlePool(options.faults ? withFaults(handles, options.faults) : handles, async () =>
    rmSync(folder, { recursive: true }),
  );
}

/** FileSystemSyncAccessHandle over a file. A full disk throws as the browser's does. */
class NodeHandle implements AccessHandle {
  readonly #fd: number;

  constructor(path: string) {
    this.#fd = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600);
  }

  read(buffer: Uint8Array, options: { at: number }): number {
    return readSync(this.#fd, buffer, 0, buffer.length, options.at);
  }

  write(buffer: Uint8Array, options: { at: number }): number {
    return asInBrowser(() => writeSync(this.#fd, buffer, 0, buffer.length, options.at));
  }

  truncate(size: number): void {
    asInBrowser(() => ftruncateSync(this.#fd, size));
  }

  getSize(): number {
    return fstatSync(this.#fd).size;
  }

  flush(): void {
    asInBrowser(() => fsyncSync(this.#fd));
  }

  close(): void {
    closeSync(this.#fd);
  }
}

function asInBrowser<T>(action: () => T): T {
  try {
    return action();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG') {
      (error as Error).name = 'QuotaExceededError';
    }
    throw error;
  }
}

/** The same handles, failing as `faults` says. */
export function withFaults(handles: readonly AccessHandle[], faults: Faults): AccessHandle[] {
  const counts = { write: 0, flush: 0, truncate: 0 };
  const raise = (error: Error | undefined) => {
    if (error) throw error;
  };
  return handles.map((handle) => ({
    read: (buffer, options) => handle.read(buffer, options),
    write: (buffer, options) => {
      const answer = faults.onWrite?.(++counts.write, buffer.length);
      if (answer instanceof Error) throw answer;
      return answer ?? handle.write(buffer, options);
    },
    truncate: (size) => {
      raise(faults.onTruncate?.(++counts.truncate));
      handle.truncate(size);
    },
    getSize: () => handle.getSize(),
    flush: () => {
      raise(faults.onFlush?.(++counts.flush));
      handle.flush();
    },
    close: () => handle.close(),
  }));
}
