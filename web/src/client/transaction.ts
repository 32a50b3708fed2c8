import type { Edit } from './edits.js';
import type { SqlTag } from './query.js';
import type { WritableName } from './rows.js';
import type { Database, RegisteredDatabase } from './schemaTypes.js';
import { StoreError } from './storeError.js';
import { type TableReader, type TableWriter, tableWriter } from './table.js';

/**
 * What a transaction's function gets. Writes are collected and become visible together when the
 * function has ended; reads see the store without them.
 */
export interface Tx<D extends Database = RegisteredDatabase> {
  readonly sql: SqlTag;
  /** Reading one table as this transaction left it, and writing it. */
  table<T extends WritableName<D>>(table: T): TableReader<T, D> & TableWriter<T, D>;
}

/** How a transaction may be given up. */
export interface TransactionOptions {
  /** Given up before the writes are sent, nothing is written. */
  readonly signal?: AbortSignal;
}

export interface TransactionParts {
  readonly sql: SqlTag;
  readonly reader: (table: string) => object;
  /** All edits as one, or none. */
  readonly write: (edits: readonly Edit[]) => Promise<void>;
  /** Throws when nothing may be written any more. */
  readonly check: () => void;
}

/** Runs `action` and sends what it wrote as one batch; nothing when it throws. */
export async function runTransaction<R, D extends Database>(
  parts: TransactionParts,
  action: (tx: Tx<D>) => Promise<R>,
): Promise<R> {
  const edits: Edit[] = [];
  let isOver = false;
  const collect = async (edit: Edit) => {
    if (isOver)
      throw new StoreError('CLOSED', 'the transaction has ended: await its writes inside');
    edits.push(edit);
  };
  let result: R;
  try {
    result = await action({
      sql: parts.sql,
      table: (table: string) => ({ ...parts.reader(table), ...tableWriter(table, collect) }),
    } as unknown as Tx<D>);
  } finally {
    isOver = true;
  }
  parts.check();
  if (edits.length > 0) await parts.write(edits);
  return result;
}
