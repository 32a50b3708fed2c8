import type { HostEvent } from '../worker/messages.js';
import { Connection } from './connection.js';
import { type Edit, encodeEdits } from './edits.js';
import { spawnWorker } from './endpoint.js';
import { EventHub } from './events.js';
import { LiveQueries } from './liveQueries.js';
import { createFreshness } from './freshness.js';
import { type CreateStoreOptions, toOpenOptions } from './options.js';
import {
  assertWellFormed,
  buildQuery,
  encodeParams,
  type Query,
  type SqlTag,
  type SqlValue,
} from './query.js';
import { decodeResult, type ResultRow } from './resultRows.js';
import type { TableName } from './rows.js';
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
  const { name } = openOptions;
  const keys = keyFieldsOf(openOptions.schema);
  const events = new EventHub();
  const connection = new Connection(openOptions, options.worker ?? (() => spawnWorker(name)), {
    onEvent: (event) => receive(event),
    onReset: () => live.rewatch(),
    onOpened: ({ role }) => events.emit('leader', { role }),
  });
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
      case 'change': {
        const tables = event.tables as readonly TableName[];
        events.emit('change', { tables, origin: event.origin });
        break;
      }
      case 'memory-fallback':
        events.emit('storage-warning', { kind: 'memory-fallback', reason: event.reason });
        break;
      case 'error':
      case 'crash':
        events.emit('error', toStoreError(event.error));
        break;
      default:
        live.receive(event);
    }
  }

  async function run(statement: string, params: readonly SqlValue[]): Promise<ResultRow[]> {
    assertWellFormed(statement, 'the statement');
    const call = { op: 'query', sql: statement, params: encodeParams(params) } as const;
    return [...decodeResult((await connection.call(call)) as Uint8Array).rows];
  }

  /** A query that runs when it is awaited. */
  function runnable<R>(statement: string, params: readonly SqlValue[]) {
    const query: Query<R> & PromiseLike<R[]> = {
      sql: statement,
      params,
      // biome-ignore lint/suspicious/noThenProperty: awaiting a query is how it is run once
      then: (onRows, onError) => (run(statement, params) as Promise<R[]>).then(onRows, onError),
    };
    return query;
  }

  const sql: SqlTag = <R>(texts: TemplateStringsArray, ...values: readonly unknown[]) => {
    const built = buildQuery(texts, values as readonly (SqlValue | Query<unknown>)[]);
    return runnable<R>(built.sql, built.params);
  };

  async function write(edits: readonly Edit[]): Promise<void> {
    await connection.call({ op: 'write', edits: encodeEdits(edits) });
  }

  function reader(table: string) {
    return {
      get: async (key: unknown) => {
        const { sql: statement, params } = selectByKey(table, keys(table), key);
        return (await run(statement, params))[0] ?? null;
      },
      where: (filter: object, whereOptions?: WhereOptions) => {
        const { sql: statement, params } = selectWhere(table, filter, whereOptions);
        return runnable(statement, params);
      },
    };
  }

  const close = async () => {
    await connection.close();
    live.end();
    events.clear();
  };
  return {
    name,
    ready: () => connection.ready(),
    sql,
    live: <R>(query: Query<R>) => {
      assertWellFormed(query.sql, 'the statement');
      return live.get('rows', query.sql, encodeParams(query.params), (rows) => rows as R[]);
    },
    liveRow: (table: string, key: unknown) => {
      const { sql: statement, params } = selectByKey(table, keys(table), key);
      const first = (rows: readonly ResultRow[]) => rows[0] ?? null;
      return live.get('row', statement, encodeParams(params), first);
    },
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
      JSON.stringify({ writes: await run('SELECT * FROM _rejected_writes ORDER BY id', []) }),
    transaction: <R>(action: (tx: Tx) => Promise<R>, { signal }: TransactionOptions = {}) =>
      lock.run((check) => runTransaction({ sql, reader, write, check }, action), signal),
    sync: createSync(connection, status, openOptions.sync !== undefined),
    inspect: () => connection.call({ op: 'inspect' }),
    on: events.on.bind(events),
    close,
    [Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose')]: close,
  } as unknown as Store;
}
