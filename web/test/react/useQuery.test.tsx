// @vitest-environment happy-dom
import { act, cleanup, renderHook } from '@testing-library/react';
import type { ReactNode } from 'react';
import { renderToString } from 'react-dom/server';
import { afterEach, expect, test, vi } from 'vitest';
import type { Row } from '../../src/client/index.js';
import { StoreProvider, useQuery, useRow } from '../../src/react/index.js';
import { newStore } from '../inProcess.js';
import { until } from '../until.js';

afterEach(cleanup);

type Branch = Row<'branches'>;

/** A store, its provider, and writes that are rendered when they return. */
function scene() {
  const { store, asked } = newStore();
  const wrapper = ({ children }: { children: ReactNode }) => (
    <StoreProvider store={store}>{children}</StoreProvider>
  );
  const write = (...names: string[]) =>
    act(async () => {
      await store.transaction(async (tx) => {
        for (const name of names) await tx.table('branches').upsert({ repo_id: 'r', name });
      });
    });
  return { store, asked, wrapper, write };
}

test('a query is pending, then its rows, then the rows of each commit', async () => {
  const { wrapper, write } = scene();
  const { result } = renderHook(
    () => useQuery((sql) => sql<Branch>`SELECT name FROM branches ORDER BY name`),
    { wrapper },
  );
  expect(result.current).toStrictEqual({
    status: 'pending',
    data: undefined,
    error: undefined,
    isSkipped: false,
    isUpdating: false,
  });
  await until(() => expect(result.current).toMatchObject({ status: 'success', data: [] }));
  await write('b', 'a');
  await until(() => expect(result.current.data).toStrictEqual([{ name: 'a' }, { name: 'b' }]));
});

test('a query that is refused is an error, and the hook does not throw', async () => {
  const { wrapper } = scene();
  const { result } = renderHook(() => useQuery((sql) => sql`SELEC 1`), { wrapper });
  await until(() => expect(result.current.status).toBe('error'));
  expect(result.current.error).toMatchObject({ name: 'StoreError', code: 'SQL' });
});

test.each([null, undefined, false] as const)('%s instead of a query asks nothing', async (none) => {
  const { wrapper, asked } = scene();
  const { result, rerender } = renderHook(() => useQuery(none), { wrapper });
  const first = result.current;
  expect(first).toMatchObject({ status: 'pending', isSkipped: true });
  rerender();
  await act(async () => undefined);
  expect(result.current).toBe(first);
  expect(asked).toStrictEqual([]);
});

const byName = (keepPrevious: boolean) => (props: { name: string | null }) =>
  useQuery(
    (sql) =>
      props.name !== null && sql<Branch>`SELECT name FROM branches WHERE name = ${props.name}`,
    { keepPrevious },
  );

test('other parameters are pending first', async () => {
  const { wrapper, write } = scene();
  await write('a', 'b');
  const { result, rerender } = renderHook(byName(false), { wrapper, initialProps: { name: 'a' } });
  await until(() => expect(result.current.data).toStrictEqual([{ name: 'a' }]));
  rerender({ name: 'b' });
  expect(result.current).toMatchObject({ status: 'pending', data: undefined });
  await until(() => expect(result.current.data).toStrictEqual([{ name: 'b' }]));
});

test('with keepPrevious the earlier rows stay until the new ones are there', async () => {
  const { wrapper, write } = scene();
  await write('a', 'b');
  const seen: unknown[] = [];
  const { result, rerender } = renderHook(
    (props: { name: string | null }) => {
      const query = byName(true)(props);
      seen.push(query.data);
      return query;
    },
    { wrapper, initialProps: { name: 'a' as string | null } },
  );
  await until(() => expect(result.current.data).toStrictEqual([{ name: 'a' }]));
  seen.length = 0;
  rerender({ name: 'b' });
  expect(result.current).toMatchObject({ data: [{ name: 'a' }], isUpdating: true });
  await until(() => expect(result.current.data).toStrictEqual([{ name: 'b' }]));
  expect(result.current.isUpdating).toBe(false);
  expect(seen).not.toContain(undefined);
  rerender({ name: null });
  expect(result.current).toMatchObject({ status: 'pending', isSkipped: true, isUpdating: false });
});

test('an equal query in every render asks once', async () => {
  const { wrapper, asked } = scene();
  const { result, rerender } = renderHook(byName(false), { wrapper, initialProps: { name: 'a' } });
  for (let i = 0; i < 5; i += 1) rerender({ name: 'a' });
  await until(() => expect(result.current.status).toBe('success'));
  expect(asked.filter(({ call }) => call.op === 'watch')).toHaveLength(1);
});

test('a row is pending while it is not known, null when there is none, and skipped without a key', async () => {
  const { store, wrapper, write } = scene();
  const { result, rerender } = renderHook(
    ({ name }: { name: string | null }) => useRow('branches', name === null ? null : ['r', name]),
    { wrapper, initialProps: { name: 'a' as string | null } },
  );
  expect(result.current).toMatchObject({ status: 'pending', data: undefined, isSkipped: false });
  await until(() => expect(result.current).toMatchObject({ status: 'success', data: null }));
  await write('a');
  await until(() => expect(result.current.data).toMatchObject({ name: 'a' }));
  await act(() => store.table('branches').delete(['r', 'a']));
  await until(() => expect(result.current.data).toBeNull());
  rerender({ name: null });
  expect(result.current).toMatchObject({ status: 'pending', isSkipped: true });
});

function Page() {
  const query = useQuery((sql) => sql`SELECT 1`);
  const row = useRow('branches', ['r', 'a']);
  return `${query.status} ${row.status}`;
}

test('on a server everything is pending, and nothing is started', () => {
  const { store, asked } = scene();
  const html = renderToString(
    <StoreProvider store={store}>
      <Page />
    </StoreProvider>,
  );
  expect(html).toBe('pending pending');
  expect(asked).toStrictEqual([]);
});

test('without a provider the hook says what is missing', () => {
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  expect(() => renderHook(() => useQuery(null))).toThrow(/StoreProvider/);
});
