// The kit as a test of an application uses it: the published files, two devices, no network.
import { expect, onTestFinished, test, vi } from 'vitest';
import type { Store } from 'twinstore';
import { createTestStore, type TestStore, type TestStoreOptions } from 'twinstore/testing';

const main = { repo_id: 'r1', name: 'main' };
const key = ['r1', 'main'] as const;
const seed = { branches: [main] };

async function newStore(options: TestStoreOptions = { seed }): Promise<TestStore> {
  const store = await createTestStore(options);
  onTestFinished(() => store.close());
  return store;
}

async function newPair(options?: TestStoreOptions): Promise<[TestStore, TestStore]> {
  const store = await newStore(options);
  const peer = await store.peer();
  onTestFinished(() => peer.close());
  return [store, peer];
}

const commitOf = async (store: Store) => (await store.table('branches').get(key))?.commit_sha;
const openConflicts = (store: Store) => store.sql`SELECT * FROM _conflicts WHERE status = 'open'`;

test('two devices that edit one field apart have a conflict that both see', async () => {
  await using a = await createTestStore({ seed, policy: { branches: 'MANUAL' } });
  await using b = await a.peer();
  a.goOffline();
  await a.table('branches').patch(key, { commit_sha: 'mine' });
  await b.table('branches').patch(key, { commit_sha: 'theirs' });
  a.goOnline();
  await a.syncWith(b);
  expect(await openConflicts(a)).toHaveLength(1);
  expect(await openConflicts(b)).toHaveLength(1);
});

test('seeded rows are at the server, and so on every device', async () => {
  const [a, b] = await newPair();
  expect(await a.table('branches').get(key)).toMatchObject(main);
  expect(await b.table('branches').get(key)).toMatchObject(main);
  expect(a.sync.status.getSnapshot().data?.pendingUploads).toBe(0);
});

test('the later of two writes wins, whichever arrives first', async () => {
  const [a, b] = await newPair();
  a.goOffline();
  b.goOffline();
  await a.table('branches').patch(key, { commit_sha: 'earlier' });
  await b.table('branches').patch(key, { commit_sha: 'later' });
  b.goOnline();
  await b.sync.now();
  a.goOnline();
  await a.syncWith(b);
  expect([await commitOf(a), await commitOf(b)]).toEqual(['later', 'later']);
});

test('a device that is online shows what another writes, without being asked', async () => {
  const [a, b] = await newPair();
  const live = b.live(b.sql<{ repo_id: string }>`SELECT repo_id FROM repositories`);
  onTestFinished(live.subscribe(() => undefined));
  await a.table('repositories').insert({ repo_id: 'new' });
  await a.settle();
  expect(live.getSnapshot().data).toEqual([{ repo_id: 'new' }]);
});

test('offline, writes wait here; the exchange says so and goes on by itself', async () => {
  const [a, b] = await newPair();
  a.goOffline();
  await a.table('branches').patch(key, { commit_sha: 'waiting' });
  await a.settle();
  expect(a.sync.status.getSnapshot().data).toMatchObject({ state: 'offline', pendingUploads: 1 });
  await expect(a.sync.now()).rejects.toMatchObject({ code: 'NETWORK' });
  await expect(a.syncWith(b)).rejects.toMatchObject({ code: 'NETWORK' });
  a.goOnline();
  await a.settle();
  expect(a.sync.status.getSnapshot().data).toMatchObject({ state: 'idle', pendingUploads: 0 });
  expect(await commitOf(b)).toBe('waiting');
});

test('a failure on purpose meets the next call, and only that one', async () => {
  const store = await newStore();
  store.failNext('STORAGE_FULL');
  const write = () => store.table('branches').patch(key, { commit_sha: 'x' });
  await expect(write()).rejects.toMatchObject({ code: 'STORAGE_FULL', retryable: true });
  expect(await commitOf(store)).toBeNull();
  await write();
  expect(await commitOf(store)).toBe('x');
});

test("a failing server is asked again when the retry's time has come", async () => {
  const [a, b] = await newPair();
  a.server.failNext('UNAVAILABLE');
  await a.table('branches').patch(key, { commit_sha: 'x' });
  await a.settle();
  const { state, nextRetryAt } = a.sync.status.getSnapshot().data ?? {};
  expect(state).toBe('error');
  expect(nextRetryAt).toBe(a.clock.now() + 1_000);
  await a.clock.advance(999);
  expect(await commitOf(b)).toBeNull();
  await a.clock.advance(1);
  await a.settle();
  expect(await commitOf(b)).toBe('x');
});

test('time is what the test says, in the engine too', async () => {
  const store = await newStore({ now: '2030-05-06T07:08:09Z' });
  expect(store.clock.now()).toBe(Date.UTC(2030, 4, 6, 7, 8, 9));
  await store.clock.advance(60_000);
  await store.sync.now();
  const { lastSyncedAt } = store.sync.status.getSnapshot().data ?? {};
  expect(lastSyncedAt).toBe(Date.UTC(2030, 4, 6, 7, 9, 9));
});

test('the same test runs the same way each time', async () => {
  const run = async () => {
    const [a, b] = await newPair({ seed, policy: { branches: 'MANUAL' } });
    a.goOffline();
    await a.table('branches').patch(key, { commit_sha: 'mine' });
    await b.table('branches').patch(key, { commit_sha: 'theirs' });
    a.goOnline();
    await a.syncWith(b);
    return openConflicts(a);
  };
  expect(await run()).toEqual(await run());
});

test('fake timers of the test do not stop it', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const [a, b] = await newPair();
  await a.table('branches').patch(key, { commit_sha: 'x' });
  await a.syncWith(b);
  expect(await commitOf(b)).toBe('x');
});

test('a schema of its own, and one that is none', async () => {
  const fields = [
    { name: 'id', type: 'text' },
    { name: 'title', type: 'text', required: true },
  ];
  const collections = [{ name: 'todos', key: ['id'], scope: 'id', fields }];
  const store = await newStore({ schema: { name: 'todo', version: 1, collections } });
  await store.transaction((tx) =>
    tx.table('todos' as never).insert({ id: '1', title: 'Milk' } as never),
  );
  expect(await store.sql`SELECT title FROM todos`).toEqual([{ title: 'Milk' }]);
  const broken = createTestStore({ schema: { name: 'todo', version: 1, collections: [{}] } });
  await expect(broken).rejects.toMatchObject({ code: 'INVALID_SCHEMA' });
});

test('a closed store takes no calls', async () => {
  const store = await createTestStore();
  await store.close();
  await store.close();
  await expect(store.table('branches').get(key)).rejects.toMatchObject({ code: 'CLOSED' });
});
