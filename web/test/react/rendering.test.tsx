// @vitest-environment happy-dom
// What a change costs on the screen, and what a component leaves behind.
import { act, cleanup, render } from '@testing-library/react';
import { memo, type ReactNode } from 'react';
import { afterEach, expect, test, vi } from 'vitest';
import type { Row } from '../../src/client/index.js';
import { limits } from '../../src/client/limits.js';
import {
  StoreProvider,
  useConflicts,
  useDataFreshness,
  useQuery,
  useRow,
  useSyncStatus,
} from '../../src/react/index.js';
import { newStore } from '../inProcess.js';
import { rendersOfOne } from '../strictness.js';
import { until } from '../until.js';

afterEach(cleanup);

type Branch = Row<'branches'>;
const rowCount = 1_000;
const nameAt = (at: number) => `b${String(at).padStart(4, '0')}`;

const Item = memo(({ row, rendered }: { row: Branch; rendered: string[] }) => {
  rendered.push(row.name);
  return <li>{`${row.name} ${row.ahead}`}</li>;
});

function List({ rendered }: { rendered: string[] }) {
  const { data } = useQuery(
    (sql) => sql<Branch>`SELECT * FROM branches WHERE repo_id = ${'r'} ORDER BY name`,
  );
  rendered.push('list');
  return data?.map((row) => <Item key={row.name} row={row} rendered={rendered} />);
}

/** A list of 1,000 rows, on the screen; what is rendered from now on. */
async function list() {
  const { store } = newStore();
  await store.transaction(async (tx) => {
    for (let at = 0; at < rowCount; at += 1) {
      await tx.table('branches').insert({ repo_id: 'r', name: nameAt(at) });
    }
  });
  const rendered: string[] = [];
  const { container } = render(
    <StoreProvider store={store}>
      <List rendered={rendered} />
    </StoreProvider>,
  );
  const items = () => container.querySelectorAll('li');
  await until(() => expect(items()).toHaveLength(rowCount));
  rendered.length = 0;
  const times = (name: string) => Array.from({ length: rendersOfOne }, () => name);
  return { store, container, rendered, items, times };
}

test('of 1,000 rows the one that changed is rendered, and no other', async () => {
  const { store, container, rendered, times } = await list();
  await act(() => store.table('branches').patch(['r', nameAt(500)], { ahead: 4 }));
  await until(() => expect(container.textContent).toContain(`${nameAt(500)} 4`));
  expect(rendered).toStrictEqual([...times('list'), ...times(nameAt(500))]);
});

test('a row that comes or goes in the middle renders no other', async () => {
  const { store, rendered, items, times } = await list();
  await act(() => store.table('branches').insert({ repo_id: 'r', name: 'b0500a' }));
  await until(() => expect(items()).toHaveLength(rowCount + 1));
  await act(() => store.table('branches').delete(['r', nameAt(3)]));
  await until(() => expect(items()).toHaveLength(rowCount));
  expect(rendered).toStrictEqual([...times('list'), ...times('b0500a'), ...times('list')]);
});

test('a write to another table, or to a row that the query does not ask for, renders nothing', async () => {
  const { store, rendered } = await list();
  await act(() => store.table('repositories').insert({ repo_id: 'r' }));
  await act(() => store.table('branches').insert({ repo_id: 'another', name: 'main' }));
  await act(() => store.table('branches').patch(['r', nameAt(7)], {}));
  // An answer that comes after all that any of them could have set off.
  await act(() => store.sql`SELECT 1`);
  expect(rendered).toStrictEqual([]);
});

function Everything({ name }: { name: string }): ReactNode {
  const query = useQuery((sql) => sql`SELECT name FROM branches WHERE name = ${name}`);
  const row = useRow('branches', ['r', name]);
  const state = useSyncStatus((status) => status.state);
  const { count } = useConflicts();
  const { loading } = useDataFreshness('r', name);
  return `${query.status} ${row.status} ${state} ${count} ${loading}`;
}

test.each([
  ['the same query', 1],
  ['a query of its own', 1_000],
])(
  '1,000 mounts and unmounts of every hook leave no subscription, each with %s',
  async (_, names) => {
    const { store, asked } = newStore();
    await store.ready();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    for (let at = 0; at < 1_000; at += 1) {
      const { unmount } = render(
        <StoreProvider store={store}>
          <Everything name={nameAt(at % names)} />
        </StoreProvider>,
      );
      unmount();
    }
    await vi.advanceTimersByTimeAsync(2 * limits.liveGraceMs);
    vi.useRealTimers();
    const idsOf = (op: string) =>
      asked.flatMap(({ call }) => (call.op === op && 'watch' in call ? [call.watch] : []));
    expect(new Set(idsOf('watch')).size).toBeGreaterThanOrEqual(names);
    expect(idsOf('unwatch').toSorted()).toStrictEqual(idsOf('watch').toSorted());
  },
);
