import { useCallback, useEffect, useRef, useState } from 'react';
import type { StaleBranches, StoreError } from '../client/index.js';
import { useStore } from '../react/index.js';

/** The stale branches of a repository, and asking again. */
export interface StaleBranchesState {
  readonly status: 'pending' | 'success' | 'error';
  readonly answer: StaleBranches | null;
  readonly error: StoreError | null;
  /** Asks again now. */
  readonly check: () => Promise<void>;
}

const inputs: ReadonlySet<string> = new Set(['branches', 'analyses']);
/** setTimeout's bound: a longer wait would end at once. */
const timerMsMax = 2 ** 31 - 1;

/**
 * The stale branches of a repository, by the predicate that the server uses. It is asked again
 * after each commit that can change it, and at the moment at which it changes by itself.
 */
export function useStaleBranches(repoId: string, thresholdHours?: number): StaleBranchesState {
  const store = useStore();
  const [state, setState] = useState<Settled>(unsettled);
  const asked = useRef(0);
  const check = useCallback(async () => {
    asked.current += 1;
    const turn = asked.current;
    const options = thresholdHours === undefined ? {} : { thresholdHours };
    await store.freshness.staleBranches(repoId, options).then(
      (answer) => {
        if (turn === asked.current) setState({ repoId, answer, error: null });
      },
      (error: StoreError) => {
        if (turn === asked.current) setState({ repoId, answer: null, error });
      },
    );
  }, [store, repoId, thresholdHours]);
  useEffect(() => {
    void check();
    return store.on('change', ({ tables }) => {
      if (tables.some((table) => inputs.has(table))) void check();
    });
  }, [store, check]);
  const next = state.answer?.next_change_at ?? null;
  useEffect(() => {
    if (next === null) return undefined;
    const waitMs = Math.min(Math.max(0, Date.parse(next) - Date.now() + 1), timerMsMax);
    const timer = setTimeout(() => void check(), waitMs);
    return () => clearTimeout(timer);
  }, [next, check]);
  const isOfRepository = state.repoId === repoId;
  const answer = isOfRepository ? state.answer : null;
  const error = isOfRepository ? state.error : null;
  const status = error !== null ? 'error' : answer === null ? 'pending' : 'success';
  return { status, answer, error, check };
}

interface Settled {
  readonly repoId: string | null;
  readonly answer: StaleBranches | null;
  readonly error: StoreError | null;
}

const unsettled: Settled = { repoId: null, answer: null, error: null };
