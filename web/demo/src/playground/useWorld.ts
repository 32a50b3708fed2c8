import { useEffect, useState } from 'react';
import type { TestStore } from 'twinstore/testing';

export interface WorldState {
  readonly stores: readonly TestStore[] | null;
  readonly error: Error | null;
}

/** Time of such a world stands still unless it is moved; this is how far each step moves it. */
const tickMs = 250;

/**
 * Stores of an engine and a server that run in this page, made by `create` and closed with the
 * component. `create` must stay the same function for as long as the world is to stay.
 */
export function useWorld(create: () => Promise<readonly TestStore[]>): WorldState {
  const [state, setState] = useState<WorldState & { of?: unknown }>({ stores: null, error: null });
  useEffect(() => {
    let isWanted = true;
    let made: readonly TestStore[] = [];
    let ticking: ReturnType<typeof setInterval> | undefined;
    const end = () => {
      clearInterval(ticking);
      for (const store of made) void store.close();
    };
    create().then(
      (stores) => {
        made = stores;
        if (!isWanted) return end();
        ticking = setInterval(() => void stores[0]?.clock.advance(tickMs), tickMs);
        setState({ stores, error: null, of: create });
      },
      (error: Error) => isWanted && setState({ stores: null, error, of: create }),
    );
    return () => {
      isWanted = false;
      end();
    };
  }, [create]);
  return state.of === create ? state : { stores: null, error: null };
}
