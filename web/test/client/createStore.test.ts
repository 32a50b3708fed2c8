import { expect, test, vi } from 'vitest';
import { createStore } from '../../src/client/index.js';
import { newStore } from '../inProcess.js';

const branch = (name: string, ahead = 0) => ({ repo_id: 'r', name, ahead });
const key = ['r', 'a'] as const;

test('making a store starts nothing', async () => {
  const { asked, store } = newStore();
  store.live(store.sql`SELECT 1`);
  store.on('change', () => undefined);
  await store.close();
  expect(asked).toStrictEqual([]);
});

test.each(['', '../x', 'a/b', '.hidden', 'x'.repeat(65)])('%j is no name of a store', (name) => {
  expect(() => createStore({ name })).toThrow(
    expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
  );
});

test.each(['', '\ud800', 'x'.repeat(180), '字'.repeat(20)])('%j is no user', (user) => {
  expect(() => createStore({ name: 'app', user })).toThrow(
    expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
  );
});

test('each user has a store apart from the others', async () => {
  const names = ['ada@example.org', '../ada', 'x'.repeat(179), '字'.repeat(19)].map((user) => {
    const { store, asked } = newStore({ name: 'app', user });
    store.ready().catch(() => undefined);
    const { call } = asked[0] ?? {};
    return call?.op === 'open' ? call.options.name : undefined;
  });
  expect(names.slice(0, 2)).toStrictEqual(['app@ada%40example.org', 'app@..%2Fada']);
  expect(new Set(names).size).toBe(4);
});

test('a store that is wiped says so, and takes no calls', async () => {
  const { store } = newStore();
  const onWiped = vi.fn();
  store.on('wiped', onWiped);
  await store.table('branches').insert(branch('a'));
  await store.wipe();
  expect(onWiped).toHaveBeenCalledOnce();
  await expect(store.table('branches').get(key)).rejects.toMatchObject({ code: 'CLOSED' });
});

test('memory is never persisted', async () => {
  const { store } = newStore();
  vi.stubGlobal('navigator', {
    storage: { persist: async () => true, persisted: async () => true },
  });
  expect(await store.persist()).toBe(false);
  expect(await store.ready()).toMatchObject({ storage: 'memory', persisted: false });
});

test('a page that is asked for a token answers with it, or says why it has none', async () => {
  const asked: unknown[] = [];
  let tell: (message: unknown) => void = () => undefined;
  const endpoint = () => ({
    postMessage: (message: unknown) => asked.push((message as { call: unknown }).call),
    addEventListener: (type: string, listener: (event: never) => void) => {
      if (type === 'message') tell = (data) => listener({ data } as never);
    },
    terminate: () => undefined,
  });
  const getToken = vi.fn(async ({ isRefused }: { isRefused: boolean }) => {
    if (isRefused) throw new Error('signed out');
    return 'secret';
  });
  const store = createStore({
    name: 'test',
    worker: endpoint,
    sync: { url: 'http://s', getToken },
  });
  void store.ready().catch(() => undefined);
  tell({ event: 'token-wanted', request: 7, isRefused: false });
  await vi.waitFor(() =>
    expect(asked).toContainEqual({ op: 'token', request: 7, token: 'secret' }),
  );
  tell({ event: 'token-wanted', request: 8, isRefused: true });
  await vi.waitFor(() =>
    expect(asked).toContainEqual({ op: 'token', request: 8, reason: 'signed out' }),
  );
  expect(JSON.stringify(asked[0])).not.toContain('secret');
});

test('rows are written, read, changed and deleted by their key', async () => {
  const { store } = newStore();
  const branches = store.table('branches');
  await branches.insert(branch('a'));
  await branches.patch(key, { ahead: 5, tags: ['x'] });
  expect(await branches.get(key)).toMatchObject({ name: 'a', ahead: 5, tags: ['x'] });
  await branches.upsert(branch('b', 7));
  expect(await branches.where({ ahead: 7 })).toMatchObject([{ name: 'b' }]);
  expect(await branches.where({}, { orderBy: 'name', desc: true, limit: 1 })).toMatchObject([
    { name: 'b' },
  ]);
  await branches.delete(key);
  await branches.delete(key);
  expect(await branches.get(key)).toBeNull();
});

test('each refusal of a write is its own code', async () => {
  const branches = newStore().store.table('branches');
  await branches.insert(branch('a'));
  await expect(branches.insert(branch('a'))).rejects.toMatchObject({ code: 'ROW_EXISTS' });
  await expect(branches.patch(['r', 'x'], { ahead: 1 })).rejects.toMatchObject({
    code: 'ROW_MISSING',
  });
});

test('a transaction that reads and then writes is not interleaved with another', async () => {
  const { store } = newStore();
  await store.table('branches').insert(branch('a'));
  const increment = () =>
    store.transaction(async (tx) => {
      const row = await tx.table('branches').get(key);
      await tx.sql`SELECT 1`;
      await tx.table('branches').patch(key, { ahead: (row?.ahead ?? 0) + 1 });
    });
  await Promise.all(Array.from({ length: 10 }, increment));
  expect(await store.table('branches').get(key)).toMatchObject({ ahead: 10 });
});

test('a transaction that throws writes nothing, and the next one runs', async () => {
  const { store, asked } = newStore();
  const failed = store.transaction(async (tx) => {
    await tx.table('branches').insert(branch('a'));
    throw new RangeError('changed my mind');
  });
  const next = store.transaction(async (tx) => {
    await tx.table('branches').insert(branch('b'));
    return 'result';
  });
  await expect(failed).rejects.toThrow(RangeError);
  expect(await next).toBe('result');
  expect(await store.sql`SELECT name FROM branches`).toStrictEqual([{ name: 'b' }]);
  expect(asked.filter(({ call }) => call.op === 'write')).toHaveLength(1);
});

test('of a transaction with one refused write nothing is written', async () => {
  const { store } = newStore();
  const failed = store.transaction(async (tx) => {
    await tx.table('branches').insert(branch('a'));
    await tx.table('branches').patch(['r', 'missing'], { ahead: 1 });
  });
  await expect(failed).rejects.toMatchObject({ code: 'ROW_MISSING' });
  expect(await store.table('branches').get(key)).toBeNull();
});

test('what is written in a transaction is read only after it', async () => {
  const { store } = newStore();
  const inside = await store.transaction(async (tx) => {
    await tx.table('branches').insert(branch('a'));
    return tx.table('branches').get(key);
  });
  expect(inside).toBeNull();
  expect(await store.table('branches').get(key)).not.toBeNull();
});

test('a write after the end of its transaction is refused', async () => {
  const { store } = newStore();
  const late = await store.transaction(async (tx) => ({ table: tx.table('branches') }));
  await expect(late.table.insert(branch('a'))).rejects.toMatchObject({ code: 'CLOSED' });
});

test('a transaction that is given up writes nothing, before it runs and while it does', async () => {
  const { store } = newStore();
  const action = vi.fn(async () => undefined);
  const given = store.transaction(action, { signal: AbortSignal.abort() });
  await expect(given).rejects.toMatchObject({ code: 'ABORTED' });
  expect(action).not.toHaveBeenCalled();
  const controller = new AbortController();
  const during = store.transaction(
    async (tx) => {
      await tx.table('branches').insert(branch('a'));
      controller.abort();
    },
    { signal: controller.signal },
  );
  await expect(during).rejects.toMatchObject({ code: 'ABORTED' });
  expect(await store.table('branches').get(key)).toBeNull();
});

test('a transaction whose worker is gone has lost its turn and writes nothing; the next one does', async () => {
  const { store, crash } = newStore();
  const lost = store.transaction(async (tx) => {
    await tx.table('branches').insert(branch('a'));
    crash();
    await tx.table('branches').get(key);
  });
  await expect(lost).rejects.toMatchObject({ code: 'ABORTED' });
  await store.transaction((tx) => tx.table('branches').insert(branch('b')));
  expect(await store.sql`SELECT name FROM branches`).toEqual([{ name: 'b' }]);
});

test('a commit is told once, with what it touched, until the listener leaves', async () => {
  const { store } = newStore();
  const onChange = vi.fn();
  const leave = store.on('change', onChange);
  await store.table('branches').insert(branch('a'));
  expect(onChange.mock.calls).toStrictEqual([[{ tables: ['branches'], origin: 'local' }]]);
  leave();
  await store.table('branches').insert(branch('b'));
  expect(onChange).toHaveBeenCalledOnce();
});

test('a listener that throws does not keep the others from being called', async () => {
  const { store } = newStore();
  const report = vi.fn();
  vi.stubGlobal('reportError', report);
  const other = vi.fn();
  const fault = new Error('on purpose');
  store.on('change', () => {
    throw fault;
  });
  store.on('change', other);
  await store.table('branches').insert(branch('a'));
  expect(other).toHaveBeenCalledOnce();
  expect(report).toHaveBeenCalledExactlyOnceWith(fault);
});

test('a write whose worker crashes before it answers is written by the next worker', async () => {
  const { store, crash } = newStore();
  await store.ready();
  const written = store.table('branches').insert(branch('a'));
  crash();
  await written;
  expect(await store.table('branches').get(key)).toMatchObject({ name: 'a' });
});

test('a store without sync says so', async () => {
  const { store } = newStore();
  await store.ready();
  await new Promise<void>((done) => {
    store.sync.status.subscribe(done);
  });
  expect(store.sync.status.getSnapshot().data?.state).toBe('disabled');
  await expect(store.sync.now()).rejects.toMatchObject({ code: 'SYNC_DISABLED' });
  expect(() => store.sync.pause()).toThrow(expect.objectContaining({ code: 'SYNC_DISABLED' }));
});

test('after closing every call is CLOSED', async () => {
  const { store } = newStore();
  await store.table('branches').insert(branch('a'));
  const waiting = store.live(store.sql`SELECT name FROM branches`);
  await waiting.preload();
  await store.close();
  await store.close();
  const closed = expect.objectContaining({ code: 'CLOSED' });
  await expect(store.ready()).rejects.toEqual(closed);
  await expect(store.table('branches').delete(key)).rejects.toEqual(closed);
  await expect(Promise.resolve(store.sql`SELECT 1`)).rejects.toEqual(closed);
});
