import { useSyncWords } from '../hooks/useSyncWords.ts';
import type { SyncTone } from '../words/sync.ts';

const shapes: Record<SyncTone, string> = {
  level: 'M4 8.5 7 11.5 12.5 5.5',
  busy: 'M8 2.5a5.5 5.5 0 1 1-5.5 5.5',
  away: 'M3 3 13 13M8 3.2a8 8 0 0 1 5 2M3 5.2A8 8 0 0 1 4.6 4M5.4 8.4a4.4 4.4 0 0 1 2-1.1M8 12h.01',
  wrong: 'M8 2.5 14.2 13H1.8ZM8 6.6v3M8 11.4h.01',
};

/** Whether this device and the server hold the same, in words and a shape. */
export function SyncState() {
  const { tone, text, age } = useSyncWords();
  return (
    <p className="sync-state" data-tone={tone}>
      <svg className="sync-shape" viewBox="0 0 16 16" aria-hidden="true">
        <path d={shapes[tone]} />
      </svg>
      <span className="sync-words">
        {text}
        {age !== '' && <span className="sync-age">, {age}</span>}
      </span>
    </p>
  );
}
