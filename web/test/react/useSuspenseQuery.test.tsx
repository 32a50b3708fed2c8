// @vitest-environment happy-dom
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react';
import { startTransition, Suspense, useState, type ReactNode } from 'react';
import { renderToString } from 'react-dom/server';
import { afterEach, expect, test, vi } from 'vitest';
import { createStore, StoreError, type Row, type Store } from '../../src/client/index.js';
import { StoreErrorBoundary, StoreProvider, useSuspenseQuery } from '../../src/react/index.js';
import { newStore } from '../inProcess.js';
import { until } from '../until.js';

afterEach(cleanup);

type Branch = Row<'branches'>;

function Names({ from = '' }: { from?: string }) {
  const rows = useSuspenseQuery(
    (sql) => sql<Branch>`SELECT name FROM branches WHERE name >= ${from} ORDER BY name`,
  );
  return <p>names: {rows.map(({ name }) => name).join(' ')}</p>;
}

/** Goes on in a transition. */
function Steps() {
  const [from, setFrom] = useState('');
  return (
    <>
      <button type="button" onClick={() => startTransition(() => setFrom('b'))}>
        next
      </button>
      <Names from={from} />
    </>
  );
}

function Broken() {
  useSuspenseQuery((sql) => sql`SELECT * FROM nowhere`);
  return null;
}

function Faulty(): ReactNode {
  throw new Error('not ours');
}

const retryable = (error: StoreError, retry: () => void) => (
  <button type="button" onClick={retry}>
    {error.code}
  </button>
);

function page(store: Store, children: ReactNode) {
  return (
    <StoreProvider store={store}>
      <StoreErrorBoundary fallback={retryable}>
        <Suspense fallback={<p>waiting</p>}>{children}</Suspense>
      </StoreErrorBoundary>
    </StoreProvider>
  );
}

/** What suspends inside of an `act` that nobody waits for stays suspended. */
const shown = (children: ReactNode) => act(async () => void render(children));

const branch = (name: string) => ({ repo_id: 'r', name });

test('the component waits for the first rows, and is rendered with those of each commit', async () => {
  const { store, asked } = newStore();
  await shown(page(store, <Names />));
  screen.getByText('waiting');
  await until(() => screen.getByText('names:'));
  await act(() => store.table('branches').insert(branch('a')));
  await until(() => screen.getByText('names: a'));
  expect(asked.filter(({ call }) => call.op === 'watch')).toHaveLength(1);
});

test('two that ask the same wait for one answer', async () => {
  const { store, asked } = newStore();
  const both = (
    <>
      <Names />
      <Names />
    </>
  );
  await shown(page(store, both));
  await until(() => expect(screen.getAllByText('names:')).toHaveLength(2));
  expect(asked.filter(({ call }) => call.op === 'watch')).toHaveLength(1);
});

test('in a transition the earlier rows stay until the new ones are there', async () => {
  const { store } = newStore();
  await store.transaction(async (tx) => {
    for (const name of ['a', 'b']) await tx.table('branches').insert(branch(name));
  });
  const container = document.body;
  await shown(page(store, <Steps />));
  await until(() => screen.getByText('names: a b'));
  const seen: (string | null)[] = [];
  await act(async () => {
    fireEvent.click(screen.getByText('next'));
    seen.push(container.textContent);
  });
  expect(seen).toStrictEqual(['nextnames: a b']);
  await until(() => screen.getByText('names: b'));
});

test('what the query meets goes to the boundary, and trying again asks again', async () => {
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const { store, asked } = newStore();
  await shown(page(store, <Broken />));
  await until(() => screen.getByText('SQL'));
  const button = screen.getByText('SQL');
  const before = asked.filter(({ call }) => call.op === 'watch').length;
  fireEvent.click(button);
  await until(() =>
    expect(asked.filter(({ call }) => call.op === 'watch')).toHaveLength(before + 1),
  );
  await until(() => screen.getByText('SQL'));
});

test('trying again shows the rows once there are some', async () => {
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const { store: working } = newStore();
  await working.table('branches').insert(branch('a'));
  let isBroken = true;
  const live = new Proxy(working.live(working.sql`SELECT name FROM branches`), {
    get: (target, name: 'getSnapshot') =>
      name === 'getSnapshot' && isBroken ? () => failed : target[name],
  });
  const error = new StoreError('STORAGE_IO', 'on purpose');
  const failed = { status: 'error', data: undefined, error } as const;
  const store = { ...working, live: () => live } as unknown as Store;
  await shown(page(store, <Names />));
  await until(() => screen.getByText('STORAGE_IO'));
  const button = screen.getByText('STORAGE_IO');
  isBroken = false;
  fireEvent.click(button);
  await until(() => screen.getByText('names: a'));
});

test('an error of somebody else goes on upwards', async () => {
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const { store } = newStore();
  await expect(shown(page(store, <Faulty />))).rejects.toThrow('not ours');
});

test('on a server the fallback is what shows, and no worker is started', () => {
  const worker = vi.fn();
  const store = createStore({ name: 'server', worker });
  worker.mockImplementation(() => {
    throw new Error('there are no workers here');
  });
  expect(renderToString(page(store, <Names />))).toContain('waiting');
});
