// @vitest-environment happy-dom
import { act, cleanup, renderHook } from '@testing-library/react';
import type { ReactNode } from 'react';
import { afterEach, expect, test } from 'vitest';
import { StoreProvider, useMutation } from '../../src/react/index.js';
import type { Tx } from '../../src/client/index.js';
import { newStore } from '../inProcess.js';
import { until } from '../until.js';

afterEach(cleanup);

function renderMutation<A extends unknown[], R, P>(
  fn: (props: P) => (tx: Tx, ...args: A) => Promise<R>,
  initialProps: P,
) {
  const { store } = newStore();
  const wrapper = ({ children }: { children: ReactNode }) => (
    <StoreProvider store={store}>{children}</StoreProvider>
  );
  const hook = renderHook((props: P) => useMutation(fn(props)), { wrapper, initialProps });
  return { store, ...hook };
}

const insert = () => async (tx: Tx, name: string) => {
  await tx.table('branches').insert({ repo_id: 'r', name });
  return `inserted ${name}`;
};

test('a run is pending until it is durable, and gives back what the function returned', async () => {
  const { store, result } = renderMutation(insert, null);
  expect(result.current).toMatchObject({ isPending: false, error: null });
  let done: Promise<string> | undefined;
  act(() => {
    done = result.current.run('a');
  });
  expect(result.current.isPending).toBe(true);
  await act(async () => {
    expect(await done).toBe('inserted a');
  });
  expect(result.current).toMatchObject({ isPending: false, error: null });
  expect(await store.sql`SELECT name FROM branches`).toStrictEqual([{ name: 'a' }]);
});

test('two runs are pending until both have ended', async () => {
  let finish: () => void = () => undefined;
  const slow = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const wait = () => async (_tx: Tx, isSlow: boolean) => (isSlow ? slow : undefined);
  const { result } = renderMutation(wait, null);
  let both: Promise<unknown>[] = [];
  await act(async () => {
    both = [result.current.run(false), result.current.run(true)];
    await both[0];
  });
  expect(result.current.isPending).toBe(true);
  await act(async () => {
    finish();
    await both[1];
  });
  expect(result.current.isPending).toBe(false);
});

test('an error is kept until the next success or reset, and whoever waits gets it too', async () => {
  const { result } = renderMutation(insert, null);
  const run = (name: string) =>
    act(async () => {
      await result.current.run(name).catch((error) => expect(error.code).toBe('ROW_EXISTS'));
    });
  await run('a');
  await run('a');
  expect(result.current).toMatchObject({ isPending: false, error: { code: 'ROW_EXISTS' } });
  act(() => result.current.reset());
  expect(result.current.error).toBeNull();
  await run('a');
  expect(result.current.error).not.toBeNull();
  await run('b');
  expect(result.current.error).toBeNull();
});

test('run is the same function in every render, and calls the latest one it was given', async () => {
  const { store, result, rerender } = renderMutation(
    (name: string) => async (tx: Tx) => tx.table('branches').insert({ repo_id: 'r', name }),
    'first' as string,
  );
  const { run } = result.current;
  rerender('second');
  expect(result.current.run).toBe(run);
  await act(() => run());
  expect(await store.sql`SELECT name FROM branches`).toStrictEqual([{ name: 'second' }]);
});

test('a run writes what the component said when it was called, whatever it renders next', async () => {
  const { store, result, rerender } = renderMutation(
    (name: string) => async (tx: Tx) => tx.table('branches').insert({ repo_id: 'r', name }),
    'typed' as string,
  );
  await act(async () => {
    const done = result.current.run();
    rerender('');
    await done;
  });
  expect(await store.sql`SELECT name FROM branches`).toStrictEqual([{ name: 'typed' }]);
});

test('a run that nobody waits for is no unhandled rejection', async () => {
  const rejections: unknown[] = [];
  const listener = (reason: unknown) => rejections.push(reason);
  process.on('unhandledRejection', listener);
  const { result } = renderMutation(() => () => Promise.reject(new Error('on purpose')), null);
  act(() => void result.current.run());
  await until(() => expect(result.current.error).not.toBeNull());
  await new Promise((resolve) => setImmediate(resolve));
  process.off('unhandledRejection', listener);
  expect(result.current.error).toMatchObject({ message: 'on purpose' });
  expect(rejections).toStrictEqual([]);
});
