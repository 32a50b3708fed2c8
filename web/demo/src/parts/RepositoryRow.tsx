import { memo } from 'react';
import { RelativeTime, useStaleBranches } from 'twinstore/ui';
import type { RepositoryLine } from '../queries.ts';
import { pathOf } from '../router.ts';
import { Link } from './Link.tsx';
import { type Point, Sparkline } from './Sparkline.tsx';

/** The line keeps its identity while nothing in it changes, and with it the row its rendering. */
export const RepositoryRow = memo(function RepositoryRow(props: {
  line: RepositoryLine;
  index: number;
  course: readonly Point[];
}) {
  const { line, index, course } = props;
  return (
    <tr className="table-row" aria-rowindex={index + 2}>
      <td className="cell-title">
        <Link className="row-link" to={pathOf({ screen: 'branches', repoId: line.repo_id })}>
          {line.owner !== null && <span className="owner">{line.owner} / </span>}
          {line.name ?? line.repo_id}
        </Link>
        {line.description && <p className="description">{line.description}</p>}
      </td>
      <td className="cell-branch">
        <code>{line.default_branch ?? '–'}</code>
      </td>
      <td className="cell-count number">
        {line.branch_count.toLocaleString('en')}
        <span className="unit"> {line.branch_count === 1 ? 'branch' : 'branches'}</span>
      </td>
      <td className="cell-stale number">
        <StaleCount repoId={line.repo_id} />
      </td>
      <td className="cell-time">
        <span className="unit">Analysed </span>
        <RelativeTime time={line.analysis_timestamp} />
      </td>
      <td className="cell-score number">
        {line.score === null ? <span className="faint">–</span> : line.score.toFixed(1)}
      </td>
      <td className="cell-course">
        <Sparkline points={course} of={`Score of ${line.name ?? line.repo_id}`} />
      </td>
    </tr>
  );
});

/** By the predicate that the server uses; of rows near the window only, because those are here. */
function StaleCount({ repoId }: { repoId: string }) {
  const { answer } = useStaleBranches(repoId);
  if (answer === null) return null;
  const count = answer.branches.length;
  return (
    <span className={count === 0 ? 'faint' : 'stale-count'}>
      {count.toLocaleString('en')}
      <span className="unit"> stale</span>
    </span>
  );
}
