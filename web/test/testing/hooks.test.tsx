// @vitest-environment happy-dom
// A component's test as an application writes it: the published hooks over a test store.
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { StrictMode } from 'react';
import { afterEach, expect, test } from 'vitest';
import type { Row } from 'twinstore';
import { StoreProvider, useMutation, useQuery, useSyncStatus } from 'twinstore/react';
import { createTestStore } from 'twinstore/testing';

afterEach(cleanup);

function Branches({ repoId }: { repoId: string }) {
  const branches = useQuery(
    (sql) => sql<Row<'branches'>>`
    SELECT * FROM branches WHERE repo_id = ${repoId} ORDER BY name`,
  );
  const { pendingUploads } = useSyncStatus();
  const rename = useMutation((tx, name: string) =>
    tx.table('branches').patch([repoId, name], { commit_sha: 'clicked' }),
  );
  if (branches.status !== 'success') return <p>Loading</p>;
  return (
    <>
      <p>{pendingUploads} waiting</p>
      {branches.data.map(({ name, commit_sha }) => (
        <button type="button" key={name} onClick={() => void rename.run(name)}>
          {name} {commit_sha}
        </button>
      ))}
    </>
  );
}

test('a component shows what is written on its own device and on another', async () => {
  await using store = await createTestStore({
    seed: { branches: [{ repo_id: 'r1', name: 'main' }] },
  });
  await using peer = await store.peer();
  store.goOffline();
  render(
    <StrictMode>
      <StoreProvider store={store}>
        <Branches repoId="r1" />
      </StoreProvider>
    </StrictMode>,
  );
  fireEvent.click(await screen.findByText('main'));
  await screen.findByText('main clicked');
  await screen.findByText('1 waiting');
  store.goOnline();
  await screen.findByText('0 waiting');
  await peer.sync.now();
  await peer.table('branches').patch(['r1', 'main'], { commit_sha: 'elsewhere' });
  await screen.findByText('main elsewhere');
  expect(screen.queryByText('Loading')).toBeNull();
});
