import { useNow } from '../hooks/useNow.ts';
import { fullTime, relativeTime } from '../words/time.ts';

/** "3 days ago", with the full time for whoever points at it. */
export function RelativeTime({ time }: { time: string | null }) {
  const now = useNow(30_000);
  const ms = time === null ? Number.NaN : Date.parse(time);
  if (time === null || Number.isNaN(ms)) return <span className="faint">never</span>;
  return (
    <time dateTime={time} title={fullTime(ms)}>
      {relativeTime(ms, now)}
    </time>
  );
}
