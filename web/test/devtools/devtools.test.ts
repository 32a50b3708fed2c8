// What the devtools stand on: the log of the exchange, the inspection, and conflicts on purpose.
import { expect, test } from 'vitest';
import { createTestStore } from 'twinstore/testing';
import { schemaTables } from '../../src/devtools/panel/schemaTables.js';
import { contestedFields, simulateConflict } from '../../src/devtools/panel/simulateConflict.js';
import { keepSyncLog } from '../../src/devtools/syncLog.js';

const repository = { repo_id: 'a/b', name: 'b', description: 'One line.' };

async function tableOf(store: Awaited<ReturnType<typeof createTestStore>>, name: string) {
  const table = schemaTables(await store.inspect()).find((candidate) => candidate.name === name);
  if (table === undefined) throw new Error(`there is no ${name}`);
  return table;
}

test('an inspection tells of each watched query how often it ran and who shares it', async () => {
  await using store = await createTestStore({ seed: { repositories: [repository] } });
  const query = store.sql`SELECT name FROM repositories WHERE repo_id = ${'a/b'}`;
  const end = store.live(query).subscribe(() => undefined);
  await store.settle();
  const queriesOf = async () => (await store.inspect()).queries;
  expect(await queriesOf()).toEqual([
    expect.objectContaining({ runs: 1, watchers: 1, params: '["a/b"]', error: null }),
  ]);
  await store.table('repositories').patch('a/b', { name: 'c' });
  await store.settle();
  const [after] = await queriesOf();
  expect(after).toMatchObject({ runs: 2 });
  expect(after?.totalMs).toBeGreaterThanOrEqual(after?.lastMs ?? Number.POSITIVE_INFINITY);
  end();
});

test('an inspection names the server and how far its scopes are, and the schema', async () => {
  await using store = await createTestStore({ seed: { repositories: [repository] } });
  const inspection = await store.inspect();
  expect(inspection.sync).toMatchObject({ url: 'http://localhost', scopes: [{ scope: '*' }] });
  expect(inspection.sync?.scopes[0]?.rev).toBeGreaterThan(0);
  expect(inspection.pages).toBe(1);
  expect(schemaTables(inspection).map(({ name }) => name)).toContain('branches');
});

test('prose is offered first for a conflict, keys and scopes never', async () => {
  await using store = await createTestStore();
  const fields = contestedFields(await tableOf(store, 'repositories'));
  expect(fields[0]).toBe('description');
  expect(fields).not.toContain('repo_id');
  expect(contestedFields(await tableOf(store, 'branches'))).not.toContain('name');
});

test.for([
  ['MANUAL', 'open'],
  ['LATEST_WINS', 'superseded'],
] as const)(
  'a conflict on purpose under %s is %s, and both edits are in it',
  async ([policy, status]) => {
    await using store = await createTestStore({
      seed: { repositories: [repository] },
      policy: { repositories: policy },
    });
    const table = await tableOf(store, 'repositories');
    const [row] = await store.sql`SELECT * FROM repositories`;
    const other = await store.peer();
    const outcome = await simulateConflict(store, () => other, table, row ?? {}, 'description');
    expect(outcome).toEqual({ table: 'repositories', key: 'a/b', field: 'description', status });
    const [met] = await store.sql<{ local: object; remote: object }>`
    SELECT local, remote FROM _conflicts`;
    const sides = JSON.stringify([met?.local, met?.remote]);
    expect(sides).toContain('One line. (here)');
    expect(sides).toContain('One line. (elsewhere)');
    await expect(other.sql`SELECT 1`).rejects.toMatchObject({ code: 'CLOSED' });
  },
);

test('a device that was offline before a conflict on purpose stays so', async () => {
  await using store = await createTestStore({ seed: { repositories: [repository] } });
  store.sync.pause();
  await store.settle();
  const table = await tableOf(store, 'repositories');
  const outcome = await simulateConflict(
    store,
    () => store.peer(),
    table,
    repository,
    'description',
  );
  expect(outcome.status).toBeNull();
  expect(store.sync.status.getSnapshot().data).toMatchObject({
    state: 'paused',
    pendingUploads: 1,
  });
});

test('the log says in words what the exchange did, once for each store', async () => {
  await using store = await createTestStore({ seed: { repositories: [repository] } });
  await using other = await store.peer();
  const log = keepSyncLog(store);
  expect(keepSyncLog(store)).toBe(log);
  store.goOffline();
  await store.sync.now().catch(() => undefined);
  await store.table('repositories').patch('a/b', { name: 'c' });
  await other.table('repositories').patch('a/b', { owner: 'a' });
  await other.settle();
  store.goOnline();
  await store.syncWith(other);
  const words = log.get().map((entry) => entry.words);
  expect(words).toContain('The server does not answer: this device is offline');
  expect(words).toContain('Written here: repositories');
  expect(words).toContain('1 change confirmed by the server');
  expect(words).toContain('Received repositories');
  expect(words.at(-1)).toBe('Level with the server');
});
