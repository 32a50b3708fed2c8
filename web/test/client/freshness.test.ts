import { expect, test } from 'vitest';
import { newStore } from '../inProcess.js';

const hour = 3_600_000;
const ago = (ms: number) => new Date(Date.now() - ms).toISOString();

async function storeWithBranches() {
  const { store } = newStore();
  for (const name of ['main', 'feature/x', 'old']) {
    await store.table('branches').insert({ repo_id: 'o/r', name, commit_sha: 'c1' });
  }
  const analysis = (branch_name: string, analysis_timestamp: string) =>
    store
      .table('analyses')
      .insert({ repo_id: 'o/r', branch_name, commit_sha: 'c1', analysis_timestamp });
  await analysis('main', ago(hour));
  await analysis('old', ago(30 * hour));
  return store;
}

test('a branch says how fresh it is, why, and when that changes', async () => {
  const { freshness } = await storeWithBranches();
  const fresh = await freshness.staleness('o/r', 'main');
  expect(fresh).toMatchObject({
    is_stale: false,
    stale_threshold_hours: 24,
    last_analyzed_commit: 'c1',
    reasons: [],
  });
  expect(fresh.age_hours).toBeCloseTo(1, 2);
  expect(Date.parse(fresh.next_change_at as string)).toBe(
    Date.parse(fresh.last_analyzed_at as string) + 24 * hour + 1,
  );
  expect(await freshness.staleness('o/r', 'feature/x')).toMatchObject({
    is_stale: true,
    age_hours: null,
    last_analyzed_at: null,
    reasons: ['never_analyzed'],
    next_change_at: null,
  });
});

test('the threshold is the caller’s to set', async () => {
  const { freshness } = await storeWithBranches();
  const names = async (thresholdHours?: number) => {
    const options = thresholdHours === undefined ? {} : { thresholdHours };
    const { branches } = await freshness.staleBranches('o/r', options);
    return branches.map(({ branch_name }) => branch_name);
  };
  expect(await names()).toStrictEqual(['feature/x', 'old']);
  expect(await names(0.5)).toStrictEqual(['feature/x', 'main', 'old']);
  expect(await names(48)).toStrictEqual(['feature/x']);
  await expect(names(-1)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
});

test('a branch that is not here is not found', async () => {
  const { freshness } = await storeWithBranches();
  await expect(freshness.staleness('o/r', 'none')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(freshness.markForRefresh('o/r', ['none'])).rejects.toMatchObject({
    code: 'ROW_MISSING',
  });
});

test('a mark makes several branches stale at once', async () => {
  const { freshness } = await storeWithBranches();
  await freshness.markForRefresh('o/r', ['main', 'old']);
  const { branches } = await freshness.staleBranches('o/r');
  expect(branches.map(({ branch_name, reasons }) => [branch_name, reasons])).toStrictEqual([
    ['feature/x', ['never_analyzed']],
    ['main', ['refresh_requested']],
    ['old', ['refresh_requested', 'too_old']],
  ]);
});

test('a refresh is asked for offline and waits to be uploaded, one task for each branch', async () => {
  const store = await storeWithBranches();
  const tasks = await store.freshness.scheduleRefresh('o/r', ['main', 'feature/x'], 5);
  const rows = () => store.sql`SELECT id, branch_name, state FROM _refresh_tasks ORDER BY id`;
  expect(tasks).toHaveLength(2);
  expect(await rows()).toStrictEqual(
    [
      { id: tasks[0], branch_name: 'main', state: 'queued' },
      { id: tasks[1], branch_name: 'feature/x', state: 'queued' },
    ].sort((a, b) => ((a.id as string) < (b.id as string) ? -1 : 1)),
  );
  await store.freshness.cancelRefresh(tasks[0] as string);
  await store.freshness.cancelRefresh(tasks[0] as string);
  const [cancelled] = await store.sql`SELECT * FROM _refresh_tasks WHERE state = 'cancelled'`;
  expect(cancelled).toMatchObject({ id: tasks[0], cause: 'asked' });
  await expect(store.freshness.cancelRefresh('none')).rejects.toMatchObject({
    code: 'ROW_MISSING',
  });
});
