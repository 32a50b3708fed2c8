import { StoreError } from './storeError.js';

/** What a placeholder takes. Bytes are not data of any collection and are refused. */
export type SqlValue = string | number | bigint | boolean | null | Uint8Array;

/** A SELECT with its values, not run yet. */
export interface Query<R> {
  readonly sql: string;
  readonly params: readonly SqlValue[];
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
): { sql: string; params: SqlValue[] } {
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
 * booleans and null; `INVALID_UTF8` for half of a surrogate pair
 */
export function encodeParams(params: readonly SqlValue[]): string {
  return `[${params.map(encodeParam).join(',')}]`;
}

function encodeParam(value: SqlValue, at: number): string {
  if (typeof value === 'bigint' && BigInt.asIntN(64, value) === value) return String(value);
  if (typeof value === 'string') assertWellFormed(value, `parameter ${at + 1}`);
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

/** @throws {StoreError} `INVALID_UTF8` for half of a surrogate pair, which UTF-8 cannot hold */
export function assertWellFormed(text: string, what: string): void {
  if (/\p{Surrogate}/u.test(text)) {
    throw new StoreError('INVALID_UTF8', `${what} holds half of a surrogate pair`);
  }
}
