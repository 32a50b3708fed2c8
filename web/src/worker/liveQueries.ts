/**
 * The queries that pages watch. After a commit those that read a touched collection run again, once
 * for all who watch the same; a result that is the same byte for byte is not sent.
 */
import type { QueryInspection } from '../client/inspection.js';
import type { ErrorValue } from '../client/storeError.js';
import { toErrorValue } from './errorValue.js';
import type { ReplicaStore } from './replicaStore.js';
import type { Session } from './session.js';

interface LiveQuery {
  readonly key: string;
  readonly sql: string;
  readonly params: string;
  /** What a commit calls it (core/src/storage/row_watch.h). */
  readonly id: number;
  readonly watchers: { readonly session: Session; readonly watch: number }[];
  /** What was sent last; undefined after an error. */
  bytes: Uint8Array | undefined;
  error: ErrorValue | undefined;
  isStale: boolean;
  runs: number;
  lastMs: number;
  totalMs: number;
}

export class LiveQueries {
  readonly #store: Pick<ReplicaStore, 'query' | 'watch' | 'unwatch'>;
  readonly #defer: (action: () => void) => void;
  readonly #queries = new Map<string, LiveQuery>();
  readonly #byId = new Map<number, LiveQuery>();
  #isScheduled = false;

  /** `defer` runs an action after the messages that have arrived: many writes, one run. */
  constructor(
    store: Pick<ReplicaStore, 'query' | 'watch' | 'unwatch'>,
    defer: (action: () => void) => void,
  ) {
    this.#store = store;
    this.#defer = defer;
  }

  get size(): number {
    return this.#queries.size;
  }

  /** What each costs, in the order in which they were first watched. */
  inspect(): QueryInspection[] {
    return [...this.#queries.values()].map((query) => ({
      sql: query.sql,
      params: query.params,
      watchers: query.watchers.length,
      runs: query.runs,
      lastMs: query.lastMs,
      totalMs: query.totalMs,
      bytes: query.bytes?.byteLength ?? 0,
      error: query.error?.message ?? null,
    }));
  }

  /** Sends the result at once, and again whenever it changes. */
  watch(session: Session, watch: number, sql: string, params: string): void {
    const watcher = { session, watch };
    let query: LiveQuery;
    try {
      query = this.#find(sql, params);
    } catch (error) {
      session.send({ event: 'live-error', watch, error: toErrorValue(error) });
      return;
    }
    if (query.isStale && this.#run(query)) this.#sendToAll(query);
    query.watchers.push(watcher);
    this.#send(query, watcher);
  }

  unwatch(session: Session, watch: number): void {
    this.#remove((watcher) => watcher.session === session && watcher.watch === watch);
  }

  leave(session: Session): void {
    this.#remove((watcher) => watcher.session === session);
  }

  /** A commit can have changed the results of these. */
  touched(ids: readonly number[]): void {
    for (const id of ids) {
      const query = this.#byId.get(id);
      if (query) query.isStale = true;
    }
    if (ids.length === 0 || this.#isScheduled) return;
    this.#isScheduled = true;
    this.#defer(() => {
      this.#isScheduled = false;
      this.#runStale();
    });
  }

  #runStale(): void {
    for (const query of this.#queries.values()) {
      if (query.isStale && this.#run(query)) this.#sendToAll(query);
    }
  }

  #find(sql: string, params: string): LiveQuery {
    const key = `${sql}\u0000${params}`;
    const known = this.#queries.get(key);
    if (known) return known;
    const id = this.#store.watch(sql, params);
    const costs = { runs: 0, lastMs: 0, totalMs: 0 };
    const state = { bytes: undefined, error: undefined, isStale: true, ...costs };
    const query: LiveQuery = { key, id, sql, params, watchers: [], ...state };
    this.#queries.set(key, query);
    this.#byId.set(id, query);
    return query;
  }

  /** Returns whether there is something new to send. */
  #run(query: LiveQuery): boolean {
    query.isStale = false;
    const start = performance.now();
    try {
      const bytes = this.#store.query(query.sql, query.params);
      const isNew = query.bytes === undefined || !areSameBytes(bytes, query.bytes);
      query.bytes = bytes;
      query.error = undefined;
      return isNew;
    } catch (error) {
      query.bytes = undefined;
      query.error = toErrorValue(error);
      return true;
    } finally {
      query.runs += 1;
      query.lastMs = performance.now() - start;
      query.totalMs += query.lastMs;
    }
  }

  #sendToAll(query: LiveQuery): void {
    for (const watcher of query.watchers) this.#send(query, watcher);
  }

  #send(query: LiveQuery, { session, watch }: { session: Session; watch: number }): void {
    if (query.error) {
      session.send({ event: 'live-error', watch, error: query.error });
    } else if (query.bytes) {
      const bytes = query.bytes.slice();
      session.send({ event: 'live', watch, bytes }, [bytes.buffer]);
    }
  }

  #remove(isGone: (watcher: { session: Session; watch: number }) => boolean): void {
    for (const query of this.#queries.values()) {
      for (let i = query.watchers.length - 1; i >= 0; i -= 1) {
        const watcher = query.watchers[i];
        if (watcher && isGone(watcher)) query.watchers.splice(i, 1);
      }
      if (query.watchers.length > 0) continue;
      this.#queries.delete(query.key);
      this.#byId.delete(query.id);
      this.#store.unwatch(query.id);
    }
  }
}

function areSameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.byteLength !== b.byteLength) return false;
  const words = a.byteLength >> 2;
  const left = new Uint32Array(a.buffer, a.byteOffset, words);
  const right = new Uint32Array(b.buffer, b.byteOffset, words);
  for (let i = 0; i < words; i += 1) if (left[i] !== right[i]) return false;
  for (let i = words << 2; i < a.byteLength; i += 1) if (a[i] !== b[i]) return false;
  return true;
}
