/**
 * The types of rows, keys and changes. `D` is the database of a schema: the registered one, which
 * is the shipped one when an application registers none.
 */
import type { Database, RegisteredDatabase } from './schemaTypes.js';
import type { SystemTable } from './tables.js';

/** A table's name, system tables included. */
export type TableName<D extends Database = RegisteredDatabase> = keyof D['tables'] & string;

/** Those that an application writes. */
export type WritableName<D extends Database = RegisteredDatabase> = Exclude<
  TableName<D>,
  SystemTable
>;

/** A row of a table as queries give it. */
export type Row<T extends TableName<D>, D extends Database = RegisteredDatabase> = Readonly<
  D['tables'][T & keyof D['tables']]
>;

/** The value of a key of one field, a tuple for several: branches are `[repo_id, name]`. */
export type Key<T extends TableName<D>, D extends Database = RegisteredDatabase> = KeyValues<
  KeyNames<T, D>,
  Row<T, D>
>;

/** A new row: its key and required fields, and any others. */
export type NewRow<T extends TableName<D>, D extends Database = RegisteredDatabase> = Pick<
  Row<T, D>,
  Member<D['required'], T> & keyof Row<T, D>
> &
  Partial<Row<T, D>>;

/** Changed fields; a counter also takes an increment. */
export type Patch<T extends TableName<D>, D extends Database = RegisteredDatabase> = {
  readonly [F in Exclude<keyof Row<T, D>, KeyNames<T, D>[number]>]?: F extends Member<
    D['counters'],
    T
  >
    ? number | { readonly increment: number }
    : Row<T, D>[F];
};

type Member<O, N> = N extends keyof O ? O[N] : never;
type FieldOf<R, F> = F extends keyof R ? R[F] : string;
type KeyValues<Names extends readonly string[], R> = Names extends readonly [infer Only]
  ? FieldOf<R, Only>
  : { readonly [I in keyof Names]: FieldOf<R, Names[I]> };
type KeyNames<T extends TableName<D>, D extends Database> =
  Member<D['keys'], T> extends infer K extends readonly string[] ? K : never;
