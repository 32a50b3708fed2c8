import { limits } from './limits.js';
import { LiveQuery, type LiveSink, type LiveSource } from './liveQuery.js';
import type { ResultRow } from './resultRows.js';
import type { Connection } from './connection.js';
import { encodeParams, type Statement } from './query.js';
import { toStoreError, type StoreError } from './storeError.js';
import type { HostEvent } from '../worker/messages.js';

interface Watch {
  readonly sql: string;
  readonly params: string;
  readonly sink: LiveSink;
}

/**
 * The page's live queries: who asks the same gets the same object, so that its snapshots are
 * shared. Idle ones are kept for a while, for components that come back.
 */
export class LiveQueries implements LiveSource {
  readonly #connection: Connection;
  readonly #queries = new Map<string, LiveQuery<unknown>>();
  readonly #watches = new Map<number, Watch>();
  #nextWatch = 1;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** `kind` tells apart uses of the same statement that make different data of it. */
  get<T>(
    kind: string,
    statement: Statement,
    select: (rows: readonly ResultRow[]) => T,
  ): LiveQuery<T> {
    const { sql } = statement;
    const params = encodeParams(statement.params);
    const key = `${kind}\u0000${sql}\u0000${params}`;
    const known = this.#queries.get(key) as LiveQuery<T> | undefined;
    if (known) return known;
    this.#forgetIdle();
    const query = new LiveQuery<T>(this, sql, params, select);
    this.#queries.set(key, query as LiveQuery<unknown>);
    return query;
  }

  watch(sql: string, params: string, sink: LiveSink): () => void {
    const id = this.#nextWatch++;
    this.#watches.set(id, { sql, params, sink });
    // A connection that starts now makes all watches by itself, this one included.
    if (this.#connection.isStarted) {
      this.#connection.send({ op: 'watch', watch: id, sql, params });
    }
    this.#connection.ready().then(
      () => undefined,
      (error: StoreError) => this.#watches.get(id)?.sink.onError(error),
    );
    return () => {
      this.#watches.delete(id);
      this.#connection.send({ op: 'unwatch', watch: id });
    };
  }

  receive(event: HostEvent): void {
    if (event.event === 'live') {
      this.#watches.get(event.watch)?.sink.onResult(event.bytes);
    } else if (event.event === 'live-error') {
      const watch = this.#watches.get(event.watch);
      watch?.sink.onError(toStoreError(event.error, { sql: watch.sql }));
    }
  }

  /** Another host: all watches are made again. */
  rewatch(): void {
    for (const [watch, { sql, params }] of this.#watches) {
      this.#connection.send({ op: 'watch', watch, sql, params });
    }
  }

  end(): void {
    for (const query of this.#queries.values()) query.end();
    this.#queries.clear();
    this.#watches.clear();
  }

  /** The oldest first. */
  #forgetIdle(): void {
    const idle = [...this.#queries].filter(([, query]) => query.isIdle);
    const surplus = idle.length + 1 - limits.idleQueriesMax;
    for (const [key] of idle.slice(0, Math.max(0, surplus))) this.#queries.delete(key);
  }
}
