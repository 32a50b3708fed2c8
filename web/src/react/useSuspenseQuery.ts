import { use, useMemo } from 'react';
import type { Live, Query, SqlTag, StoreError } from '../client/index.js';
import { queryIdentity } from './queryIdentity.js';
import { failedLives } from './failedLives.js';
import { useLive } from './useLive.js';
import { useStore } from './useStore.js';

/**
 * The rows of a query, without a pending state: until the first result is there the component
 * suspends, and an error is thrown to the nearest `StoreErrorBoundary`. Afterwards as `useQuery`:
 * rendered again with each change, unchanged rows keep their identity.
 *
 * Other parameters are another query and suspend again; inside `startTransition` React goes on
 * showing the earlier rows meanwhile. A value that differs in every render, such as `Date.now()`,
 * never ends to suspend: round it, or keep it in a state.
 *
 * @throws {StoreError} what the query met
 */
export function useSuspenseQuery<R>(query: Query<R> | ((sql: SqlTag) => Query<R>)): readonly R[] {
  const store = useStore();
  const asked = typeof query === 'function' ? query(store.sql) : query;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the identity stands for the query
  const live = useMemo(() => store.live<R>(asked), [store, queryIdentity(asked)]);
  const snapshot = useLive<readonly R[]>(live);
  // A render that suspended is repeated, and React wants it to ask the same again.
  const first = firstAnswers.get(live) ?? (snapshot.status === 'pending' && ask(live));
  if (first) use(first);
  if (snapshot.status === 'success') return snapshot.data;
  const error = snapshot.error as StoreError;
  failedLives.set(error, live);
  throw error;
}

/** By live query, which is one object for all who ask the same. */
const firstAnswers = new WeakMap<Live<unknown>, Promise<unknown>>();

function ask(live: Live<unknown>): Promise<unknown> {
  const answer = live.preload();
  firstAnswers.set(live, answer);
  answer.catch((error: StoreError) => {
    failedLives.set(error, live);
    firstAnswers.delete(live);
  });
  return answer;
}
