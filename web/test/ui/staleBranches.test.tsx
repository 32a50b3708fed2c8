// @vitest-environment happy-dom
import { act, cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { afterEach, expect, test, vi } from 'vitest';
import { StaleBranchesPanel } from 'twinstore/ui';
import { newStore, renderIn } from './inStore.js';

afterEach(cleanup);

const branches = ['a', 'b', 'c'].map((name) => ({ repo_id: 'o/r', name, commit_sha: 'c1' }));
const rowOf = (name: string) =>
  screen.getByText(name, { selector: 'label' }).closest('li') as HTMLElement;
const click = (name: string | RegExp) =>
  act(async () => fireEvent.click(screen.getByRole('button', { name })));

test('a selection is one request, each branch has its result, and the rest can be given up', async () => {
  const store = await newStore({ seed: { branches } });
  const onRefreshBranch = vi.fn();
  renderIn(store, <StaleBranchesPanel repoId="o/r" onRefreshBranch={onRefreshBranch} />);
  await screen.findByText('All 3 stale branches');
  for (const name of ['a', 'b']) fireEvent.click(within(rowOf(name)).getByRole('checkbox'));
  const requests = vi.spyOn(store.freshness, 'scheduleRefresh');
  await click('Refresh 2 selected');
  expect(requests.mock.calls).toStrictEqual([['o/r', ['a', 'b']]]);
  await waitFor(() => expect(onRefreshBranch.mock.calls).toStrictEqual([['a'], ['b']]));
  await screen.findByText('0 of 2 finished');
  await within(rowOf('a')).findByText('Queued');
  expect(within(rowOf('c')).queryByText('Queued')).toBeNull();
  expect(within(rowOf('a')).getByRole('checkbox')).toHaveProperty('disabled', true);

  await click('Cancel the rest');
  await screen.findByText('2 of 2 finished, 2 cancelled');
  await within(rowOf('b')).findByText('Cancelled');
  await click('Clear the results');
  expect(within(rowOf('b')).queryByText('Cancelled')).toBeNull();
  const tasks = await store.sql<{ state: string }>`SELECT state FROM _refresh_tasks`;
  expect(tasks.map(({ state }) => state)).toStrictEqual(['cancelled', 'cancelled']);
});

test('offline the batch waits, and one whose analysis arrives keeps its result on the list', async () => {
  const store = await newStore({ seed: { branches } });
  store.goOffline();
  renderIn(store, <StaleBranchesPanel repoId="o/r" />);
  fireEvent.click(await screen.findByRole('checkbox', { name: 'All 3 stale branches' }));
  await click('Refresh 3 selected');
  await screen.findByText('0 of 3 finished, 3 waiting for a connection');
  await act(() =>
    store.table('analyses').insert({
      repo_id: 'o/r',
      branch_name: 'a',
      commit_sha: 'c1',
      analysis_timestamp: '2026-01-01T00:00:00Z',
    }),
  );
  await waitFor(async () => {
    const { branches: stale } = await store.freshness.staleBranches('o/r');
    expect(stale.map(({ branch_name }) => branch_name)).toStrictEqual(['b', 'c']);
  });
  expect(rowOf('a')).toBeTruthy();
});

test('a request that fails is a result of each branch, and what was chosen can be tried again', async () => {
  const store = await newStore({ seed: { branches } });
  renderIn(store, <StaleBranchesPanel repoId="o/r" />);
  fireEvent.click(await screen.findByRole('checkbox', { name: 'a' }));
  store.failNext('STORAGE_FULL');
  await click('Refresh 1 selected');
  await within(rowOf('a')).findByText(/^Failed: /);
  await screen.findByText('1 of 1 finished, 1 failed');
  expect(within(rowOf('a')).getByRole('checkbox')).toHaveProperty('disabled', false);
});

test('without stale branches it says when it looked', async () => {
  const store = await newStore();
  renderIn(store, <StaleBranchesPanel repoId="o/r" />);
  await screen.findByText(/Every analysis is fresh/);
});
