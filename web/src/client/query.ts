import { StoreError } from './storeError.js';

/** What a placeholder takes. Bytes are not data of any collection and are refused. */
export type SqlValue = string | number | bigint | boolean | null | Uint8Array;

/** A text and the values of its placeholders. */
export interface Statement {
  readonly sql: string;
  readonly params: readonly SqlValue[];
}

/** A SELECT with its values, not run yet. */
export interface Query<R> extends Statement {
  /** Only a type: the form of a row. */
  readonly _row?: R;
}

/**
 * ``sql`SELECT * FROM branches WHERE repo_id = ${id}` ``: values become bound parameters, never
 * text. Await it to run it once, or hand it to `live`. A query in a value's place is inserted as it
 * is, with its own values.
 */
export type SqlTag = <R = Record<string, unknown>>(
  texts: TemplateStringsArray,
  ...values: readonly (SqlValue | Query<unknown>)[]
) => Query<R> & PromiseLike<R[]>;

/** Text and parameters of a template. */
export function buildQuery(
  texts: readonly string[],
  values: readonly (SqlValue | Query<unknown>)[],
): Statement {
  let sql = texts[0] ?? '';
  const params: SqlValue[] = [];
  values.forEach((value, i) => {
    if (isQuery(value)) {
      sql += value.sql;
      params.push(...value.params);
    } else {
      sql += '?';
      params.push(value);
    }
    sql += texts[i + 1] ?? '';
  });
  return { sql, params };
}

function isQuery(value: unknown): value is Query<unknown> {
  return typeof value === 'object' && value !== null && 'sql' in value && 'params' in value;
}

/**
 * The parameters as the JSON that the engine takes.
 *
 * @throws {StoreError} `INVALID_ARGUMENT` for anything but text, finite numbers, bigints of 64 bits,
 * booleans and null
 */
export function encodeParams(params: readonly SqlValue[]): string {
  return `[${params.map(encodeParam).join(',')}]`;
}

function encodeParam(value: SqlValue, at: number): string {
  if (typeof value === 'bigint' && BigInt.asIntN(64, value) === value) return String(value);
  const isAccepted =
    value === null ||
    typeof value === 'string' ||
    typeof value === 'boolean' ||
    Number.isFinite(value);
  if (isAccepted) return JSON.stringify(value);
  throw new StoreError(
    'INVALID_ARGUMENT',
    `parameter ${at + 1} is ${value instanceof Uint8Array ? 'bytes' : String(value)}: text, finite numbers, booleans and null are accepted`,
  );
}
