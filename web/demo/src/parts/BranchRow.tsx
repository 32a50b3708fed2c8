import { memo } from 'react';
import { RelativeTime } from 'twinstore/ui';
import type { BranchLine } from '../queries.ts';
import { pathOf } from '../router.ts';
import { Link } from './Link.tsx';
import { TagEditor } from './TagEditor.tsx';

/** The line keeps its identity while nothing in it changes, and with it the row its rendering. */
export const BranchRow = memo(function BranchRow(props: {
  line: BranchLine;
  index: number;
  isStale: boolean;
  onAdd: (line: BranchLine, tag: string) => void;
  onRemove: (line: BranchLine, tag: string) => void;
}) {
  const { line, index, isStale, onAdd, onRemove } = props;
  const to = pathOf({ screen: 'branch', repoId: line.repo_id, branchName: line.name });
  return (
    <tr className="table-row" data-branch={line.name} aria-rowindex={index + 2}>
      <td className="cell-name">
        <Link to={to} className="branch-name">
          {line.name}
        </Link>
        {line.is_default === true && <span className="badge">default</span>}
        {isStale && (
          <span className="badge" data-tone="away">
            stale
          </span>
        )}
      </td>
      <td className="cell-commit">
        <p className="commit-message">{line.last_commit_message ?? 'no commit yet'}</p>
        <p className="commit-facts">
          {line.commit_sha !== null && (
            <code title={line.commit_sha}>{line.commit_sha.slice(0, 7)}</code>
          )}
          <RelativeTime time={line.last_commit_at} />
        </p>
      </td>
      <td className="cell-ahead number">
        <Distance count={line.ahead} word="ahead" />
      </td>
      <td className="cell-behind number">
        <Distance count={line.behind} word="behind" />
      </td>
      <td className="cell-tags">
        <TagEditor
          branch={line.name}
          tags={line.tags}
          onAdd={(tag) => onAdd(line, tag)}
          onRemove={(tag) => onRemove(line, tag)}
        />
      </td>
    </tr>
  );
});

function Distance({ count, word }: { count: number | null; word: string }) {
  if (count === null) return <span className="faint">–</span>;
  return (
    <span className={count === 0 ? 'faint' : undefined}>
      {count.toLocaleString('en')}
      <span className="unit"> {word}</span>
    </span>
  );
}
