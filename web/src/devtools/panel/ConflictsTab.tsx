import { type ReactNode, useState } from 'react';
import type { Store, StoreError } from '../../client/index.js';
import { useConflicts } from '../../react/index.js';
import { Grid } from './Grid.js';
import { Simulation } from './Simulation.js';

export interface ConflictsTabProps {
  readonly otherDevice?: () => Store | Promise<Store>;
}

/** What waits for a decision and what was decided; and a conflict on purpose. */
export function ConflictsTab({ otherDevice }: ConflictsTabProps): ReactNode {
  const { open, history, resolve } = useConflicts();
  const [error, setError] = useState<StoreError | null>(null);
  const take = (id: unknown, side: 'local' | 'remote') => {
    setError(null);
    resolve(String(id), { take: side }).catch(setError);
  };
  return (
    <>
      <Simulation {...(otherDevice === undefined ? {} : { otherDevice })} />
      {error !== null && (
        <p className="wrong" role="alert">
          {error.message}
        </p>
      )}
      <p className="words" role="status">
        {open.length} open, {history.length} decided
      </p>
      <Grid
        label="Conflicts"
        rows={[...open, ...history].map((row) => ({
          status: row.status,
          collection: row.collection,
          row: row.row_key,
          fields: row.fields,
          base: row.base,
          local: row.local,
          remote: row.remote,
          taken: row.resolution ?? '',
          id: row.id,
        }))}
        action={({ id, status }) =>
          status === 'resolved' ? null : (
            <span className="pair">
              <button type="button" onClick={() => take(id, 'local')}>
                Local
              </button>
              <button type="button" onClick={() => take(id, 'remote')}>
                Remote
              </button>
            </span>
          )
        }
      />
    </>
  );
}
