import { type ReactNode, useState } from 'react';
import { createStore, type Store, type StoreInspection } from '../../client/index.js';
import { useQuery, useStore } from '../../react/index.js';
import { type SchemaTable, schemaTables } from './schemaTables.js';
import { contestedFields, type SimulatedConflict, simulateConflict } from './simulateConflict.js';
import { useInspection } from './useInspection.js';

/** So many rows are offered. */
const rowsMax = 50;

export interface SimulationProps {
  readonly otherDevice?: () => Store | Promise<Store>;
}

/** A conflict on purpose: which row, which field, and the button. */
export function Simulation({ otherDevice }: SimulationProps): ReactNode {
  const inspection = useInspection();
  const [chosen, choose] = useState<string | null>(null);
  if (inspection === null) return null;
  if (inspection.sync === null) {
    return <p className="empty">This store has no server, so nothing can meet.</p>;
  }
  const tables = schemaTables(inspection).filter(
    (table) => !table.isAppendOnly && contestedFields(table).length > 0,
  );
  const table = tables.find(({ name }) => name === chosen) ?? tables[0];
  if (table === undefined) return null;
  const make = otherDevice ?? (() => anotherDevice(inspection));
  return (
    <fieldset className="simulation">
      <legend>Simulate a conflict: both edits go to the server</legend>
      <label className="field">
        Table
        <select value={table.name} onChange={(event) => choose(event.target.value)}>
          {tables.map(({ name }) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      <RowChoice key={table.name} table={table} otherDevice={make} />
    </fieldset>
  );
}

let made = 0;

function anotherDevice({ schema, sync }: StoreInspection): Store {
  made += 1;
  return createStore({
    name: `devtools-${made}`,
    schema,
    storage: 'memory',
    sync: { url: sync?.url ?? '/', scopes: sync?.scopes.map(({ scope }) => scope) ?? ['*'] },
  });
}

function RowChoice(props: {
  table: SchemaTable;
  otherDevice: () => Store | Promise<Store>;
}): ReactNode {
  const { table, otherDevice } = props;
  const store = useStore();
  const sql = `SELECT * FROM ${table.name} ORDER BY ${table.key.join(', ')} LIMIT ${rowsMax}`;
  const rows = useQuery<Record<string, unknown>>({ sql, params: [] }).data ?? [];
  const fields = contestedFields(table);
  const [at, setAt] = useState(0);
  const [field, setField] = useState(fields[0] ?? '');
  const [said, say] = useState('');
  const [isBusy, setBusy] = useState(false);
  const row = rows[at];
  const simulate = async () => {
    if (row === undefined) return;
    setBusy(true);
    say('Two devices edit it apart…');
    await simulateConflict(store, otherDevice, table, row, field).then(
      (outcome) => say(outcomeWords(outcome)),
      (error: Error) => say(`It did not come to a conflict: ${error.message}`),
    );
    setBusy(false);
  };
  if (row === undefined) return <p className="empty">The table has no rows.</p>;
  return (
    <>
      <label className="field">
        Row
        <select value={at} onChange={(event) => setAt(Number(event.target.value))}>
          {rows.map((candidate, index) => {
            const name = table.key.map((part) => String(candidate[part])).join(' / ');
            return (
              <option key={name} value={index}>
                {name}
              </option>
            );
          })}
        </select>
      </label>
      <label className="field">
        Field
        <select value={field} onChange={(event) => setField(event.target.value)}>
          {fields.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      <button type="button" disabled={isBusy} onClick={() => void simulate()}>
        Simulate a conflict
      </button>
      <p role="status" className="words">
        {said}
      </p>
    </>
  );
}

function outcomeWords({ table, key, field, status }: SimulatedConflict): string {
  const what = `${field} of ${key} in ${table}`;
  if (status === null) return `${what} was edited twice; nothing had to be decided.`;
  return status === 'open' ? `${what} waits for a decision.` : `${what}: ${status} by the policy.`;
}
