import { useMemo, useState } from 'react';
import type { Query, Snapshot, SqlTag } from '../client/index.js';
import { queryIdentity } from './queryIdentity.js';
import { skippedLive, useLive } from './useLive.js';
import { useStore } from './useStore.js';

/** A query, or nothing yet: with null, undefined or false the hook waits and says `isSkipped`. */
export type QuerySource<R> = Query<R> | null | undefined | false;

/** What to show while another query loads. */
export interface QueryOptions {
  /**
   * With other parameters, go on showing the rows of the earlier ones (and say `isUpdating`) until
   * the new rows are there. Without it a changed query is pending first, so that rows never stand
   * under a heading they do not belong to.
   */
  readonly keepPrevious?: boolean;
}

/** A live query's state, with what a component needs beside it. */
export type QueryResult<T> = Snapshot<T> & {
  /** There is no query: `pending` then does not mean that anything is being loaded. */
  readonly isSkipped: boolean;
  /** `data` still answers the earlier parameters (only with `keepPrevious`). */
  readonly isUpdating: boolean;
};

/**
 * The rows of a query, rendered again when a write, here or elsewhere, changes them. An unchanged
 * row keeps its identity. There are no dependencies to list: text and values are the identity.
 *
 * A failing query is `status: 'error'` with a StoreError; the hook itself throws only where there
 * is no `StoreProvider`.
 */
export function useQuery<R>(
  query: QuerySource<R> | ((sql: SqlTag) => QuerySource<R>),
  options?: QueryOptions,
): QueryResult<readonly R[]> {
  const store = useStore();
  const asked = typeof query === 'function' ? query(store.sql) : query;
  const identity = asked ? queryIdentity(asked) : null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the identity stands for the query
  const live = useMemo(() => (asked ? store.live<R>(asked) : skippedLive), [store, identity]);
  const snapshot = useLive<readonly R[]>(live);
  const earlier = useEarlier(snapshot, options?.keepPrevious === true && identity !== null);
  return useMemo(
    () => ({
      ...(earlier ?? snapshot),
      isSkipped: identity === null,
      isUpdating: earlier !== undefined,
    }),
    [snapshot, earlier, identity],
  );
}

/** While `snapshot` is pending: the last one that was a success, when that is wanted. */
function useEarlier<T>(snapshot: Snapshot<T>, isWanted: boolean): Snapshot<T> | undefined {
  const [last, setLast] = useState<Snapshot<T>>();
  // react.dev/reference/react/useState#storing-information-from-previous-renders
  if (isWanted && snapshot.status === 'success' && snapshot !== last) setLast(snapshot);
  return isWanted && snapshot.status === 'pending' ? last : undefined;
}
