import { useEffect, useState } from 'react';
import type { StoreError, StoreInfo } from 'twinstore';
import { useStore } from 'twinstore/react';

export interface StoreOpening {
  readonly info: StoreInfo | null;
  readonly error: StoreError | null;
}

const opening: StoreOpening = { info: null, error: null };

/** How the store opened, or why it could not. */
export function useStoreInfo(): StoreOpening {
  const store = useStore();
  const [result, setResult] = useState(opening);
  useEffect(() => {
    let isWanted = true;
    store.ready().then(
      (info) => isWanted && setResult({ info, error: null }),
      (error: StoreError) => isWanted && setResult({ info: null, error }),
    );
    return () => {
      isWanted = false;
    };
  }, [store]);
  return result;
}
