import type { HostEvent, TokenWanted } from '../worker/messages.js';
import { Connection } from './connection.js';
import { type Edit, encodeEdits } from './edits.js';
import { spawnWorker } from './endpoint.js';
import { EventHub } from './events.js';
import { LiveQueries } from './liveQueries.js';
import { createFreshness } from './freshness.js';
import {
  type CreateStoreOptions,
  type HostInfo,
  type SyncOptions,
  toOpenOptions,
} from './options.js';
import { buildQuery, encodeParams, type Query, type SqlTag, type Statement } from './query.js';
import { decodeResult, type ResultRow } from './resultRows.js';
import type { DatabaseOf, SchemaDefinition } from './schemaTypes.js';
import { toStoreError } from './storeError.js';
import type { Resolution, Store } from './store.js';
import { createSync } from './storeSync.js';
import { SyncLive } from './syncLive.js';
import { selectByKey, selectWhere, tableWriter, type WhereOptions } from './table.js';
import { keyFieldsOf } from './keyFields.js';
import { runTransaction, type TransactionOptions, type Tx } from './transaction.js';
import { TransactionLock } from './transactionLock.js';

/**
 * A store that opens with its first use: making it starts nothing, also on a server.
 *
 * @throws {StoreError} `INVALID_ARGUMENT`, `INVALID_SCHEMA` for options that cannot be meant
 */
export function createStore<const S extends SchemaDefinition>(
  options: CreateStoreOptions & { readonly schema: S },
): Store<DatabaseOf<S>>;
export function createStore(options: CreateStoreOptions): Store;
export function createStore(options: CreateStoreOptions): unknown {
  const openOptions = toOpenOptions(options);
  const keys = keyFieldsOf(openOptions.schema);
  const events = new EventHub();
  const connection = new Connection(
    openOptions,
    options.worker ?? (() => spawnWorker(openOptions.name)),
    {
      onEvent: (event) => receive(event),
      onReset: () => live.rewatch(),
      onOpened: ({ role }) => events.emit('leader', { role }),
    },
  );
  const live = new LiveQueries(connection);
  const lock = new TransactionLock(connection);
  const status = new SyncLive(() => connection.ready());

  function receive(event: HostEvent): void {
    switch (event.event) {
      case 'status': {
        const changed = status.receive(event.status);
        if (changed) events.emit('sync-status', changed);
        break;
      }
      case 'emit':
        events.emit(event.type, event.detail);
        break;
      case 'token-wanted':
        void answerToken(event);
        break;
      case 'error':
      case 'crash':
        events.emit('error', toStoreError(event.error));
        break;
      case 'wiped':
        live.end();
        events.emit('wiped', undefined);
        break;
      default:
        live.receive(event);
    }
  }

  async function answerToken({ request, isRefused }: TokenWanted): Promise<void> {
    try {
      const { getToken } = options.sync as Required<SyncOptions>;
      connection.send({ op: 'token', request, token: await getToken({ isRefused }) });
    } catch (cause) {
      connection.send({ op: 'token', request, reason: `${(cause as Error).message}` });
    }
  }

  async function run({ sql, params }: Statement): Promise<ResultRow[]> {
    const call = { op: 'query', sql, params: encodeParams(params) } as const;
    return [...decodeResult((await connection.call(call)) as Uint8Array).rows];
  }

  /** A query that runs when it is awaited. */
  function runnable<R>(statement: Statement): Query<R> & PromiseLike<R[]> {
    return {
      ...statement,
      // biome-ignore lint/suspicious/noThenProperty: awaiting a query is how it is run once
      then: (onRows, onError) => (run(statement) as Promise<R[]>).then(onRows, onError),
    };
  }

  const sql: SqlTag = (texts, ...values) => runnable(buildQuery(texts, values));

  async function write(edits: readonly Edit[]): Promise<void> {
    await connection.call({ op: 'write', edits: encodeEdits(edits) });
  }

  function reader(table: string) {
    return {
      get: async (key: unknown) => first(await run(selectByKey(table, keys(table), key))),
      where: (filter: object, whereOptions?: WhereOptions) =>
        runnable(selectWhere(table, filter, whereOptions)),
    };
  }

  const close = async () => {
    await connection.close();
    live.end();
    events.clear();
  };
  const isPersisted = async ({ storage }: HostInfo) =>
    storage === 'opfs' && ((await navigator.storage.persisted?.()) ?? false);
  return {
    name: options.name,
    ready: async () => {
      const info = await connection.ready();
      return { ...info, persisted: await isPersisted(info) };
    },
    persist: async () => {
      await navigator.storage.persist?.();
      const granted = await isPersisted(await connection.ready());
      events.emit('persisted', { granted });
      return granted;
    },
    wipe: async () => {
      await connection.call({ op: 'wipe' });
    },
    sql,
    live: (query: Statement) => live.get('rows', query, (rows) => rows),
    liveRow: (table: string, key: unknown) =>
      live.get('row', selectByKey(table, keys(table), key), first),
    table: (table: string) => ({
      ...reader(table),
      ...tableWriter(table, (edit) => write([edit])),
    }),
    freshness: createFreshness((call) => connection.call(call), write),
    resolveConflict: (conflict: string, { take: choice, ...rest }: Resolution) =>
      write([{ op: 'resolve', conflict, choice, ...rest }]),
    resolveRejected: (rejected: string, { take: choice, ...rest }: Resolution) =>
      write([{ op: 'resolve', rejected, choice, ...rest }]),
    exportRejected: async () =>
      JSON.stringify({
        writes: await run({ sql: 'SELECT * FROM _rejected_writes ORDER BY id', params: [] }),
      }),
    transaction: <R>(action: (tx: Tx) => Promise<R>, { signal }: TransactionOptions = {}) =>
      lock.run((check) => runTransaction({ sql, reader, write, check }, action), signal),
    sync: createSync(connection, status, openOptions.sync !== undefined),
    inspect: () => connection.call({ op: 'inspect' }),
    on: events.on.bind(events),
    close,
    [Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose')]: close,
  } as unknown as Store;
}

function first(rows: readonly ResultRow[]): ResultRow | null {
  return rows[0] ?? null;
}
