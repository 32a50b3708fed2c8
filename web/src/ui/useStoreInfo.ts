import { useEffect, useState } from 'react';
import type { StoreError, StoreInfo } from '../client/index.js';
import { useStore } from '../react/index.js';

/** What opening the store found, or why it failed. */
export interface StoreOpening {
  readonly info: StoreInfo | null;
  readonly error: StoreError | null;
}

const opening: StoreOpening = { info: null, error: null };

/** How the store opened, or why it could not; both null until it is known. */
export function useStoreInfo(): StoreOpening {
  const store = useStore();
  const [result, setResult] = useState(opening);
  useEffect(() => {
    let isWanted = true;
    const settle = (next: StoreOpening) => isWanted && setResult(next);
    const open = () =>
      store.ready().then(
        (info) => settle({ info, error: null }),
        (error: StoreError) => settle({ info: null, error }),
      );
    void open();
    const offs = [store.on('leader', () => void open()), store.on('persisted', () => void open())];
    return () => {
      isWanted = false;
      for (const off of offs) off();
    };
  }, [store]);
  return result;
}
