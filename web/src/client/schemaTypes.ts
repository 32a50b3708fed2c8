/** The schema language (docs/schema.md) as types, and the types of rows that follow from a schema. */
import type { CounterFields, KeyFields, RequiredFields, SystemTable, Tables } from './tables.js';

/** What happens where two edits of one field meet: docs/sync.md. */
export type Policy = 'LATEST_WINS' | 'MERGE' | 'MANUAL';

/** One column, as docs/schema.md describes it. */
export interface FieldDefinition {
  readonly name: string;
  readonly type: keyof FieldValues;
  /** An insert must name it. */
  readonly required?: boolean;
  /** What an insert that does not name it gets. */
  readonly default?: unknown;
  /** Fields of one group win or lose together. */
  readonly group?: string;
  /** What MERGE does with it. */
  readonly merge?: 'latest' | 'set' | 'counter' | 'max' | 'min' | 'json' | 'text' | 'manual';
  readonly policy?: Policy;
}

/** One table, as docs/schema.md describes it. */
export interface CollectionDefinition {
  readonly name: string;
  readonly key: readonly string[];
  readonly scope: string;
  readonly fields: readonly FieldDefinition[];
  readonly indexes?: readonly (readonly string[])[];
  readonly policy?: Policy;
  readonly append_only?: boolean;
  readonly delete_wins?: boolean;
  readonly atomic?: boolean;
  /** A time field: rows may leave a device that makes room, the oldest first. */
  readonly evict_by?: string;
}

/** A schema of your own: the document of docs/schema.md. */
export interface SchemaDefinition {
  readonly name: string;
  readonly version: number;
  readonly collections: readonly CollectionDefinition[];
}

/** Gives the schema back as it is, with its names and types known to the compiler. */
export function defineSchema<const S extends SchemaDefinition>(schema: S): S {
  return schema;
}

/** What the types know of a schema's collections, by name. */
export interface Database {
  readonly tables: object;
  readonly keys: object;
  readonly required: object;
  readonly counters: object;
}

/** The schema that ships: core/schema/code_mri.json. */
export interface CodeMri {
  readonly tables: Tables;
  readonly keys: KeyFields;
  readonly required: RequiredFields;
  readonly counters: CounterFields;
}

/**
 * Names the schema that hooks and types mean when nothing else is said:
 * `declare module 'twinstore' { interface Register { schema: typeof schema } }`.
 */
// biome-ignore lint/suspicious/noEmptyInterface: an application adds the member
export interface Register {}

/** The schema that `Register` names, else the shipped one. */
export type RegisteredDatabase = Register extends { schema: infer S extends SchemaDefinition }
  ? DatabaseOf<S>
  : CodeMri;

/** A schema's database: its own collections, and those that the engine keeps for every schema. */
export interface DatabaseOf<S extends SchemaDefinition> {
  readonly tables: { [C in Collections<S> as C['name']]: RowOf<C> } & Pick<Tables, SystemTable>;
  readonly keys: { [C in Collections<S> as C['name']]: C['key'] } & Pick<KeyFields, SystemTable>;
  readonly required: {
    [C in Collections<S> as C['name']]: C['key'][number] | RequiredNames<C['fields'][number]>;
  } & Pick<RequiredFields, SystemTable>;
  readonly counters: {
    [C in Collections<S> as C['name']]: Extract<C['fields'][number], { type: 'counter' }>['name'];
  } & Pick<CounterFields, SystemTable>;
}

/** What a field's value is in JavaScript. */
interface FieldValues {
  text: string;
  int: number;
  double: number;
  bool: boolean;
  /** RFC 3339 in UTC. */
  time: string;
  json: unknown;
  set: readonly string[];
  counter: number;
}

type Collections<S extends SchemaDefinition> = S['collections'][number];
type RequiredNames<F extends FieldDefinition> = Extract<F, { required: true }>['name'];

type RowOf<C extends CollectionDefinition> = {
  [F in C['fields'][number] as F['name']]:
    | FieldValues[F['type']]
    | (IsNullable<F, C['key'][number]> extends true ? null : never);
};

/** Storage turns a null of a set or counter into the empty set and zero. */
type IsNullable<F extends FieldDefinition, Key extends string> = F['name'] extends Key
  ? false
  : F extends { required: true } | { type: 'set' | 'counter' | 'json' }
    ? false
    : true;
