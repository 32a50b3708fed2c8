// What the compiler makes of a schema; that it compiles is the larger part of the test.
import { expect, expectTypeOf, test } from 'vitest';
import {
  createStore,
  defineSchema,
  type DatabaseOf,
  type Key,
  type NewRow,
  type Patch,
  type Row,
  type TableName,
  type WritableName,
} from '../../src/client/index.js';
import { newStore } from '../inProcess.js';

const schema = defineSchema({
  name: 'todo',
  version: 1,
  collections: [
    {
      name: 'todos',
      key: ['id'],
      scope: 'list',
      fields: [
        { name: 'id', type: 'int' },
        { name: 'list', type: 'text', required: true },
        { name: 'title', type: 'text' },
        { name: 'is_done', type: 'bool' },
        { name: 'labels', type: 'set' },
        { name: 'votes', type: 'counter' },
        { name: 'notes', type: 'json' },
      ],
    },
    {
      name: 'members',
      key: ['list', 'rank'],
      scope: 'list',
      fields: [
        { name: 'list', type: 'text' },
        { name: 'rank', type: 'int' },
      ],
    },
  ],
});
type Todo = DatabaseOf<typeof schema>;

test('rows, keys and writes have the types that the schema says', () => {
  expectTypeOf<Row<'todos', Todo>>().toEqualTypeOf<
    Readonly<{
      id: number;
      list: string;
      title: string | null;
      is_done: boolean | null;
      labels: readonly string[];
      votes: number;
      notes: unknown;
    }>
  >();
  expectTypeOf<Key<'todos', Todo>>().toEqualTypeOf<number>();
  expectTypeOf<Key<'members', Todo>>().toEqualTypeOf<readonly [string, number]>();
  expectTypeOf<NewRow<'todos', Todo>>().toExtend<{
    id: number;
    list: string;
    title?: string | null;
  }>();
  expectTypeOf<Patch<'todos', Todo>['votes']>().toEqualTypeOf<
    number | { readonly increment: number } | undefined
  >();
  expectTypeOf<Patch<'todos', Todo>>().not.toHaveProperty('id');
  expectTypeOf<TableName<Todo>>().toEqualTypeOf<
    'todos' | 'members' | '_conflicts' | '_refresh_tasks' | '_rejected_writes'
  >();
  expectTypeOf<WritableName<Todo>>().toEqualTypeOf<'todos' | 'members'>();
  expectTypeOf<Key<'branches'>>().toEqualTypeOf<readonly [string, string]>();
});

test('a store of a schema takes its tables and no others', async () => {
  const store = createStore({ name: 'todo', schema });
  expectTypeOf(store.table).parameter(0).toEqualTypeOf<'todos' | 'members'>();
  // @ts-expect-error the shipped schema is another one
  expect(() => store.liveRow('branches', ['r', 'main'])).toThrow(/no collection branches/);
  expect(() => store.liveRow('_conflicts', 'a')).not.toThrow();
});

test('a schema as text or of wide types is used all the same', async () => {
  const { store } = newStore({ schema: JSON.stringify(schema) });
  await store.transaction((tx) => tx.table('todos' as never).insert({ id: 7, list: 'a' } as never));
  expect(await store.sql`SELECT id, votes FROM todos`).toEqual([{ id: 7, votes: 0 }]);
});

test('rows are written and read by keys that are numbers', async () => {
  const made = newStore({ schema }).store as unknown as ReturnType<
    typeof createStore<typeof schema>
  >;
  await made.table('todos').insert({ id: 7, list: 'a', title: 'Milk' });
  await made.table('todos').patch(7, { is_done: true, votes: { increment: 2 } });
  expect(await made.table('todos').get(7)).toMatchObject({
    title: 'Milk',
    is_done: true,
    votes: 2,
  });
  await made.table('members').insert({ list: 'a', rank: 1 });
  expect(await made.table('members').get(['a', 1])).toEqual({ list: 'a', rank: 1 });
});
