import type { Edit } from './edits.js';
import type { Query, SqlValue, Statement } from './query.js';
import type { Key, NewRow, Patch, Row, TableName } from './rows.js';
import type { Database, RegisteredDatabase } from './schemaTypes.js';
import { StoreError } from './storeError.js';

/** Order and bound of the rows that `where` gives. */
export interface WhereOptions<F extends string = string> {
  readonly orderBy?: F;
  readonly desc?: boolean;
  readonly limit?: number;
}

/** Reading one table, by key or by equal values. */
export interface TableReader<T extends TableName<D>, D extends Database = RegisteredDatabase> {
  /** The row, or null when there is none. @throws {StoreError} */
  get(key: Key<T, D>): Promise<Row<T, D> | null>;
  /** The rows whose fields equal those of `filter`; null finds rows without a value. */
  where(
    filter: Partial<Row<T, D>>,
    options?: WhereOptions<keyof Row<T, D> & string>,
  ): Query<Row<T, D>> & PromiseLike<Row<T, D>[]>;
}

/** Each write resolves when it is durable on this device. @throws {StoreError} nothing is written */
export interface TableWriter<T extends TableName<D>, D extends Database = RegisteredDatabase> {
  /** `ROW_EXISTS` when there is one already. */
  insert(row: NewRow<T, D>): Promise<void>;
  /** Inserts, or changes the fields that are named. */
  upsert(row: NewRow<T, D>): Promise<void>;
  /** `ROW_MISSING` when there is none. */
  patch(key: Key<T, D>, fields: Patch<T, D>): Promise<void>;
  /** Not an error when there is none. */
  delete(key: Key<T, D>): Promise<void>;
}

export interface TableApi<T extends TableName<D>, D extends Database = RegisteredDatabase>
  extends TableReader<T, D>,
    TableWriter<T, D> {}

/** The writes of any table; what they take is checked by the types of those who call them. */
export interface AnyTableWriter {
  insert(row: unknown): Promise<void>;
  upsert(row: unknown): Promise<void>;
  patch(key: unknown, fields: unknown): Promise<void>;
  delete(key: unknown): Promise<void>;
}

/** The edits of a table's writes, handed to whoever collects or sends them. */
export function tableWriter(
  collection: string,
  write: (edit: Edit) => Promise<void>,
): AnyTableWriter {
  return {
    insert: (fields) => write({ op: 'insert', collection, fields }),
    upsert: (fields) => write({ op: 'upsert', collection, fields }),
    patch: (key, fields) => write({ op: 'update', collection, key, fields }),
    delete: (key) => write({ op: 'delete', collection, key }),
  };
}

/** @throws {StoreError} `MISSING_FIELD` when the key has another number of parts */
export function selectByKey(
  collection: string,
  keyFields: readonly string[],
  key: unknown,
): Statement {
  const parts = (Array.isArray(key) ? key : [key]) as SqlValue[];
  if (parts.length !== keyFields.length || parts.some((part) => part === undefined)) {
    throw new StoreError('MISSING_FIELD', `the key of ${collection} is ${keyFields.join(', ')}`);
  }
  const where = keyFields.map((name) => `${quote(name)} = ?`).join(' AND ');
  return { sql: `SELECT * FROM ${quote(collection)} WHERE ${where}`, params: parts };
}

export function selectWhere(
  collection: string,
  filter: object,
  { orderBy, desc, limit }: WhereOptions = {},
): Statement {
  const params: SqlValue[] = [];
  // A field that is undefined is not asked for, as in a patch.
  const asked = Object.entries(filter).filter(([, value]) => value !== undefined);
  const terms = asked.map(([name, value]) => {
    params.push(
      typeof value === 'object' && value !== null ? JSON.stringify(value) : (value as SqlValue),
    );
    return `${quote(name)} IS ?`;
  });
  let sql = `SELECT * FROM ${quote(collection)}`;
  if (terms.length > 0) sql += ` WHERE ${terms.join(' AND ')}`;
  if (orderBy !== undefined) sql += ` ORDER BY ${quote(orderBy)}${desc ? ' DESC' : ''}`;
  if (limit !== undefined) {
    sql += ' LIMIT ?';
    params.push(limit);
  }
  return { sql, params };
}

function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
