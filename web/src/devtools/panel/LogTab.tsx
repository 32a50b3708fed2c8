import { type ReactNode, useSyncExternalStore } from 'react';
import { useStore } from '../../react/index.js';
import { keepSyncLog } from '../syncLog.js';

const time = new Intl.DateTimeFormat('en', { timeStyle: 'medium', hourCycle: 'h23' });

/** What happened between this device and the server since the page was opened. */
export function LogTab(): ReactNode {
  const log = keepSyncLog(useStore());
  const entries = useSyncExternalStore(log.subscribe, log.get);
  if (entries.length === 0) return <p className="empty">Nothing has happened yet.</p>;
  return (
    <ol className="log">
      {entries.toReversed().map(({ id, at, words, tone }) => (
        <li key={id} data-tone={tone}>
          <time dateTime={new Date(at).toISOString()}>{time.format(at)}</time> {words}
        </li>
      ))}
    </ol>
  );
}
