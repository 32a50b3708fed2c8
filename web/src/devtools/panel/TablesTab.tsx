import { type ReactNode, useState } from 'react';
import { schemaTables, systemTables } from './schemaTables.js';
import { SqlResult } from './SqlResult.js';
import { useInspection } from './useInspection.js';

/** The rows of one table, live. */
export function TablesTab(): ReactNode {
  const inspection = useInspection();
  const [chosen, choose] = useState<string | null>(null);
  if (inspection === null) return <p className="empty">Asking the store…</p>;
  const names = [...schemaTables(inspection).map(({ name }) => name), ...systemTables];
  const shown = chosen ?? names[0] ?? '';
  return (
    <>
      <label className="field">
        Table
        <select value={shown} onChange={(event) => choose(event.target.value)}>
          {names.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      <SqlResult key={shown} sql={`SELECT * FROM ${shown} LIMIT 100`} />
    </>
  );
}
