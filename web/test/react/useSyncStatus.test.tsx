// @vitest-environment happy-dom
import { act, cleanup, renderHook } from '@testing-library/react';
import { rendersOfOne } from '../strictness.js';
import type { ReactNode } from 'react';
import { afterEach, expect, test, vi } from 'vitest';
import { createStore, type SyncStatus } from '../../src/client/index.js';
import { StoreProvider, useSyncStatus } from '../../src/react/index.js';
import type { FromHost, SyncStatusValue } from '../../src/worker/messages.js';
import { newStore } from '../inProcess.js';
import { until } from '../until.js';
import { errorValue } from '../errorValue.js';

afterEach(cleanup);

const level: SyncStatusValue = {
  state: 'idle',
  clientId: 'c1',
  online: true,
  hasSynced: true,
  lastSyncedAt: 1,
  pendingUploads: 0,
  conflicts: 0,
  pendingSince: null,
  waiting: null,
  rejected: 0,
  withdrawnScopes: [],
  uploadError: null,
  downloadError: null,
  nextRetryAt: null,
};

/** A store whose worker says nothing but the statuses that it is given. */
function scene<S>(select: (status: SyncStatus) => S) {
  let say: (message: FromHost) => void = () => undefined;
  const store = createStore({
    name: 'test',
    worker: () => ({
      postMessage: () => undefined,
      terminate: () => undefined,
      addEventListener: (type: string, listener: (event: never) => void) => {
        if (type === 'message') say = (data) => listener({ data } as never);
      },
    }),
  });
  const wrapper = ({ children }: { children: ReactNode }) => (
    <StoreProvider store={store}>{children}</StoreProvider>
  );
  const renders = vi.fn();
  const hook = renderHook(
    () => {
      renders();
      return useSyncStatus(select);
    },
    { wrapper },
  );
  renders.mockClear();
  const tell = (change: Partial<SyncStatusValue>) =>
    act(() => say({ event: 'status', status: { ...level, ...change } }));
  return { ...hook, renders, tell };
}

const whole = (status: SyncStatus) => status;

test('before the store has opened the status says so', () => {
  expect(scene(whole).result.current).toMatchObject({ state: 'initializing', online: false });
});

test('the status is that of the real store', async () => {
  const { store } = newStore();
  const { result } = renderHook(() => useSyncStatus(), {
    wrapper: ({ children }) => <StoreProvider store={store}>{children}</StoreProvider>,
  });
  await until(() => expect(result.current.state).toBe('disabled'));
});

test('an equal status renders nothing, another one does', () => {
  const { result, renders, tell } = scene(whole);
  tell({});
  tell({});
  expect(renders).toHaveBeenCalledTimes(rendersOfOne);
  tell({ uploadError: errorValue('NETWORK', 'away') });
  tell({ uploadError: errorValue('NETWORK', 'away') });
  expect(renders).toHaveBeenCalledTimes(2 * rendersOfOne);
  expect(result.current.uploadError).toMatchObject({ name: 'StoreError', code: 'NETWORK' });
});

test('with a selection only its changes render', () => {
  const pending = (status: SyncStatus) => status.pendingUploads;
  const { result, renders, tell } = scene(pending);
  tell({ state: 'syncing' });
  tell({ state: 'idle', lastSyncedAt: 2 });
  expect(renders).not.toHaveBeenCalled();
  tell({ pendingUploads: 3 });
  expect(result.current).toBe(3);
  expect(renders).toHaveBeenCalledTimes(rendersOfOne);
});

test('a selected object is compared field by field, and keeps its identity while equal', () => {
  const { result, renders, tell } = scene(({ state, online }) => ({ state, online }));
  tell({});
  const first = result.current;
  renders.mockClear();
  tell({ lastSyncedAt: 5 });
  expect(renders).not.toHaveBeenCalled();
  expect(result.current).toBe(first);
  tell({ online: false });
  expect(result.current).toStrictEqual({ state: 'idle', online: false });
});
