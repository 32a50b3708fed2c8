// @vitest-environment happy-dom
// The hooks of freshness and of conflicts, over stores with a server, in StrictMode and out of it.
import { act, cleanup, renderHook } from '@testing-library/react';
import { type ReactNode, StrictMode } from 'react';
import { afterEach, expect, onTestFinished, test } from 'vitest';
import { StoreProvider, useConflicts, useDataFreshness } from 'twinstore/react';
import { createTestStore, type TestStore, type TestStoreOptions } from 'twinstore/testing';
import { until } from '../until.js';

afterEach(cleanup);

const branch = { repo_id: 'o/r', name: 'feature/a', commit_sha: 'c1' };
const key = ['o/r', 'feature/a'] as const;

async function newStore(options: TestStoreOptions = {}): Promise<TestStore> {
  const store = await createTestStore({ seed: { branches: [branch] }, ...options });
  onTestFinished(() => store.close());
  return store;
}

function renderWith<T>(store: TestStore, hook: () => T, reactStrictMode: boolean) {
  const wrapper = ({ children }: { children: ReactNode }) => {
    const provided = <StoreProvider store={store}>{children}</StoreProvider>;
    return reactStrictMode ? <StrictMode>{provided}</StrictMode> : provided;
  };
  return renderHook(hook, { wrapper });
}

const freshnessOf = (store: TestStore, isStrict: boolean) =>
  renderWith(store, () => useDataFreshness('o/r', 'feature/a'), isStrict).result;

const analysis = {
  repo_id: 'o/r',
  branch_name: 'feature/a',
  commit_sha: 'c1',
  analysis_timestamp: '2026-01-01T00:00:00Z',
};

test.each([true, false])('freshness has exactly six keys, strict %s', async (isStrict) => {
  const result = freshnessOf(await newStore(), isStrict);
  expect(Object.keys(result.current).sort()).toStrictEqual([
    'checkStaleness',
    'loading',
    'markForRefresh',
    'refreshStatus',
    'stalenessInfo',
    'triggerAnalysis',
  ]);
  expect(result.current.loading).toBe(true);
  await until(() => expect(result.current.loading).toBe(false));
});

test.each([true, false])('what is written changes the answer, strict %s', async (isStrict) => {
  const store = await newStore();
  const result = freshnessOf(store, isStrict);
  await until(() =>
    expect(result.current.stalenessInfo?.reasons).toStrictEqual(['never_analyzed']),
  );
  const { checkStaleness, markForRefresh, triggerAnalysis } = result.current;
  await act(() => store.table('analyses').insert(analysis));
  await until(() => expect(result.current.stalenessInfo?.is_stale).toBe(false));
  await act(() => store.table('branches').patch(key, { commit_sha: 'c2' }));
  await until(() => expect(result.current.stalenessInfo?.reasons).toStrictEqual(['head_moved']));
  expect(result.current).toMatchObject({ checkStaleness, markForRefresh, triggerAnalysis });
});

test('a mark makes the branch stale, here and on another device', async () => {
  const store = await newStore();
  await store.table('analyses').insert(analysis);
  const peer = await store.peer();
  onTestFinished(() => peer.close());
  const [mine, theirs] = [freshnessOf(store, true), freshnessOf(peer, true)];
  await until(() => expect(theirs.current.stalenessInfo?.is_stale).toBe(false));
  await store.clock.advance(1000);
  await act(() => mine.current.markForRefresh());
  await act(() => store.syncWith(peer));
  for (const { current } of [mine, theirs]) {
    await until(() => expect(current.stalenessInfo).not.toBeNull());
  }
  await until(() =>
    expect(theirs.current.stalenessInfo?.reasons).toStrictEqual(['refresh_requested']),
  );
});

test('a refresh that is asked for offline waits, and says so', async () => {
  const store = await newStore();
  const result = freshnessOf(store, true);
  await until(() => expect(result.current.refreshStatus.phase).toBe('idle'));
  await act(async () => store.goOffline());
  await act(() => result.current.triggerAnalysis());
  await until(() => expect(result.current.refreshStatus.phase).toBe('queued-offline'));
  expect(result.current.refreshStatus.error).toBeNull();
  await act(async () => store.goOnline());
  await until(() => expect(result.current.refreshStatus.phase).toBe('queued'));
});

test('of a branch that is not here there is an error, and nothing is thrown', async () => {
  const store = await newStore();
  const { result } = renderWith(store, () => useDataFreshness('o/r', 'nowhere'), true);
  await until(() => expect(result.current.refreshStatus.error?.code).toBe('NOT_FOUND'));
  expect(result.current.stalenessInfo).toBeNull();
  expect(result.current.loading).toBe(false);
  await act(() => result.current.markForRefresh());
  expect(result.current.refreshStatus.error?.code).toBe('ROW_MISSING');
});

test('another branch is loading first, and never shows what belongs to the first', async () => {
  const store = await newStore({
    seed: { branches: [branch, { ...branch, name: 'b', commit_sha: 'c9' }], analyses: [analysis] },
  });
  const wrapper = ({ children }: { children: ReactNode }) => (
    <StoreProvider store={store}>{children}</StoreProvider>
  );
  const { result, rerender } = renderHook(({ name }) => useDataFreshness('o/r', name), {
    wrapper,
    initialProps: { name: 'feature/a' },
  });
  await until(() => expect(result.current.stalenessInfo?.is_stale).toBe(false));
  rerender({ name: 'b' });
  expect(result.current).toMatchObject({ stalenessInfo: null, loading: true });
  await until(() =>
    expect(result.current.stalenessInfo?.reasons).toStrictEqual(['never_analyzed']),
  );
});

test.each([true, false])(
  'a conflict is open for both and decided by one, strict %s',
  async (isStrict) => {
    const a = await newStore({ policy: { branches: 'MANUAL' } });
    const b = await a.peer();
    onTestFinished(() => b.close());
    const mine = renderWith(a, () => useConflicts(), isStrict).result;
    const theirs = renderWith(b, () => useConflicts({ table: 'branches' }), isStrict).result;
    const others = renderWith(b, () => useConflicts({ table: 'analyses' }), isStrict).result;
    await until(() => expect(mine.current.status).toBe('success'));
    expect(mine.current).toMatchObject({ open: [], count: 0, history: [], error: null });
    const { resolve } = mine.current;
    a.goOffline();
    await act(() => a.table('branches').patch(key, { commit_sha: 'mine' }));
    await act(() => b.table('branches').patch(key, { commit_sha: 'theirs' }));
    a.goOnline();
    await act(() => a.syncWith(b));
    await until(() => expect([mine.current.count, theirs.current.count]).toStrictEqual([1, 1]));
    expect(others.current.count).toBe(0);
    const [conflict] = mine.current.open;
    expect(conflict).toMatchObject({
      collection: 'branches',
      local: { commit_sha: 'mine' },
      remote: { commit_sha: 'theirs' },
    });
    expect(mine.current.resolve).toBe(resolve);
    await act(() => resolve(conflict?.id ?? '', { take: 'local' }));
    await act(() => a.syncWith(b));
    await until(() => expect([mine.current.count, theirs.current.count]).toStrictEqual([0, 0]));
    expect(theirs.current.history.map(({ status }) => status)).toStrictEqual(['resolved']);
    expect((await b.table('branches').get(key))?.commit_sha).toBe('mine');
  },
);
