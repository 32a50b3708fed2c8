/** Opens the data of a store: files in OPFS where the browser has them, else memory, never silently. */
import type { StorageWarning } from '../client/events.js';
import type { HostInfo, OpenOptions } from '../client/options.js';
import { StoreError } from '../client/storeError.js';
import type { StoreErrorCode } from '../client/errorCodes.js';
import { PoolError, type PoolErrorCode } from './accessHandle.js';
import { HandlePool } from './handlePool.js';
import { markDamaged, type OpenedDatabase, openDatabase } from './databaseFile.js';
import { ReplicaStore } from './replicaStore.js';
import type { CoreModule } from '../wasm/twinstore.js';

export interface OpenedStore {
  readonly store: ReplicaStore;
  readonly info: Omit<HostInfo, 'role'>;
  /** What the pages must hear of how the data is kept. */
  readonly warning: StorageWarning | undefined;
  /** JSON text. */
  readonly schema: string;
  /** Gives the files back. */
  close(): void;
  /** Removes them. @throws {StoreError} */
  wipe(): Promise<void>;
}

const vfsName = 'twinstore-opfs';

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
  const { schema } = options;
  const poolId = pool ? core.registerPool(pool, vfsName) : -1;
  const store = new ReplicaStore(new core.StoreBinding(), (error) => {
    if (pool && error.code === 'STORAGE_CORRUPT') markDamaged(pool);
    onCrash(error);
  });
  const close = () => {
    store.close();
    if (pool) core.releasePool(poolId);
    pool?.close();
  };
  let opened: OpenedDatabase;
  try {
    opened = pool
      ? openDatabase(store, pool, { vfs: vfsName, schema })
      : { binding: store.open({ path: ':memory:', vfs: '', schema }), damage: undefined };
  } catch (error) {
    close();
    throw error;
  }
  const { binding } = opened;
  const storage = pool ? 'opfs' : 'memory';
  return {
    store,
    warning: warningOf(reason, opened.damage),
    schema: schema ?? core.shippedSchema(),
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
      schemaVersion: binding.schema_version,
      sqliteVersion: binding.sqlite_version,
      version: binding.version,
      openMs: performance.now() - start,
    },
  };
}

function warningOf(
  memoryReason: string | undefined,
  damage: string | undefined,
): StorageWarning | undefined {
  if (memoryReason !== undefined) return { kind: 'memory-fallback', reason: memoryReason };
  return damage === undefined ? undefined : { kind: 'repaired', reason: damage };
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
