import type { ReactNode } from 'react';

/** More rows are counted and not drawn: who needs them asks more closely. */
const rowsMax = 100;

export interface GridProps {
  readonly label: string;
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  /** What can be done with a row, in a column of its own. */
  readonly action?: (row: Readonly<Record<string, unknown>>) => ReactNode;
}

/** Rows of any query. */
export function Grid({ label, rows, action }: GridProps): ReactNode {
  const names = Object.keys(rows[0] ?? {});
  if (names.length === 0) return <p className="empty">No rows.</p>;
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls sideways, by keyboard too */}
      <section className="scroller" aria-label={label} tabIndex={0}>
        <table>
          <thead>
            <tr>
              {names.map((name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
              {action !== undefined && (
                <th scope="col">
                  <span className="hidden">Actions</span>
                </th>
              )}
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, rowsMax).map((row, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: rows of any query have no key
              <tr key={at}>
                {names.map((name) => (
                  <td key={name} className={typeof row[name] === 'number' ? 'number' : undefined}>
                    {cellText(row[name])}
                  </td>
                ))}
                {action !== undefined && <td>{action(row)}</td>}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {rows.length > rowsMax && <p className="empty">The first {rowsMax} are shown.</p>}
    </>
  );
}

function cellText(value: unknown): string {
  if (value === null || value === undefined) return 'NULL';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
