import { useQuery } from 'twinstore/react';
import { StaleBranchesPanel } from 'twinstore/ui';
import { EmptyState } from '../parts/EmptyState.tsx';
import { Link } from '../parts/Link.tsx';
import { QueryFailure } from '../parts/QueryFailure.tsx';
import { ScreenHead } from '../parts/ScreenHead.tsx';
import { SelectField } from '../parts/SelectField.tsx';
import { useParameter } from '../router.ts';

export function Stale() {
  const [asked, setAsked] = useParameter('repo');
  const repositories = useQuery(
    (sql) => sql<{ repo_id: string }>`SELECT repo_id FROM repositories ORDER BY repo_id`,
  );
  const ids = repositories.data?.map(({ repo_id }) => repo_id) ?? [];
  const repoId = ids.includes(asked) || asked !== '' ? asked : (ids[0] ?? '');
  return (
    <>
      <ScreenHead
        title="Stale branches"
        sum="Never analysed, moved on since, too old, or marked by somebody."
      >
        {ids.length > 0 && (
          <SelectField
            label="Repository"
            value={repoId}
            options={ids.map((id) => [id, id] as const)}
            onChange={setAsked}
          />
        )}
      </ScreenHead>
      {repositories.status === 'error' && <QueryFailure error={repositories.error} />}
      {repositories.status === 'success' && ids.length === 0 && (
        <EmptyState title="No repositories on this device yet">
          <p>
            They arrive with the first connection. <Link to="/status">See how that stands</Link>.
          </p>
        </EmptyState>
      )}
      {repoId !== '' && <StaleBranchesPanel key={repoId} repoId={repoId} />}
    </>
  );
}
