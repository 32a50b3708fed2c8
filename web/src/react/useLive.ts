import { useSyncExternalStore } from 'react';
import type { Live, Snapshot } from '../client/index.js';

/**
 * The snapshot of a `Live`, rendered again when it changes. A Live checks for a change between the
 * render and the subscription by itself, and its three functions never change, so React neither
 * misses an update nor subscribes twice.
 */
export function useLive<T>(live: Live<T>): Snapshot<T> {
  return useSyncExternalStore(live.subscribe, live.getSnapshot, live.getServerSnapshot);
}

/** What a skipped query shows: pending for ever, and the same object each time. */
export const skippedLive: Live<never> = {
  subscribe: () => () => undefined,
  getSnapshot: () => pending,
  getServerSnapshot: () => pending,
  preload: () => new Promise(() => undefined),
};

const pending: Snapshot<never> = Object.freeze({
  status: 'pending',
  data: undefined,
  error: undefined,
});
