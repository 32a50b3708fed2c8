import type { Store, SyncStatus } from 'twinstore';
import { external } from './external.ts';

export interface LogEntry {
  readonly id: number;
  readonly at: number;
  readonly words: string;
  readonly tone: 'plain' | 'good' | 'away' | 'wrong';
}

/** Older entries fall out. */
const ENTRIES_MAX = 200;

const entries = external<readonly LogEntry[]>([]);
let count = 0;

/** What happened between this device and the server since the page was opened. */
export const syncLog = { get: entries.get, subscribe: entries.subscribe };

function add(words: string, tone: LogEntry['tone'] = 'plain'): void {
  count += 1;
  const entry = { id: count, at: Date.now(), words, tone };
  entries.set([...entries.get(), entry].slice(-ENTRIES_MAX));
}

/** Writes down what the store says of the exchange, for as long as the page is open. */
export function keepSyncLog(store: Store): void {
  let before: SyncStatus | undefined;
  store.on('sync-status', (status) => {
    if (before !== undefined && status.state !== before.state) noteState(status);
    const confirmed = (before?.pendingUploads ?? 0) - status.pendingUploads;
    if (confirmed > 0) add(`${changes(confirmed)} confirmed by the server`, 'good');
    const met = status.conflicts - (before?.conflicts ?? status.conflicts);
    if (met > 0) add(met === 1 ? 'A conflict needs you' : `${met} conflicts need you`, 'away');
    before = status;
  });
  store.on('change', ({ tables, origin }) => {
    const rows = tables.map((name) => name.replaceAll('_', ' ').trim()).join(', ');
    if (origin === 'remote') add(`Received ${rows}`);
    else add(`Written here: ${rows}`);
  });
  store.on('leader', ({ role }) =>
    add(role === 'leader' ? 'This tab holds the files now' : 'Another tab holds the files now'),
  );
  store.on('error', (error) => add(`${error.code}: ${error.message}`, 'wrong'));
}

function noteState(status: SyncStatus): void {
  const error = status.uploadError ?? status.downloadError;
  const why = error === null ? '' : `: ${error.message}`;
  const [words, tone] = statesInWords[status.state] ?? [];
  if (words !== undefined) add(tone === 'good' ? words : words + why, tone);
}

const statesInWords: Readonly<
  Partial<Record<SyncStatus['state'], readonly [string, LogEntry['tone']]>>
> = {
  idle: ['Level with the server', 'good'],
  offline: ['The server does not answer', 'away'],
  paused: ['Switched offline', 'away'],
  connecting: ['Connecting', 'plain'],
  error: ['Sync has stopped', 'wrong'],
  'auth-required': ['Sync has stopped', 'wrong'],
};

function changes(number: number): string {
  return number === 1 ? '1 change' : `${number.toLocaleString('en')} changes`;
}
