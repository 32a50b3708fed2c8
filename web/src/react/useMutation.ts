import { useCallback, useLayoutEffect, useRef, useState } from 'react';
import type { StoreError, Tx } from '../client/index.js';
import { useStore } from './useStore.js';

/** A write that components start, and how it stands. */
export interface Mutation<A extends unknown[], R> {
  /**
   * Runs the writes as one transaction and resolves when they are durable on this device; the
   * upload comes later and shows in `useSyncStatus`. The same function in every render.
   *
   * @throws {StoreError} the transaction's; nothing was written then. Whoever does not wait for
   *   the promise finds it in `error`, and no unhandled rejection.
   */
  readonly run: (...args: A) => Promise<R>;
  readonly isPending: boolean;
  /** Of the run that ended last; null after a success. */
  readonly error: StoreError | null;
  /** Forgets the error. */
  readonly reset: () => void;
}

/** Writes as a function for event handlers. `fn` may close over props: the latest one is called. */
export function useMutation<A extends unknown[], R>(
  fn: (tx: Tx, ...args: A) => Promise<R>,
): Mutation<A, R> {
  const store = useStore();
  const [running, setRunning] = useState(0);
  const [error, setError] = useState<StoreError | null>(null);
  const latest = useRef(fn);
  useLayoutEffect(() => {
    latest.current = fn;
  });
  const run = useCallback(
    (...args: A): Promise<R> => {
      setRunning((count) => count + 1);
      // As it was when it was called: the transaction may begin after another render.
      const fn = latest.current;
      const done = store.transaction((tx) => fn(tx, ...args));
      done
        .then(
          () => setError(null),
          (reason) => setError(reason as StoreError),
        )
        .finally(() => setRunning((count) => count - 1));
      return done;
    },
    [store],
  );
  const reset = useCallback(() => setError(null), []);
  return { run, isPending: running > 0, error, reset };
}
