// Opens a store's files in the origin private file system.
import { HandlePool, type SyncHandle } from './handlePool.js';

/** Database, WAL, rollback journal, and room for one more of each while files are replaced. */
const POOL_FILES = 6;
/** A page that just closed may hold its handles for a moment longer. */
const OPEN_BUDGET_MS = 2_000;
const FIRST_RETRY_MS = 5;
const RETRY_MS_MAX = 200;
const ROOT = 'twinstore';

async function folder(name: string, create: boolean): Promise<FileSystemDirectoryHandle> {
  const root = await navigator.storage.getDirectory();
  const stores = await root.getDirectoryHandle(ROOT, { create });
  return stores.getDirectoryHandle(encodeURIComponent(name), { create });
}

async function openHandle(directory: FileSystemDirectoryHandle, name: string): Promise<SyncHandle> {
  const file = await directory.getFileHandle(name, { create: true });
  const start = performance.now();
  for (let wait = FIRST_RETRY_MS; ; wait = Math.min(2 * wait, RETRY_MS_MAX)) {
    try {
      return (await file.createSyncAccessHandle()) as unknown as SyncHandle;
    } catch (error) {
      const isHeld = error instanceof DOMException && error.name === 'NoModificationAllowedError';
      if (!isHeld || performance.now() - start > OPEN_BUDGET_MS) throw error;
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }
}

/**
 * Opens all files of the store `name`, creating them when they are missing.
 *
 * @throws DOMException NoModificationAllowedError when another page holds them for over 2 s;
 *   SecurityError or TypeError where there is no origin private file system.
 */
export async function openPool(name: string): Promise<HandlePool> {
  const directory = await folder(name, true);
  const names = Array.from({ length: POOL_FILES }, (_, i) => `pool-${i}`);
  const opened = await Promise.allSettled(names.map((file) => openHandle(directory, file)));
  const handles = opened.filter((result) => result.status === 'fulfilled').map((r) => r.value);
  const failed = opened.find((result) => result.status === 'rejected');
  if (failed) {
    for (const handle of handles) handle.close();
    throw failed.reason;
  }
  return new HandlePool(handles);
}

/** Removes everything that the store `name` keeps. Its handles must be closed. */
export async function wipePool(name: string): Promise<void> {
  const root = await navigator.storage.getDirectory();
  const stores = await root.getDirectoryHandle(ROOT, { create: true });
  await stores.removeEntry(encodeURIComponent(name), { recursive: true }).catch(() => undefined);
}
