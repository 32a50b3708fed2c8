import { useCallback, useMemo, useState } from 'react';
import { useQuery, useRow } from 'twinstore/react';
import { useStaleBranches } from 'twinstore/ui';
import { useTags } from '../hooks/useTags.ts';
import { BranchRow } from '../parts/BranchRow.tsx';
import { ChunkedBody } from '../parts/ChunkedBody.tsx';
import { EmptyState } from '../parts/EmptyState.tsx';
import { FilterField } from '../parts/FilterField.tsx';
import { Link } from '../parts/Link.tsx';
import { QueryFailure } from '../parts/QueryFailure.tsx';
import { Skeleton } from '../parts/Skeleton.tsx';
import { type Column, SortHead, useOrder } from '../parts/SortHead.tsx';
import { UndoToast } from '../parts/UndoToast.tsx';
import { type BranchLine, type BranchOrder, branchLines } from '../queries.ts';
import { useParameter } from '../router.ts';

/** About as high as a row is, before it has been there. */
const ROW_PIXELS = 68;

const columns: readonly Column<BranchOrder>[] = [
  { words: 'Branch', by: 'name' },
  { words: 'Last commit', by: 'commit', isDescending: true },
  { words: 'Ahead', by: 'ahead', isNumber: true, isDescending: true },
  { words: 'Behind', by: 'behind', isNumber: true, isDescending: true },
  { words: 'Tags' },
];
const newestFirst = { by: 'commit', isDescending: true } as const;

export interface RemovedTag {
  readonly branch: string;
  readonly tag: string;
}

export function Branches({ repoId }: { repoId: string }) {
  const [term, setTerm] = useParameter('q');
  const [order, setOrder] = useOrder(columns, newestFirst);
  const repository = useRow('repositories', repoId);
  const lines = useQuery((sql) => branchLines(sql, repoId, term, order), { keepPrevious: true });
  const [removed, setRemoved] = useState<RemovedTag | null>(null);
  const tags = useTags(repoId);
  const addTag = useCallback(
    (line: BranchLine, tag: string) => tags.add(line.name, tag),
    [tags.add],
  );
  const removeTag = useCallback(
    (line: BranchLine, tag: string) => {
      tags.remove(line.name, tag);
      setRemoved({ branch: line.name, tag });
    },
    [tags.remove],
  );
  const forget = useCallback(() => setRemoved(null), []);
  const undo = () => {
    if (removed !== null) tags.add(removed.branch, removed.tag);
    forget();
  };
  const answer = useStaleBranches(repoId).answer;
  const stale = useMemo(
    () => new Set(answer?.branches.map(({ branch_name }) => branch_name)),
    [answer],
  );
  const count = lines.data?.length;
  const isUnknown = repository.status === 'success' && repository.data === null;
  return (
    <>
      <title>{`${repoId} · Twinstore`}</title>
      <nav className="crumbs" aria-label="Breadcrumb">
        <Link to="/">Repositories</Link>
      </nav>
      <div className="screen-head">
        <div>
          <h1 tabIndex={-1} className="repository-name">
            {repoId}
          </h1>
          <p className="screen-sum">
            {count === undefined ? ' ' : countWords(count, term)}
            {stale.size > 0 && (
              <>
                , <Link to={`/stale?repo=${encodeURIComponent(repoId)}`}>{stale.size} stale</Link>
              </>
            )}
          </p>
        </div>
        <FilterField
          label="Filter branches by name, message or tag"
          placeholder="Filter by name, message or tag"
          value={term}
          onChange={setTerm}
        />
      </div>
      {lines.status === 'error' && <QueryFailure error={lines.error} />}
      {tags.error !== null && <QueryFailure error={tags.error} />}
      {lines.status === 'pending' && <Skeleton rows={10} />}
      {count === 0 && <NoBranches term={term} isUnknown={isUnknown} clear={() => setTerm('')} />}
      {lines.data && count !== 0 && (
        <table
          className="table branches"
          aria-label={`Branches of ${repoId}`}
          aria-rowcount={lines.data.length + 1}
        >
          <SortHead columns={columns} order={order} onOrder={setOrder} />
          <ChunkedBody
            rows={lines.data}
            rowHeight={ROW_PIXELS}
            render={(line, index) => (
              <BranchRow
                key={line.name}
                line={line}
                index={index}
                isStale={stale.has(line.name)}
                onAdd={addTag}
                onRemove={removeTag}
              />
            )}
          />
        </table>
      )}
      {removed !== null && (
        <UndoToast
          key={`${removed.branch} ${removed.tag}`}
          text={`Removed “${removed.tag}” from ${removed.branch}.`}
          onUndo={undo}
          onEnd={forget}
        />
      )}
    </>
  );
}

function countWords(count: number, term: string): string {
  const branches = count === 1 ? '1 branch' : `${count.toLocaleString('en')} branches`;
  return term === '' ? branches : `${branches} with “${term}”`;
}

function NoBranches(props: { term: string; isUnknown: boolean; clear: () => void }) {
  if (props.isUnknown) {
    return (
      <EmptyState title="This repository is not on this device">
        <p>
          It may be new or misspelt. <Link to="/">See those that are here</Link>, or connect to the
          server and wait for it.
        </p>
      </EmptyState>
    );
  }
  if (props.term === '') {
    return (
      <EmptyState title="No branches yet">
        <p>They appear here once the server has analysed the repository.</p>
      </EmptyState>
    );
  }
  return (
    <EmptyState title={`Nothing here holds “${props.term}”`}>
      <p>
        <button type="button" className="button" onClick={props.clear}>
          Clear the filter
        </button>
      </p>
    </EmptyState>
  );
}
