// @vitest-environment happy-dom
import { act, cleanup, fireEvent, screen, waitFor } from '@testing-library/react';
import { afterEach, expect, test } from 'vitest';
import type { TestStore } from 'twinstore/testing';
import { ConflictInbox } from 'twinstore/ui';
import { newPeer, newStore, renderIn } from './inStore.js';

afterEach(cleanup);

const metric = (metric_value: number) => ({
  id: 'm',
  repo_id: 'o/r',
  branch_name: 'main',
  commit_sha: 'c1',
  metric_name: 'score',
  metric_value,
  recorded_at: '2026-01-01T00:00:00Z',
});
const click = (name: string) =>
  act(async () => fireEvent.click(screen.getByRole('button', { name })));
const count = async (store: TestStore) => (await store.sql`SELECT id FROM _rejected_writes`).length;

/** Two devices insert one row of a collection whose rows never change: the second is refused. */
async function newRefused() {
  const store = await newStore();
  const peer = await newPeer(store);
  store.goOffline();
  await store.table('historical_metrics').insert(metric(1.5));
  await peer.table('historical_metrics').insert(metric(2.5));
  await peer.settle();
  store.goOnline();
  await store.settle();
  expect(await count(store)).toBe(1);
  return store;
}

test('a refused write is in the inbox with what it wrote, and can be given up', async () => {
  const store = await newRefused();
  renderIn(store, <ConflictInbox />);
  await screen.findByText('1 write was refused');
  await screen.findByText('New row m (historical_metrics)');
  const value = screen.getByRole('row', { name: /^Metric value/ });
  expect([...value.querySelectorAll('td')].map((cell) => cell.textContent)).toEqual(['1.5']);
  expect(screen.queryByText(/Nothing needs you/)).toBeNull();
  await click('Give it up');
  await screen.findByText(/Nothing needs you/);
  expect(await count(store)).toBe(0);
});

test('one that is refused again stays, and says why', async () => {
  const store = await newRefused();
  renderIn(store, <ConflictInbox table="historical_metrics" />);
  await screen.findByText('1 write was refused');
  await click('Try again');
  await waitFor(() => expect(screen.getByRole('alert').textContent).toMatch(/never changed/));
  expect(await count(store)).toBe(1);
});

test('the inbox of another collection does not show it', async () => {
  const store = await newRefused();
  renderIn(store, <ConflictInbox table="branches" />);
  await screen.findByText(/Nothing needs you/);
  expect(screen.queryByText(/refused/)).toBeNull();
});
