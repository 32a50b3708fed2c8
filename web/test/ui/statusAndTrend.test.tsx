// @vitest-environment happy-dom
import { act, cleanup, fireEvent, screen, waitFor } from '@testing-library/react';
import { afterEach, expect, test, vi } from 'vitest';
import { MetricTrend, SyncStatusBadge } from 'twinstore/ui';
import { newStore, renderIn } from './inStore.js';

afterEach(cleanup);

const value = (at: string, metric_value: number) => ({
  id: `m ${at}`,
  repo_id: 'o/r',
  branch_name: 'main',
  commit_sha: 'c1',
  metric_name: 'score',
  metric_value,
  recorded_at: at,
});

test('the badge counts what waits and says why, and never that it is level when it could not ask', async () => {
  const store = await newStore();
  renderIn(store, <SyncStatusBadge />);
  await screen.findByText('Up to date');
  await screen.findByText('Kept in memory until this window closes.');
  await act(async () => store.goOffline());
  await act(() => store.table('branches').insert({ repo_id: 'o/r', name: 'a' }));
  await screen.findByText('Offline: 1 change saved on this device');
  await screen.findByText(/Trying again/);
  expect(screen.queryByText('Up to date')).toBeNull();
  await act(async () => store.sync.pause());
  await screen.findByText('Sync is switched off here.');
});

/** This page has no canvas: the chart draws into one that takes every stroke. */
function withCanvas() {
  const context = new Proxy({}, { get: () => () => undefined, set: () => true });
  vi.spyOn(HTMLCanvasElement.prototype, 'getContext').mockReturnValue(context as never);
  vi.stubGlobal('Path2D', new Proxy(Object, { construct: () => context }));
}

test('a trend is a sentence, points by arrow key, and a table', async () => {
  withCanvas();
  const store = await newStore({
    seed: {
      historical_metrics: [
        value('2026-01-01T00:00:00Z', 61.25),
        value('2026-01-15T00:00:00Z', 70),
        value('2026-02-01T00:00:00Z', 74),
      ],
    },
  });
  renderIn(store, <MetricTrend repoId="o/r" branchName="main" metricName="score" label="Score" />);
  const image = await screen.findByRole('img', { name: /^Score rose from 61.25 to 74 between/ });
  await waitFor(() => expect(image.querySelector('canvas')).not.toBeNull());
  expect(screen.getAllByRole('row')).toHaveLength(4);
  const said = () => document.querySelector('output')?.textContent;
  fireEvent.keyDown(image, { key: 'End' });
  expect(said()).toMatch(/: 74$/);
  fireEvent.keyDown(image, { key: 'ArrowLeft' });
  expect(said()).toMatch(/: 70$/);
  fireEvent.keyDown(image, { key: 'Escape' });
  expect(said()).toBe('');
});

test('without values a trend says so', async () => {
  const store = await newStore();
  renderIn(store, <MetricTrend repoId="o/r" branchName="main" metricName="score" label="Score" />);
  await screen.findByText('No values of Score are recorded for this branch.');
});
