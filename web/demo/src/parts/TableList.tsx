import schema from '../../../../core/schema/code_mri.json' with { type: 'json' };
import system from '../../../../core/schema/system.json' with { type: 'json' };

const tables = [...schema.collections, ...system.collections];

/** What can be asked for: each table with its columns, as the schema declares them. */
export function TableList({ onAsk }: { onAsk: (sql: string) => void }) {
  return (
    <details className="table-list">
      <summary>The {tables.length} tables and their columns</summary>
      <dl>
        {tables.map(({ name, fields }) => (
          <div key={name}>
            <dt>
              <button
                type="button"
                className="chip"
                onClick={() => onAsk(`SELECT * FROM ${name} LIMIT 50`)}
              >
                {name}
              </button>
            </dt>
            <dd>{fields.map((field) => field.name).join(', ')}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
