import { useEffect, useState } from 'react';
import type { StoreInspection } from '../../client/index.js';
import { useStore } from '../../react/index.js';

const everyMs = 1_000;

/** What goes on inside the store, asked every second for as long as it is shown. */
export function useInspection(): StoreInspection | null {
  const store = useStore();
  const [inspection, setInspection] = useState<StoreInspection | null>(null);
  useEffect(() => {
    let isWanted = true;
    const ask = () => {
      store.inspect().then(
        (answer) => isWanted && setInspection(answer),
        // The other tabs say what is wrong with a store that does not answer.
        () => undefined,
      );
    };
    ask();
    const timer = setInterval(ask, everyMs);
    return () => {
      isWanted = false;
      clearInterval(timer);
    };
  }, [store]);
  return inspection;
}
