/** The types of rows, keys and changes, from the generated tables. */
import type { CounterFields, KeyFields, RequiredFields, SystemTable, Tables } from './tables.js';

export type TableName = keyof Tables & string;

/** Those that an application writes. */
export type WritableName = Exclude<TableName, SystemTable>;

export type Row<T extends TableName> = Readonly<Tables[T]>;

/** A text for a key of one field, a tuple for several: branches are `[repo_id, name]`. */
export type Key<T extends TableName> = KeyFields[T]['length'] extends 1
  ? string
  : KeyTuple<KeyFields[T]>;

type KeyTuple<Fields extends readonly string[]> = { readonly [I in keyof Fields]: string };

/** A new row: its key and required fields, and any others. */
export type NewRow<T extends TableName> = Pick<Row<T>, RequiredFields[T] & keyof Row<T>> &
  Partial<Row<T>>;

/** Changed fields; a counter also takes an increment. */
export type Patch<T extends TableName> = {
  readonly [F in Exclude<keyof Row<T>, KeyFields[T][number]>]?: F extends CounterFields[T]
    ? number | { readonly increment: number }
    : Row<T>[F];
};
