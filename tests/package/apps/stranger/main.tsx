// A stranger's strict project: what it may write compiles, and what it may not is an error.
import { createStore, StoreError, type Row, type Store } from 'twinstore';
import { StoreDevtools } from 'twinstore/devtools';
import { StoreProvider, useMutation, useQuery, useRow, useSyncStatus } from 'twinstore/react';
import { ConflictInbox, DataFreshnessIndicator, MetricTrend, StaleBranchesPanel, SyncStatusBadge } from 'twinstore/ui';

const store: Store = createStore({ name: 'stranger', sync: { url: new URL('https://example.org') } });

function Branches({ repoId }: { repoId: string }) {
  const branches = useQuery((sql) => sql<Row<'branches'>>`SELECT * FROM branches WHERE repo_id = ${repoId}`);
  const repository = useRow('repositories', repoId);
  const pending: number = useSyncStatus((status) => status.pendingUploads);
  const tag = useMutation((tx, name: string) => tx.table('branches').patch([repoId, name], { tags: ['seen'] }));
  if (branches.status !== 'success') return <p>{branches.error?.hint}</p>;
  const shas: (string | null)[] = branches.data.map((branch) => branch.commit_sha);
  return (
    <button type="button" onClick={() => void tag.run('main')}>
      {repository.data?.name} {shas.length} {pending}
    </button>
  );
}

export const App = () => (
  <StoreProvider store={store}>
    <Branches repoId="nlohmann/json" />
    <SyncStatusBadge compact />
    <DataFreshnessIndicator repoId="nlohmann/json" branchName="develop" compact />
    <StaleBranchesPanel repoId="nlohmann/json" onRefreshBranch={(name) => console.log(name.length)} />
    <ConflictInbox table="branches" />
    <MetricTrend repoId="nlohmann/json" branchName="develop" metricName="score" label="Score" />
    <StoreDevtools initialOpen otherDevice={() => createStore({ name: 'another', storage: 'memory' })} />
  </StoreProvider>
);

export async function plain(): Promise<void> {
  await using other = createStore({ name: 'other', storage: 'memory' });
  await other.table('cache_entries').insert({ cache_key: 'a' });
  await other.table('cache_entries').patch('a', { hit_count: { increment: 1 } });
  // @ts-expect-error there is no such table
  await other.table('nonsense').get('a').catch(() => null);
  // @ts-expect-error the key of branches has two parts
  await other.table('branches').get('main').catch(() => null);
  // @ts-expect-error a number is no name
  await other.table('repositories').insert({ repo_id: 'a', name: 7 }).catch(() => null);
  // @ts-expect-error conflicts are read, not written
  await other.table('_conflicts').delete('a').catch(() => null);
  try {
    await other.ready();
  } catch (error) {
    if (error instanceof StoreError && error.code === 'LOCKED') return;
    throw error;
  }
}
