import { useEffect, useState } from 'react';
import { useNow } from 'twinstore/ui';

export interface StorageUse {
  readonly usage: number | null;
  readonly quota: number | null;
  readonly isPersisted: boolean;
  /** Asks the browser not to clear the data of this site. */
  readonly persist: () => void;
  /** It was asked and did not agree. */
  readonly refused: boolean;
}

const everyMs = 5_000;

/** What the browser says about this site's storage, asked every few seconds. */
export function useStorageUse(): StorageUse {
  const now = useNow(everyMs);
  const [estimate, setEstimate] = useState<StorageEstimate>({});
  const [isPersisted, setPersisted] = useState(false);
  const [refused, setRefused] = useState(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the time is the reason to ask again
  useEffect(() => {
    let isWanted = true;
    const ask = async () => {
      const said = await navigator.storage.estimate();
      const persisted = await navigator.storage.persisted();
      if (!isWanted) return;
      setEstimate(said);
      setPersisted(persisted);
    };
    ask().catch(() => undefined);
    return () => {
      isWanted = false;
    };
  }, [now]);
  const persist = () => {
    navigator.storage.persist().then(
      (isGranted) => {
        setPersisted(isGranted);
        setRefused(!isGranted);
      },
      () => setRefused(true),
    );
  };
  return {
    usage: estimate.usage ?? null,
    quota: estimate.quota ?? null,
    isPersisted,
    persist,
    refused,
  };
}
