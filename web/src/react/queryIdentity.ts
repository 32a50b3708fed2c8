import type { Query } from '../client/index.js';

/**
 * Two queries are the same when text and values are, whatever objects carry them. A value is
 * written with its type, since the text '1' and the number 1 are different questions.
 */
export function queryIdentity(query: Query<unknown>): string {
  return query.sql + query.params.map((value) => `\u0000${typeof value} ${value}`).join('');
}
