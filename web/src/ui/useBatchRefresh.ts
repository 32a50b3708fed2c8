import { useCallback, useMemo, useState } from 'react';
import type { Row, StoreError } from '../client/index.js';
import { useQuery, useStore, useSyncStatus } from '../react/index.js';

/** How the refresh of one branch of the batch stands. */
export interface BatchResult {
  readonly phase:
    | 'asking'
    | 'queued'
    | 'queued-offline'
    | 'running'
    | 'done'
    | 'failed'
    | 'cancelled';
  /** Why it failed; null otherwise. */
  readonly reason: string | null;
}

/** Refreshing many branches: one request, and a result for each. */
export interface BatchRefresh {
  /** By branch name, in the order in which they were asked for. */
  readonly results: ReadonlyMap<string, BatchResult>;
  /** Of `results`: done, failed or cancelled. */
  readonly finished: number;
  readonly isRunning: boolean;
  /** One request for all of them. What it meets is in `results`: it never rejects. */
  readonly start: (branchNames: readonly string[]) => Promise<void>;
  /** Gives up those that are not finished. */
  readonly cancel: () => Promise<void>;
  /** Forgets the batch; what is under way goes on. */
  readonly clear: () => void;
}

interface Batch {
  readonly names: readonly string[];
  /** In the order of the names; null while the request is on its way. */
  readonly tasks: readonly string[] | null;
  readonly error: StoreError | null;
}

type Task = Pick<Row<'_refresh_tasks'>, 'id' | 'state' | 'last_error'>;

const none: Batch = { names: [], tasks: [], error: null };
const overStates: ReadonlySet<string> = new Set(['done', 'failed', 'cancelled']);

/**
 * Refreshes many branches by one request, and follows each. Offline the request waits on this
 * device. `onRefreshBranch` is called once for each branch when the request is saved.
 */
export function useBatchRefresh(
  repoId: string,
  onRefreshBranch?: (branchName: string) => void,
): BatchRefresh {
  const { freshness } = useStore();
  const [batch, setBatch] = useState(none);
  const isConnected = useSyncStatus((status) => status.online && status.state !== 'paused');
  const ids = JSON.stringify(batch.tasks ?? []);
  const { data } = useQuery<Task>(
    (sql) =>
      ids !== '[]' &&
      sql`SELECT id, state, last_error FROM _refresh_tasks
        WHERE id IN (SELECT value FROM json_each(${ids}))`,
    { keepPrevious: true },
  );
  const results = useMemo(
    () => resultsOf(batch, data ?? [], isConnected),
    [batch, data, isConnected],
  );
  const finished = [...results.values()].filter(({ phase }) => overStates.has(phase)).length;

  const start = useCallback(
    async (names: readonly string[]) => {
      if (names.length === 0) return;
      setBatch({ names, tasks: null, error: null });
      try {
        const tasks = await freshness.scheduleRefresh(repoId, names);
        setBatch({ names, tasks, error: null });
      } catch (error) {
        setBatch({ names, tasks: null, error: error as StoreError });
        return;
      }
      for (const name of names) callSafely(onRefreshBranch, name);
    },
    [freshness, repoId, onRefreshBranch],
  );
  const cancel = useCallback(async () => {
    const open = (batch.tasks ?? []).filter((_, at) => {
      const result = results.get(batch.names[at] ?? '');
      return result !== undefined && !overStates.has(result.phase);
    });
    await Promise.allSettled(open.map((task) => freshness.cancelRefresh(task)));
  }, [freshness, batch, results]);
  const clear = useCallback(() => setBatch(none), []);
  const isRunning = finished < results.size;
  return { results, finished, isRunning, start, cancel, clear };
}

function resultsOf(
  { names, tasks, error }: Batch,
  rows: readonly Task[],
  isConnected: boolean,
): ReadonlyMap<string, BatchResult> {
  const byId = new Map(rows.map((row) => [row.id, row]));
  return new Map(
    names.map((name, at): [string, BatchResult] => {
      if (error !== null) return [name, { phase: 'failed', reason: error.message }];
      if (tasks === null) return [name, { phase: 'asking', reason: null }];
      const task = byId.get(tasks[at] ?? '');
      return [name, { phase: phaseOf(task, isConnected), reason: task?.last_error ?? null }];
    }),
  );
}

function phaseOf(task: Task | undefined, isConnected: boolean): BatchResult['phase'] {
  switch (task?.state) {
    case 'running':
    case 'done':
    case 'failed':
    case 'cancelled':
      return task.state;
    default:
      return isConnected ? 'queued' : 'queued-offline';
  }
}

/** A listener's fault is the page's: it surfaces as an uncaught error, and the others are called. */
function callSafely(listener: ((name: string) => void) | undefined, name: string): void {
  try {
    listener?.(name);
  } catch (error) {
    reportError(error);
  }
}
