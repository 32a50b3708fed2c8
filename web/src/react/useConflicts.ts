import { useCallback, useMemo } from 'react';
import type { Resolution, Row, StoreError, TableName } from '../client/index.js';
import { useQuery } from './useQuery.js';
import { useStore } from './useStore.js';

/** A meeting of two writes: `base`, `local` and `remote` hold values by field name. */
export type Conflict = Row<'_conflicts'>;

/** Which conflicts to list. */
export interface ConflictsOptions {
  /** Only those of one collection. */
  readonly table?: TableName;
  /** How many that are decided to list; 50 when absent. */
  readonly historyLimit?: number;
}

/** What waits for a decision and what was decided, live. */
export interface Conflicts {
  readonly status: 'pending' | 'success' | 'error';
  readonly error: StoreError | null;
  /** Waiting for somebody to decide, the oldest first. */
  readonly open: readonly Conflict[];
  /** Of `open`. */
  readonly count: number;
  /**
   * Decided by people (`resolved`) or by the policy (`merged`, `superseded`), the newest first.
   * What the policy decided can be taken back: resolve it with `local`.
   */
  readonly history: readonly Conflict[];
  /**
   * Decides one; the same function in every render.
   *
   * @throws {StoreError} `NOT_FOUND`, `PRECONDITION_FAILED` when somebody was faster, or what the
   * merged values met
   */
  readonly resolve: (id: string, resolution: Resolution) => Promise<void>;
}

const historyLimitDefault = 50;
const none: readonly Conflict[] = [];

/** The conflicts of all rows on this device, live. They are rows of `_conflicts`, synced as others. */
export function useConflicts(options: ConflictsOptions = {}): Conflicts {
  const store = useStore();
  const { table, historyLimit = historyLimitDefault } = options;
  const open = useQuery<Conflict>((sql) =>
    table === undefined
      ? sql`SELECT * FROM _conflicts WHERE status = 'open' ORDER BY detected_at, id`
      : sql`SELECT * FROM _conflicts WHERE status = 'open' AND collection = ${table}
          ORDER BY detected_at, id`,
  );
  const history = useQuery<Conflict>((sql) =>
    table === undefined
      ? sql`SELECT * FROM _conflicts WHERE status <> 'open'
          ORDER BY coalesce(resolved_at, detected_at) DESC, id LIMIT ${historyLimit}`
      : sql`SELECT * FROM _conflicts WHERE status <> 'open' AND collection = ${table}
          ORDER BY coalesce(resolved_at, detected_at) DESC, id LIMIT ${historyLimit}`,
  );
  const resolve = useCallback(
    (id: string, resolution: Resolution) => store.resolveConflict(id, resolution),
    [store],
  );
  return useMemo(
    () => ({
      status: together(open.status, history.status),
      error: open.error ?? history.error ?? null,
      open: open.data ?? none,
      count: open.data?.length ?? 0,
      history: history.data ?? none,
      resolve,
    }),
    [open, history, resolve],
  );
}

type Status = Conflicts['status'];

function together(a: Status, b: Status): Status {
  if (a === 'error' || b === 'error') return 'error';
  return a === 'success' && b === 'success' ? 'success' : 'pending';
}
