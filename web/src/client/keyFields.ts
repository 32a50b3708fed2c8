import { StoreError } from './storeError.js';
import { keyFields } from './tables.js';

/**
 * The key fields of each collection, from the schema's text or the shipped one. The engine checks
 * the schema itself when it opens.
 *
 * @throws {StoreError} `INVALID_SCHEMA` when the text is not JSON of that form
 */
export function keyFieldsOf(schema: string | undefined): (table: string) => readonly string[] {
  const known: Record<string, readonly string[]> =
    schema === undefined ? { ...keyFields } : { ...systemKeys, ...parseKeys(schema) };
  return (table) => {
    if (Object.hasOwn(known, table)) return known[table] as readonly string[];
    throw new StoreError('UNKNOWN_COLLECTION', `there is no collection ${table}`);
  };
}

/** Every schema has them. */
const systemKeys = Object.fromEntries(
  Object.entries(keyFields).filter(([name]) => name.startsWith('_')),
);

function parseKeys(schema: string): Record<string, readonly string[]> {
  try {
    const { collections } = JSON.parse(schema) as {
      collections: { name: string; key: string[] }[];
    };
    return Object.fromEntries(collections.map(({ name, key }) => [name, [...key]]));
  } catch (cause) {
    throw new StoreError('INVALID_SCHEMA', 'the schema is not JSON with collections', { cause });
  }
}
