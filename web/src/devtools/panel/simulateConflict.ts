import type { Store } from '../../client/index.js';
import type { SchemaTable } from './schemaTables.js';

export interface SimulatedConflict {
  readonly table: string;
  readonly key: string;
  readonly field: string;
  /** Of the `_conflicts` row that came of it; null when none did, or not yet. */
  readonly status: string | null;
}

/** Fields that two devices can change so that the changes meet: prose comes first. */
export function contestedFields(table: SchemaTable): readonly string[] {
  const isFree = (name: string) => !table.key.includes(name) && name !== table.scope;
  const texts = table.fields.filter(({ name, type }) => type === 'text' && isFree(name)).reverse();
  const isProse = ({ merge }: { merge?: string }) => merge === 'text';
  return [...texts.filter(isProse), ...texts.filter((field) => !isProse(field))].map(
    ({ name }) => name,
  );
}

type Values = Readonly<Record<string, unknown>>;
interface AnyTable {
  patch(key: unknown, values: Values): Promise<void>;
}

/**
 * Really makes one: this device goes offline and changes `field`, another device changes the same
 * field and sends it, then this one returns. Both edits go to the server, as any edits do.
 *
 * @throws {StoreError} what one of the devices met, such as `NETWORK`
 */
export async function simulateConflict(
  store: Store,
  otherDevice: () => Store | Promise<Store>,
  table: SchemaTable,
  row: Values,
  field: string,
): Promise<SimulatedConflict> {
  const parts = table.key.map((name) => row[name]);
  const key = parts.length === 1 ? parts[0] : parts;
  const before = row[field] ?? '';
  const edit = (of: Store, where: string) =>
    tableOf(of, table.name).patch(key, { [field]: `${before} (${where})` });
  const wasPaused = store.sync.status.getSnapshot().data?.state === 'paused';
  const other = await otherDevice();
  try {
    await other.sync.now();
    store.sync.pause();
    await edit(store, 'here');
    await edit(other, 'elsewhere');
    await other.sync.now();
  } finally {
    await other.close();
    if (!wasPaused) store.sync.resume();
  }
  if (!wasPaused) await store.sync.now();
  const [met] = await store.sql<{ status: string | null }>`
    SELECT status FROM _conflicts WHERE collection = ${table.name}
      AND row_key = ${JSON.stringify(parts)} ORDER BY detected_at DESC LIMIT 1`;
  return { table: table.name, key: parts.join(' / '), field, status: met?.status ?? null };
}

function tableOf(store: Store, name: string): AnyTable {
  return store.table(name as never) as unknown as AnyTable;
}
