import { useMemo } from 'react';
import { useQuery, useSyncStatus } from 'twinstore/react';
import { ChunkedBody } from '../parts/ChunkedBody.tsx';
import { EmptyState } from '../parts/EmptyState.tsx';
import { FilterField } from '../parts/FilterField.tsx';
import { Intro } from '../parts/Intro.tsx';
import { QueryFailure } from '../parts/QueryFailure.tsx';
import { RepositoryRow } from '../parts/RepositoryRow.tsx';
import { Skeleton } from '../parts/Skeleton.tsx';
import { type Column, SortHead, useOrder } from '../parts/SortHead.tsx';
import type { Point } from '../parts/Sparkline.tsx';
import {
  type RepositoryOrder,
  repositoryLines,
  type ScorePoint,
  scoreHistory,
} from '../queries.ts';
import { useParameter } from '../router.ts';

/** About as high as a row is, before it has been there. */
const ROW_PIXELS = 56;

const columns: readonly Column<RepositoryOrder>[] = [
  { words: 'Repository', by: 'name' },
  { words: 'Default branch' },
  { words: 'Branches', by: 'branches', isNumber: true, isDescending: true },
  { words: 'Stale', isNumber: true },
  { words: 'Last analysis', by: 'analysed', isDescending: true },
  { words: 'Score', by: 'score', isNumber: true, isDescending: true },
  { words: 'Score over time' },
];
const byName = { by: 'name', isDescending: false } as const;

export function Repositories() {
  const [term, setTerm] = useParameter('q');
  const [order, setOrder] = useOrder(columns, byName);
  const lines = useQuery((sql) => repositoryLines(sql, term, order), { keepPrevious: true });
  const history = useQuery(scoreHistory);
  const courses = useMemo(() => coursesOf(history.data ?? []), [history.data]);
  const count = lines.data?.length;
  return (
    <>
      <title>Repositories · Twinstore</title>
      <Intro />
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
        <table
          className="table repositories"
          aria-label="Repositories"
          aria-rowcount={lines.data.length + 1}
        >
          <SortHead columns={columns} order={order} onOrder={setOrder} />
          <ChunkedBody
            rows={lines.data}
            rowHeight={ROW_PIXELS}
            render={(line, index) => (
              <RepositoryRow
                key={line.repo_id}
                line={line}
                index={index}
                course={courses.get(line.repo_id) ?? noCourse}
              />
            )}
          />
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
