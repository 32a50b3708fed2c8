/** What happens between a device and its server, in sentences. */
import type { Store, SyncStatus } from '../client/index.js';

/** One thing that happened. */
export interface SyncLogEntry {
  readonly id: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly words: string;
  readonly tone: 'plain' | 'good' | 'away' | 'wrong';
}

/** A source for `useSyncExternalStore`. */
export interface SyncLog {
  /** The oldest first; the same array until there is another entry. */
  get(): readonly SyncLogEntry[];
  /** Calls `onChange` after each entry until the returned function is called. */
  subscribe(onChange: () => void): () => void;
}

/** Older entries fall out. */
const entriesMax = 200;

const logs = new WeakMap<Store, SyncLog>();

/**
 * Writes down what the store says of the exchange, from the first call on and for as long as the
 * page is open. The same store has one log.
 */
export function keepSyncLog(store: Store): SyncLog {
  const known = logs.get(store);
  if (known) return known;
  const book = new Book();
  const log = { get: book.get, subscribe: book.subscribe };
  logs.set(store, log);
  let before: SyncStatus | undefined;
  store.on('sync-status', (status) => {
    noteStatus(book, before, status);
    before = status;
  });
  store.on('change', ({ tables, origin }) => {
    const names = tables.map((table) => table.replaceAll('_', ' ').trim()).join(', ');
    book.add(origin === 'remote' ? `Received ${names}` : `Written here: ${names}`);
  });
  store.on('leader', ({ role }) =>
    book.add(role === 'leader' ? 'This tab holds the files now' : 'Another tab holds the files'),
  );
  store.on('error', (error) => book.add(`${error.message} (${error.code})`, 'wrong'));
  return log;
}

class Book {
  #entries: readonly SyncLogEntry[] = [];
  #count = 0;
  readonly #watchers = new Set<() => void>();

  readonly get = () => this.#entries;
  readonly subscribe = (onChange: () => void) => {
    this.#watchers.add(onChange);
    return () => this.#watchers.delete(onChange);
  };

  add(words: string, tone: SyncLogEntry['tone'] = 'plain'): void {
    this.#count += 1;
    const entry = { id: this.#count, at: Date.now(), words, tone };
    this.#entries = [...this.#entries, entry].slice(-entriesMax);
    for (const watcher of this.#watchers) watcher();
  }
}

function noteStatus(book: Book, before: SyncStatus | undefined, status: SyncStatus): void {
  if (before !== undefined && status.state !== before.state) noteState(book, status);
  const confirmed = (before?.pendingUploads ?? 0) - status.pendingUploads;
  if (confirmed > 0) book.add(`${changes(confirmed)} confirmed by the server`, 'good');
  const met = status.conflicts - (before?.conflicts ?? status.conflicts);
  if (met > 0) book.add(met === 1 ? 'A conflict needs you' : `${met} conflicts need you`, 'away');
}

function noteState(book: Book, status: SyncStatus): void {
  const error = status.uploadError ?? status.downloadError;
  const why = error === null ? '' : `: ${error.message}`;
  const [words, tone] = statesInWords[status.state] ?? [];
  if (words !== undefined) book.add(tone === 'good' ? words : words + why, tone);
}

const statesInWords: Readonly<
  Partial<Record<SyncStatus['state'], readonly [string, SyncLogEntry['tone']]>>
> = {
  idle: ['Level with the server', 'good'],
  offline: ['The server does not answer', 'away'],
  paused: ['Switched offline', 'away'],
  connecting: ['Connecting', 'plain'],
  error: ['Sync has stopped', 'wrong'],
  'auth-required': ['Sync has stopped', 'wrong'],
};

function changes(count: number): string {
  return count === 1 ? '1 change' : `${count.toLocaleString('en')} changes`;
}
