import { useMemo, useSyncExternalStore } from 'react';
import type { Live, SyncStatus } from '../client/index.js';
import { initialSyncStatus } from '../client/syncStatus.js';
import { useStore } from './useStore.js';

/**
 * How the exchange with the server stands. With `select` the component renders again only when
 * the selected value changes (by Object.is, or field by field for a plain object).
 */
export function useSyncStatus(): SyncStatus;
export function useSyncStatus<S>(select: (status: SyncStatus) => S): S;
export function useSyncStatus<S>(select?: (status: SyncStatus) => S): S | SyncStatus {
  const { status } = useStore().sync;
  const [read, readOnServer] = useMemo(
    () => [selection(status.getSnapshot, select), selection(status.getServerSnapshot, select)],
    [status, select],
  );
  return useSyncExternalStore(status.subscribe, read, readOnServer);
}

/** Keeps the earlier selection while an equal one comes out, as useSyncExternalStore needs it. */
function selection<S>(
  snapshot: Live<SyncStatus>['getSnapshot'],
  select: ((status: SyncStatus) => S) | undefined,
): () => S | SyncStatus {
  let seen: SyncStatus | undefined;
  let selected: S | SyncStatus;
  return () => {
    const status = snapshot().data ?? initialSyncStatus;
    if (status === seen) return selected;
    const next = select ? select(status) : status;
    if (seen === undefined || !isShallowEqual(selected, next)) selected = next;
    seen = status;
    return selected;
  };
}

function isShallowEqual(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (!isPlainObject(a) || !isPlainObject(b)) return false;
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && Object.is(a[name], b[name]))
  );
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
  );
}
