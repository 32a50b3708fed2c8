/** More rows than this are counted and not drawn: who needs them asks more closely. */
const ROWS_MAX = 200;

/** Rows of any query; numbers stand right, documents as JSON. */
export function ResultTable({ rows }: { rows: readonly Readonly<Record<string, unknown>>[] }) {
  const names = Object.keys(rows[0] ?? {});
  if (names.length === 0) return <p className="quiet-empty">No rows.</p>;
  const shown = rows.slice(0, ROWS_MAX);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls sideways, by keyboard too
    <section className="scroller" aria-label="Result" tabIndex={0}>
      <table className="result">
        <thead>
          <tr>
            {names.map((name) => (
              <th
                key={name}
                scope="col"
                className={isNumber(rows[0]?.[name]) ? 'number' : undefined}
              >
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((row, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows of any query have no key
            <tr key={at}>
              {names.map((name) => (
                <td key={name} className={isNumber(row[name]) ? 'number' : undefined}>
                  <Cell value={row[name]} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > shown.length && (
        <p className="quiet-empty">The first {shown.length} are shown.</p>
      )}
    </section>
  );
}

const isNumber = (value: unknown) => typeof value === 'number' || typeof value === 'bigint';

function Cell({ value }: { value: unknown }) {
  if (value === null || value === undefined) return <span className="faint">NULL</span>;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
