import type { ReactNode } from 'react';
import { fullTime, relativeTime } from './time.js';
import { useNow } from './useNow.js';

const tickMs = 30_000;

/** "3 days ago", with the full time for whoever points at it; `never` for null. */
export function RelativeTime(props: { time: string | number | null; never?: string }): ReactNode {
  const now = useNow(tickMs);
  const ms = typeof props.time === 'string' ? Date.parse(props.time) : props.time;
  if (ms === null || Number.isNaN(ms)) {
    return <span className="twin-faint">{props.never ?? 'never'}</span>;
  }
  return (
    <time dateTime={new Date(ms).toISOString()} title={fullTime(ms)}>
      {relativeTime(ms, now)}
    </time>
  );
}
