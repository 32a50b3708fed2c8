import { type ReactNode, useState } from 'react';
import type { StoreError } from '../client/index.js';
import { Failure } from './Failure.js';
import { FieldValue } from './FieldValue.js';
import { fieldTitle, keyTitle } from './fieldValues.js';
import { RelativeTime } from './RelativeTime.js';
import { Shape } from './Shape.js';
import type { RejectedChange, RejectedWrite, RejectedWrites } from './useRejectedWrites.js';

/** Writes that the server refused, each to be tried again or given up; nothing without any. */
export default function RejectedList({ rejected }: { rejected: RejectedWrites }): ReactNode {
  const { writes, error } = rejected;
  const count = writes.length;
  return (
    <>
      {error !== null && <Failure title="The refused writes could not be read." error={error} />}
      {count > 0 && (
        <>
          <div className="twin-bar">
            <p className="twin-bar-title">
              {count === 1
                ? '1 write was refused'
                : `${count.toLocaleString('en')} writes were refused`}
            </p>
          </div>
          <ul className="twin-rows">
            {writes.map((write) => (
              <Entry key={write.id} write={write} rejected={rejected} />
            ))}
          </ul>
        </>
      )}
    </>
  );
}

function Entry({ write, rejected }: { write: RejectedWrite; rejected: RejectedWrites }): ReactNode {
  const [error, setError] = useState<StoreError | null>(null);
  const [isDeciding, setDeciding] = useState(false);
  const decide = async (decision: (id: string) => Promise<void>) => {
    setDeciding(true);
    setError(null);
    await decision(write.id).catch(setError);
    setDeciding(false);
  };
  return (
    <li className="twin-entry" data-rejected={write.id} data-state="rejected">
      <div className="twin-refused">
        <p className="twin-result" data-tone="wrong">
          <Shape name="wrong" />
          Refused by the server
        </p>
        <p className="twin-resolver-story">
          Written here <RelativeTime time={write.made_at} /> and taken back: {write.message}.
        </p>
        {write.changes.map((change) => (
          <Change key={`${change.collection} ${keyTitle(change.key)}`} change={change} />
        ))}
        <div className="twin-actions">
          <button
            type="button"
            className="twin-button"
            disabled={isDeciding}
            onClick={() => void decide(rejected.retry)}
          >
            Try again
          </button>
          <button
            type="button"
            className="twin-button"
            disabled={isDeciding}
            onClick={() => void decide(rejected.giveUp)}
          >
            Give it up
          </button>
        </div>
        {error !== null && <Failure title="It was not written." error={error} />}
      </div>
    </li>
  );
}

const deeds = { insert: 'New row', update: 'Changes to', delete: 'Deletion of' } as const;

function Change({ change }: { change: RejectedChange }): ReactNode {
  const { collection, key, op, fields, local, remote } = change;
  const title = `${deeds[op]} ${keyTitle(key)} (${collection})`;
  if (local === null) return <p className="twin-entry-title">{title}</p>;
  return (
    <table className="twin-values">
      <caption>{title}</caption>
      <thead>
        <tr>
          <th scope="col">Field</th>
          <th scope="col">Written here</th>
          {remote !== null && <th scope="col">At the server</th>}
        </tr>
      </thead>
      <tbody>
        {fields.map((field) => (
          <tr key={field}>
            <th scope="row">{fieldTitle(field)}</th>
            <td>
              <FieldValue value={local[field]} />
            </td>
            {remote !== null && (
              <td>
                <FieldValue value={remote[field]} />
              </td>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
