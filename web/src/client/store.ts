import type { StoreEvents } from './events.js';
import type { Freshness } from './freshness.js';
import type { StoreInspection } from './inspection.js';
import type { Live } from './live.js';
import type { StoreInfo } from './options.js';
import type { Query, SqlTag } from './query.js';
import type { Key, Row, TableName, WritableName } from './rows.js';
import type { Database, RegisteredDatabase } from './schemaTypes.js';
import type { Sync } from './syncStatus.js';
import type { TableApi } from './table.js';
import type { TransactionOptions, Tx } from './transaction.js';

/** Which side the row takes; or values by field name, where neither will do. */
export type Resolution =
  | { readonly take: 'local' | 'remote' }
  | { readonly take: 'merged'; readonly fields: Readonly<Record<string, unknown>> };

/**
 * Local data of an application: read with SQL, written through edits, kept level with a server.
 * `D` is what the types know of its schema.
 */
export interface Store<D extends Database = RegisteredDatabase> extends AsyncDisposable {
  readonly name: string;
  /** Opens the store, as any first use does. @throws {StoreError} why it cannot be opened */
  ready(): Promise<StoreInfo>;
  readonly sql: SqlTag;
  /** The rows of a query, live. Equal queries give the same object. */
  live<R>(query: Query<R>): Live<R[]>;
  /** One row, live; null when there is none. */
  liveRow<T extends TableName<D>>(table: T, key: Key<T, D>): Live<Row<T, D> | null>;
  /** Reading and writing one table. */
  table<T extends WritableName<D>>(table: T): TableApi<T, D>;
  /**
   * Decides a conflict, or takes back what was decided automatically: a row of `_conflicts`.
   * @throws {StoreError} `NOT_FOUND`, `PRECONDITION_FAILED` when it is resolved already, or what the
   * merged values met
   */
  resolveConflict(id: string, resolution: Resolution): Promise<void>;
  /**
   * Decides about a write that the server refused: a row of `_rejected_writes`. `local` writes it
   * anew on top of what stands there, `merged` with other values, `remote` gives it up.
   * @throws {StoreError} `NOT_FOUND`, `INVALID_ARGUMENT` for merged values of a write of several
   * rows, or what the write met
   */
  resolveRejected(id: string, resolution: Resolution): Promise<void>;
  /** All refused writes as one JSON text, to be kept elsewhere before they are given up. */
  exportRejected(): Promise<string>;
  /** How fresh analyses are, and asking for new ones. */
  readonly freshness: Freshness;
  /**
   * Writes together: all become visible and durable at once, or none. One runs at a time, in all
   * tabs: one that is started inside another waits for ever.
   * @throws {StoreError} what the batch met; or whatever `action` threw
   */
  transaction<R>(action: (tx: Tx<D>) => Promise<R>, options?: TransactionOptions): Promise<R>;
  readonly sync: Sync;
  /** What goes on inside, for developers' tools such as `twinstore/devtools`. */
  inspect(): Promise<StoreInspection>;
  /**
   * Asks the browser never to clear the data by itself, and resolves to whether it agreed. Some ask
   * the user: best after a first write, when it is worth something. @throws {StoreError}
   */
  persist(): Promise<boolean>;
  /**
   * Removes everything from this device, in all tabs, for a logout: also what was not uploaded, so
   * see `pendingUploads` first. Then the store is closed. @throws {StoreError} nothing is removed
   */
  wipe(): Promise<void>;
  /** Returns what ends it. */
  on<E extends keyof StoreEvents>(type: E, listener: (event: StoreEvents[E]) => void): () => void;
  /** Gives the files back; other tabs go on. Later calls are `CLOSED`. */
  close(): Promise<void>;
}
