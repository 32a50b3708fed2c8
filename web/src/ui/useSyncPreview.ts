import { useCallback, useEffect, useState } from 'react';
import type { StoreError, SyncPreview } from '../client/index.js';
import { useStore } from '../react/index.js';

/** What waits on this device, what will become of it, and looking at the server first. */
export interface SyncPreviewState {
  /** Null before the first answer, and for a store without a server. */
  readonly preview: SyncPreview | null;
  /** When the server was last asked for this, in milliseconds since 1970. */
  readonly lookedAt: number | null;
  readonly isLooking: boolean;
  readonly error: StoreError | null;
  /** Fetches what is new and sends nothing; works while the exchange is paused. */
  readonly look: () => Promise<void>;
}

/** The writes that wait, judged as the server will judge them; again whenever rows change. */
export function useSyncPreview(): SyncPreviewState {
  const store = useStore();
  const [state, setState] = useState<Omit<SyncPreviewState, 'look'>>(nothing);
  const ask = useCallback(
    (fetch: boolean) =>
      store.sync.preview({ fetch }).then(
        (preview) =>
          setState((last) => ({
            preview,
            lookedAt: preview.isCurrent ? Date.now() : last.lookedAt,
            isLooking: fetch ? false : last.isLooking,
            error: null,
          })),
        (error: StoreError) => setState({ ...nothing, error }),
      ),
    [store],
  );
  useEffect(() => {
    let isAsking = false;
    let isStale = false;
    const refresh = async () => {
      isStale = true;
      if (isAsking) return;
      isAsking = true;
      while (isStale) {
        isStale = false;
        await ask(false);
      }
      isAsking = false;
    };
    void refresh();
    const ends = [store.on('change', refresh), store.on('sync-status', refresh)];
    return () => {
      for (const end of ends) end();
    };
  }, [store, ask]);
  const look = useCallback(async () => {
    setState((last) => ({ ...last, isLooking: true }));
    await ask(true);
  }, [ask]);
  return { ...state, look };
}

const nothing = { preview: null, lookedAt: null, isLooking: false, error: null } as const;
