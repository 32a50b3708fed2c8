import { useMemo } from 'react';
import { useQuery, useSyncStatus } from 'twinstore/react';
import { EmptyState } from '../parts/EmptyState.tsx';
import { FilterField } from '../parts/FilterField.tsx';
import { QueryFailure } from '../parts/QueryFailure.tsx';
import { RepositoryRow } from '../parts/RepositoryRow.tsx';
import { Skeleton } from '../parts/Skeleton.tsx';
import type { Point } from '../parts/Sparkline.tsx';
import { repositoryLines, type ScorePoint, scoreHistory } from '../queries.ts';
import { useParameter } from '../router.ts';

export function Repositories() {
  const [term, setTerm] = useParameter('q');
  const lines = useQuery((sql) => repositoryLines(sql, term), { keepPrevious: true });
  const history = useQuery(scoreHistory);
  const courses = useMemo(() => coursesOf(history.data ?? []), [history.data]);
  const count = lines.data?.length;
  return (
    <>
      <title>Repositories · Twinstore</title>
      <div className="screen-head">
        <div>
          <h1 tabIndex={-1}>Repositories</h1>
          <p className="screen-sum">{count === undefined ? ' ' : countWords(count)}</p>
        </div>
        <FilterField
          label="Filter repositories by owner or name"
          placeholder="Filter by owner or name"
          value={term}
          onChange={setTerm}
        />
      </div>
      {lines.status === 'error' && <QueryFailure error={lines.error} />}
      {lines.status === 'pending' && <Skeleton rows={8} />}
      {count === 0 && <NoRepositories term={term} clear={() => setTerm('')} />}
      {lines.data && count !== 0 && (
        <table className="table repositories" aria-label="Repositories">
          <thead>
            <tr className="table-head">
              <th scope="col">Repository</th>
              <th scope="col">Default branch</th>
              <th scope="col" className="number">
                Branches
              </th>
              <th scope="col">Last analysis</th>
              <th scope="col" className="number">
                Score
              </th>
              <th scope="col">Course</th>
            </tr>
          </thead>
          <tbody>
            {lines.data.map((line) => (
              <RepositoryRow
                key={line.repo_id}
                line={line}
                course={courses.get(line.repo_id) ?? noCourse}
              />
            ))}
          </tbody>
        </table>
      )}
    </>
  );
}

const noCourse: readonly Point[] = [];

function coursesOf(points: readonly ScorePoint[]): ReadonlyMap<string, readonly Point[]> {
  const courses = new Map<string, Point[]>();
  for (const { repo_id, metric_value, recorded_at } of points) {
    const course = courses.get(repo_id) ?? [];
    course.push({ at: Date.parse(recorded_at), value: metric_value });
    courses.set(repo_id, course);
  }
  return courses;
}

function countWords(count: number): string {
  return count === 1 ? '1 repository on this device' : `${count} repositories on this device`;
}

function NoRepositories({ term, clear }: { term: string; clear: () => void }) {
  const hasSynced = useSyncStatus((status) => status.hasSynced);
  if (term !== '') {
    return (
      <EmptyState title={`No repository matches “${term}”`}>
        <p>
          <button type="button" className="button" onClick={clear}>
            Clear the filter
          </button>
        </p>
      </EmptyState>
    );
  }
  if (!hasSynced) {
    return (
      <EmptyState title="Nothing has arrived on this device yet">
        <p>
          Connect to the server once; after that everything here works without it. The state of the
          connection is at the top of the page.
        </p>
      </EmptyState>
    );
  }
  return (
    <EmptyState title="The server has no repositories yet">
      <p>Import one there, and it appears here by itself:</p>
      <pre>
        <code>twinstore import git PATH/TO/REPOSITORY --db URL</code>
      </pre>
    </EmptyState>
  );
}
