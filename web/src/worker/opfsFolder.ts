/**
 * The asynchronous half of the pool: a folder of OPFS and exclusive handles to its files.
 * A worker that ends gives its handles back a few milliseconds later, so opening tries again.
 */
import { type AccessHandle, isQuotaError, PoolError } from './accessHandle.js';

export const poolLimits = {
  /** Database, WAL, journal, and spares: for VACUUM INTO, a backup, a copy to salvage. */
  capacityDefault: 6,
  capacityMax: 64,
  /** Waiting in all for another worker's handles; the longest seen was 18 ms. */
  lockBudgetMs: 2_000,
  lockWaitFirstMs: 5,
  lockWaitMaxMs: 200,
} as const;

export interface OpenOptions {
  /** Slots, `capacityDefault` unless told; a pool that has more keeps them. */
  readonly capacity?: number;
  /** Tests pass a clock that does not wait. */
  readonly wait?: (ms: number) => Promise<void>;
}

/** Only the types of workers have it, and those exclude the types of the page. */
interface SyncFileHandle extends FileSystemFileHandle {
  createSyncAccessHandle(): Promise<AccessHandle>;
}

const filePrefix = 'pool-';

/** @throws {PoolError} as HandlePool.open */
export async function openOpfsHandles(
  directory: string,
  options: OpenOptions,
): Promise<AccessHandle[]> {
  try {
    const folder = await openFolder(directory, true);
    const capacity = Math.min(
      options.capacity ?? poolLimits.capacityDefault,
      poolLimits.capacityMax,
    );
    const names = new Set(Array.from({ length: capacity }, (_, at) => `${filePrefix}${at}`));
    for await (const name of folder.keys()) if (name.startsWith(filePrefix)) names.add(name);
    const files = await Promise.all(
      [...names].map((name) => folder.getFileHandle(name, { create: true })),
    );
    return await openAll(
      files.map((file) => () => (file as SyncFileHandle).createSyncAccessHandle()),
      options.wait ?? wait,
    );
  } catch (error) {
    if (error instanceof PoolError) throw error;
    const code = isQuotaError(error) ? 'QUOTA_EXCEEDED' : 'STORAGE_UNAVAILABLE';
    throw new PoolError(code, `cannot open ${directory} in OPFS`, { cause: error });
  }
}

/**
 * Opens all or none: those that opened are given back before the next try, so that two workers
 * never hold a part each.
 *
 * @throws {PoolError} `LOCKED` after `lockBudgetMs` of waiting
 */
export async function openAll(
  openers: readonly (() => Promise<AccessHandle>)[],
  waitFor: (ms: number) => Promise<void>,
): Promise<AccessHandle[]> {
  let waitedMs = 0;
  let waitMs: number = poolLimits.lockWaitFirstMs;
  for (;;) {
    const results = await Promise.allSettled(openers.map((open) => open()));
    const handles = results.flatMap((result) =>
      result.status === 'fulfilled' ? [result.value] : [],
    );
    if (handles.length === openers.length) return handles;
    for (const handle of handles) handle.close();
    const failures = results.flatMap((result) =>
      result.status === 'rejected' ? [result.reason as unknown] : [],
    );
    const other = failures.find((failure) => !isLockError(failure));
    if (other !== undefined) throw other;
    if (waitedMs + waitMs > poolLimits.lockBudgetMs) {
      throw new PoolError('LOCKED', 'another worker holds the files', { cause: failures[0] });
    }
    await waitFor(waitMs);
    waitedMs += waitMs;
    waitMs = Math.min(waitMs * 2, poolLimits.lockWaitMaxMs);
  }
}

/** Not an error when there is none. */
export async function removeOpfsFolder(directory: string): Promise<void> {
  const parts = directory.split('/');
  const name = parts.pop() as string;
  try {
    const parent = await openFolder(parts.join('/'), false);
    await parent.removeEntry(name, { recursive: true });
  } catch (error) {
    if (error instanceof Error && error.name === 'NotFoundError') return;
    const code = isLockError(error) ? 'LOCKED' : 'STORAGE_UNAVAILABLE';
    throw new PoolError(code, `cannot remove ${directory} from OPFS`, { cause: error });
  }
}

async function openFolder(path: string, create: boolean): Promise<FileSystemDirectoryHandle> {
  let folder = await navigator.storage.getDirectory();
  for (const part of path.split('/').filter((name) => name !== '')) {
    folder = await folder.getDirectoryHandle(part, { create });
  }
  return folder;
}

function isLockError(error: unknown): boolean {
  return error instanceof Error && error.name === 'NoModificationAllowedError';
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
