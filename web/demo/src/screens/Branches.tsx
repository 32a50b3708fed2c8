import { useCallback, useState } from 'react';
import { useMutation, useQuery, useRow } from 'twinstore/react';
import { BranchRow } from '../parts/BranchRow.tsx';
import { EmptyState } from '../parts/EmptyState.tsx';
import { FilterField } from '../parts/FilterField.tsx';
import { Link } from '../parts/Link.tsx';
import { QueryFailure } from '../parts/QueryFailure.tsx';
import { Skeleton } from '../parts/Skeleton.tsx';
import { UndoToast } from '../parts/UndoToast.tsx';
import { type BranchLine, branchLines } from '../queries.ts';
import { useParameter } from '../router.ts';

export interface RemovedTag {
  readonly branch: string;
  readonly tag: string;
}

export function Branches({ repoId }: { repoId: string }) {
  const [term, setTerm] = useParameter('q');
  const repository = useRow('repositories', repoId);
  const lines = useQuery((sql) => branchLines(sql, repoId, term), { keepPrevious: true });
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
          <p className="screen-sum">{count === undefined ? ' ' : countWords(count, term)}</p>
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
        <table className="table branches" aria-label={`Branches of ${repoId}`}>
          <thead>
            <tr className="table-head">
              <th scope="col">Branch</th>
              <th scope="col">Last commit</th>
              <th scope="col" className="number">
                Ahead
              </th>
              <th scope="col" className="number">
                Behind
              </th>
              <th scope="col">Tags</th>
            </tr>
          </thead>
          <tbody>
            {lines.data.map((line) => (
              <BranchRow key={line.name} line={line} onAdd={addTag} onRemove={removeTag} />
            ))}
          </tbody>
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

/** Adding and removing one tag, each on the branch's tags as they are at that moment. */
function useTags(repoId: string) {
  const change = useMutation(async (tx, name: string, of: (tags: Set<string>) => void) => {
    const [row] = await tx.sql<{ tags: readonly string[] }>`
      SELECT tags FROM branches WHERE repo_id = ${repoId} AND name = ${name}`;
    if (row === undefined) return;
    const tags = new Set(row.tags);
    of(tags);
    await tx.table('branches').patch([repoId, name], { tags: [...tags] });
  });
  const { run, error } = change;
  const add = useCallback(
    (name: string, tag: string) => void run(name, (tags) => tags.add(tag)),
    [run],
  );
  const remove = useCallback(
    (name: string, tag: string) => void run(name, (tags) => tags.delete(tag)),
    [run],
  );
  return { add, remove, error };
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
