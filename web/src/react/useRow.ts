import { useMemo } from 'react';
import type { Key, Row, TableName } from '../client/index.js';
import { skippedLive, useLive } from './useLive.js';
import type { QueryResult } from './useQuery.js';
import { useStore } from './useStore.js';

/**
 * One row by its key, live. `data` is null when there is no such row, and undefined while that is
 * not known yet; a null or undefined key skips.
 */
export function useRow<T extends TableName>(
  table: T,
  key: Key<T> | null | undefined,
): QueryResult<Row<T> | null> {
  const store = useStore();
  const isSkipped = key === null || key === undefined;
  const identity = isSkipped ? null : JSON.stringify(key);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the identity stands for the key
  const live = useMemo(
    () => (isSkipped ? skippedLive : store.liveRow(table, key)),
    [store, table, identity],
  );
  const snapshot = useLive<Row<T> | null>(live);
  return useMemo(() => ({ ...snapshot, isSkipped, isUpdating: false }), [snapshot, isSkipped]);
}
