/**
 * Which file of the pool holds the data. One that is damaged is left for another, with what can be
 * read of it: a later one holds the data only when none before it is there any more, so a salvage
 * that does not end begins anew, from the file that it began with.
 *
 * Damage is found where it is met: looking through the whole file would add 140 ms to each opening
 * with 10,000 rows. Whoever meets it leaves a mark in the pool and ends.
 */
import { StoreError } from '../client/storeError.js';
import { type HandlePool, PoolAnswer } from './handlePool.js';
import type { DatabaseOptions, OpenedBinding, ReplicaStore } from './replicaStore.js';

export interface OpenedDatabase {
  readonly binding: OpenedBinding;
  /** What was wrong with the file that was left. */
  readonly damage: string | undefined;
}

/** @throws {StoreError} those of `open`; `STORAGE_CORRUPT` when nothing could be salvaged */
export function openDatabase(
  store: ReplicaStore,
  pool: HandlePool,
  options: Omit<DatabaseOptions, 'path'>,
): OpenedDatabase {
  const at = currentOf(pool);
  const path = fileName(at);
  let damage = pool.exists(markName) ? 'a part of it could not be read' : undefined;
  removeAllBut(pool, path, markName);
  if (damage === undefined) {
    try {
      return { binding: store.open({ ...options, path }), damage };
    } catch (error) {
      if (!(error instanceof StoreError && error.code === 'STORAGE_CORRUPT')) throw error;
      damage = error.message;
    }
  }
  const next = fileName(at + 1);
  store.salvage({ ...options, path }, next);
  const binding = store.open({ ...options, path: next });
  removeAllBut(pool, next);
  return { binding, damage };
}

/** A part of the open file cannot be read: whoever opens it next begins with a salvage. */
export function markDamaged(pool: HandlePool): void {
  const fd = pool.open(markName, true);
  if (fd >= 0) pool.closeFile(fd);
}

const markName = 'damaged';
const fileName = (at: number) => (at === 0 ? 'store.db' : `store-${at}.db`);

function currentOf(pool: HandlePool): number {
  const found = pool.usage().files.flatMap(({ name }) => {
    const [, at] = /^store(?:-(\d+))?\.db$/.exec(name) ?? [];
    return at !== undefined ? [Number(at)] : name === fileName(0) ? [0] : [];
  });
  return found.length === 0 ? 0 : Math.min(...found);
}

/** Files beside a database begin with its name: its log. */
function removeAllBut(pool: HandlePool, ...kept: string[]): void {
  for (const { name } of pool.usage().files) {
    if (kept.some((path) => name.startsWith(path))) continue;
    if (pool.remove(name) === PoolAnswer.Ok) continue;
    throw new StoreError('STORAGE_IO', `${name} could not be removed: ${pool.lastError}`);
  }
}
