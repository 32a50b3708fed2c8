import { useCallback, useMemo } from 'react';
import type { Row, StoreError, TableName } from '../client/index.js';
import { useQuery, useStore } from '../react/index.js';

/** One row that a refused write was about; the sides hold values by field name. */
export interface RejectedChange {
  readonly collection: string;
  readonly key: readonly unknown[];
  readonly op: 'insert' | 'update' | 'delete';
  readonly fields: readonly string[];
  /** Before the write; null for an insert. */
  readonly base: Readonly<Record<string, unknown>> | null;
  /** What was written; null for a delete. */
  readonly local: Readonly<Record<string, unknown>> | null;
  /** What stands there; null when there is no such row. */
  readonly remote: Readonly<Record<string, unknown>> | null;
}

/** A write of this device that the server refused, and that was taken back here. */
export type RejectedWrite = Omit<Row<'_rejected_writes'>, 'changes'> & {
  readonly changes: readonly RejectedChange[];
};

/** Writes that wait for somebody to decide, live. */
export interface RejectedWrites {
  readonly status: 'pending' | 'success' | 'error';
  readonly error: StoreError | null;
  /** The oldest first. */
  readonly writes: readonly RejectedWrite[];
  /** Writes it anew, on top of what stands there. @throws {StoreError} what it met */
  readonly retry: (id: string) => Promise<void>;
  /** Forgets it. @throws {StoreError} `NOT_FOUND` */
  readonly giveUp: (id: string) => Promise<void>;
}

const none: readonly RejectedWrite[] = [];

/** What the server refused of this device's writes, or of those to one collection. */
export function useRejectedWrites(table?: TableName): RejectedWrites {
  const store = useStore();
  const { status, data, error } = useQuery<RejectedWrite>(
    (sql) => sql`SELECT * FROM _rejected_writes ORDER BY made_at, id`,
  );
  const retry = useCallback((id: string) => store.resolveRejected(id, { take: 'local' }), [store]);
  const giveUp = useCallback(
    (id: string) => store.resolveRejected(id, { take: 'remote' }),
    [store],
  );
  return useMemo(() => {
    const writes = data?.filter(
      ({ changes }) => table === undefined || changes.some((one) => one.collection === table),
    );
    return { status, error: error ?? null, writes: writes ?? none, retry, giveUp };
  }, [status, data, error, table, retry, giveUp]);
}
