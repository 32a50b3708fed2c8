import { useSyncExternalStore } from 'react';

interface Ticker {
  subscribe(onChange: () => void): () => void;
  read(): number;
}

const tickers = new Map<number, Ticker>();

/** One timer for all that tick at the same pace; it stops when nobody watches. */
function tickerOf(everyMs: number): Ticker {
  const known = tickers.get(everyMs);
  if (known) return known;
  const watchers = new Set<() => void>();
  let timer: ReturnType<typeof setInterval> | undefined;
  let now = Date.now();
  const ticker: Ticker = {
    subscribe: (onChange) => {
      watchers.add(onChange);
      timer ??= setInterval(() => {
        now = Date.now();
        for (const watcher of watchers) watcher();
      }, everyMs);
      return () => {
        watchers.delete(onChange);
        if (watchers.size > 0) return;
        clearInterval(timer);
        timer = undefined;
      };
    },
    read: () => {
      if (timer === undefined && Date.now() - now >= everyMs) now = Date.now();
      return now;
    },
  };
  tickers.set(everyMs, ticker);
  return ticker;
}

/** The time of day in milliseconds, read again every `everyMs`. */
export function useNow(everyMs: number): number {
  const ticker = tickerOf(everyMs);
  return useSyncExternalStore(ticker.subscribe, ticker.read, ticker.read);
}
