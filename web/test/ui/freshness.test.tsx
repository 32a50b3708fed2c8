// @vitest-environment happy-dom
import { act, cleanup, fireEvent, screen } from '@testing-library/react';
import { afterEach, expect, test } from 'vitest';
import { DataFreshnessIndicator } from 'twinstore/ui';
import { newStore, renderIn } from './inStore.js';

afterEach(cleanup);

const branch = { repo_id: 'o/r', name: 'main', commit_sha: 'c1' };
const analysis = {
  repo_id: 'o/r',
  branch_name: 'main',
  commit_sha: 'c1',
  analysis_timestamp: '2026-01-01T00:00:00Z',
};

test('the indicator says why a branch is stale, and its actions reach the store', async () => {
  const store = await newStore({ seed: { branches: [branch] } });
  renderIn(store, <DataFreshnessIndicator repoId="o/r" branchName="main" />);
  await screen.findByText('Never analysed.');
  const block = screen.getByRole('region', { name: 'Freshness of main' });
  expect(block.dataset.state).toBe('stale');

  store.goOffline();
  await act(async () => fireEvent.click(screen.getByRole('button', { name: 'Analyse now' })));
  await screen.findByText(/A refresh waits on this device for a connection/);
  expect(screen.getByRole('button', { name: 'Analyse now' })).toHaveProperty('disabled', true);

  await act(async () => fireEvent.click(screen.getByRole('button', { name: 'Mark as stale' })));
  await screen.findByText('Never analysed and somebody asked for a refresh.');
  const row = await store.table('branches').get(['o/r', 'main']);
  expect(row?.refresh_requested_at).not.toBeNull();
});

test('the indicator follows the clock of the engine from fresh to aging', async () => {
  const store = await newStore({ seed: { branches: [branch], analyses: [analysis] } });
  renderIn(store, <DataFreshnessIndicator repoId="o/r" branchName="main" compact />);
  await screen.findByText(/^Fresh: Stays fresh for 23 hours/);
  await store.clock.advance(20 * 3_600_000);
  await act(() => store.table('branches').patch(['o/r', 'main'], { commit_sha: 'c2' }));
  await screen.findByText('Stale: New commits since the analysis.');
  await act(() => store.table('branches').patch(['o/r', 'main'], { commit_sha: 'c1' }));
  const words = await screen.findByText(/^Fresh, not for long: Stays fresh for 3 hours/);
  expect(words.parentElement?.dataset.state).toBe('aging');
});

test('of a branch that is not here the indicator says so, without throwing', async () => {
  const store = await newStore();
  renderIn(store, <DataFreshnessIndicator repoId="o/r" branchName="gone" />);
  expect((await screen.findByRole('alert')).textContent).toBe('This branch is not on this device.');
});
