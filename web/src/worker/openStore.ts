/** Opens the data of a store: files in OPFS where the browser has them, else memory, never silently. */
import type { HostInfo, OpenOptions } from '../client/options.js';
import { StoreError } from '../client/storeError.js';
import type { StoreErrorCode } from '../client/errorCodes.js';
import { PoolError, type PoolErrorCode } from './accessHandle.js';
import { HandlePool } from './handlePool.js';
import { type OpenedBinding, ReplicaStore } from './replicaStore.js';
import type { CoreModule } from '../wasm/twinstore.js';

export interface OpenedStore {
  readonly store: ReplicaStore;
  readonly info: Omit<HostInfo, 'role'>;
  /** Why the data is in memory although files were wanted. */
  readonly memoryReason: string | undefined;
  /** JSON text. */
  readonly schema: string;
  /** Gives the files back. */
  close(): void;
  /** Removes them. @throws {StoreError} */
  wipe(): Promise<void>;
}

const vfsName = 'twinstore-opfs';
const databaseName = 'store.db';

const codeOfPool: Record<PoolErrorCode, StoreErrorCode> = {
  LOCKED: 'LOCKED',
  STORAGE_UNAVAILABLE: 'STORAGE_UNAVAILABLE',
  QUOTA_EXCEEDED: 'STORAGE_FULL',
  CORRUPT: 'STORAGE_CORRUPT',
  SCHEMA_TOO_NEW: 'STORAGE_TOO_NEW',
  CLOSED: 'CLOSED',
};

/** @throws {StoreError} those of the storage and of the engine's open */
export async function openStore(
  core: CoreModule,
  options: OpenOptions,
  onCrash: (error: StoreError) => void,
  openPool: (folder: string) => Promise<HandlePool> = (folder) => HandlePool.open(folder),
): Promise<OpenedStore> {
  const start = performance.now();
  const { pool, reason } = await findPool(options, openPool);
  const poolId = pool ? core.registerPool(pool, vfsName) : -1;
  const store = new ReplicaStore(new core.StoreBinding(), onCrash);
  const close = () => {
    store.close();
    if (pool) core.releasePool(poolId);
    pool?.close();
  };
  let opened: OpenedBinding;
  try {
    const where = pool ? { path: databaseName, vfs: vfsName } : { path: ':memory:', vfs: '' };
    opened = store.open({ ...where, schema: options.schema });
  } catch (error) {
    close();
    throw error;
  }
  const storage = pool ? 'opfs' : 'memory';
  return {
    store,
    memoryReason: reason,
    schema: options.schema ?? core.shippedSchema(),
    close,
    wipe: async () => {
      close();
      await pool?.wipe().catch((error) => {
        throw poolFailure(error);
      });
    },
    info: {
      storage,
      durability: storage,
      schemaVersion: opened.schema_version,
      sqliteVersion: opened.sqlite_version,
      version: opened.version,
      openMs: performance.now() - start,
    },
  };
}

async function findPool(
  { name, storage }: OpenOptions,
  openPool: (folder: string) => Promise<HandlePool>,
): Promise<{ pool?: HandlePool; reason?: string }> {
  if (storage === 'memory') return {};
  try {
    return { pool: await openPool(`twinstore/${name}`) };
  } catch (error) {
    const failure = poolFailure(error);
    if (storage === 'auto' && failure.code === 'STORAGE_UNAVAILABLE')
      return { reason: failure.message };
    throw failure;
  }
}

function poolFailure(cause: unknown): StoreError {
  const code = cause instanceof PoolError ? codeOfPool[cause.code] : 'STORAGE_IO';
  return new StoreError(code, cause instanceof Error ? cause.message : String(cause), { cause });
}
