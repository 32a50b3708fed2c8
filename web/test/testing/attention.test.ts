// What waits for the user: a queue that stands, and writes that the server refused.
import { expect, onTestFinished, test } from 'vitest';
import { createTestStore, type TestStore } from 'twinstore/testing';

const schema = {
  name: 'facts',
  version: 1,
  collections: [
    {
      name: 'facts',
      key: ['id'],
      scope: 'list',
      append_only: true,
      fields: [
        { name: 'id', type: 'text' },
        { name: 'list', type: 'text' },
        { name: 'text', type: 'text' },
      ],
    },
  ],
} as const;

async function newPair() {
  const a = await createTestStore({ schema });
  const b = await a.peer();
  onTestFinished(() => a.close());
  onTestFinished(() => b.close());
  return [a, b] as const;
}

const statusOf = (store: Pick<TestStore, 'sync'>) => store.sync.status.getSnapshot().data;

/** Both insert the fact "f"; the second one is refused, because facts never change. */
async function newRefused() {
  const [a, b] = await newPair();
  a.goOffline();
  await a.table('facts').insert({ id: 'f', list: 'l', text: 'mine' });
  await b.table('facts').insert({ id: 'f', list: 'l', text: 'theirs' });
  await b.settle();
  a.goOnline();
  await a.settle();
  return a;
}

test('a queue that stands says why, since when, and when it is tried again', async () => {
  const [a] = await newPair();
  a.goOffline();
  await a.sync.now().catch(() => undefined);
  expect(statusOf(a)?.waiting).toBeNull();
  const writtenAt = a.clock.now();
  await a.table('facts').insert({ id: 'f', list: 'l', text: 'mine' });
  await a.settle();
  const status = statusOf(a);
  expect(status?.waiting).toMatchObject({ code: 'NETWORK' });
  expect(status?.waiting?.since).toBeLessThanOrEqual(a.clock.now());
  expect(status?.waiting?.nextTryAt).toBeGreaterThan(a.clock.now());
  expect(status?.pendingSince).toBeGreaterThanOrEqual(writtenAt);
  a.sync.pause();
  await a.settle();
  expect(statusOf(a)?.waiting).toMatchObject({ code: 'SYNC_PAUSED', nextTryAt: null });
  a.goOnline();
  a.sync.resume();
  await a.settle();
  expect(statusOf(a)).toMatchObject({ waiting: null, pendingSince: null, pendingUploads: 0 });
});

test('a refused write is a row that tells all sides, live', async () => {
  const a = await newRefused();
  expect(statusOf(a)).toMatchObject({ rejected: 1, uploadError: { code: 'WRITE_REJECTED' } });
  const [write] = await a.sql<{ id: string; code: string; changes: unknown }>`
    SELECT * FROM _rejected_writes`;
  expect(write).toMatchObject({
    code: 'append_only',
    changes: [{ collection: 'facts', key: ['f'], op: 'insert', local: { text: 'mine' } }],
  });
  expect(JSON.parse(await a.exportRejected())).toMatchObject({ writes: [{ code: 'append_only' }] });
  const live = a.live(a.sql<{ n: number }>`SELECT count(*) AS n FROM _rejected_writes`);
  onTestFinished(live.subscribe(() => undefined));
  await a.settle();
  await a.resolveRejected(write?.id ?? '', { take: 'remote' });
  await a.settle();
  expect(live.getSnapshot().data).toEqual([{ n: 0 }]);
  expect(statusOf(a)).toMatchObject({ rejected: 0, uploadError: null });
});

test('a refused write is tried again with other values, or stays when it cannot be', async () => {
  const a = await newRefused();
  const [write] = await a.sql<{ id: string }>`SELECT id FROM _rejected_writes`;
  const id = write?.id ?? '';
  await expect(a.resolveRejected(id, { take: 'local' })).rejects.toMatchObject({
    code: 'APPEND_ONLY',
  });
  await a.resolveRejected(id, { take: 'merged', fields: { text: 'theirs' } });
  await a.settle();
  expect(statusOf(a)).toMatchObject({ rejected: 0, pendingUploads: 0 });
  await expect(a.resolveRejected(id, { take: 'local' })).rejects.toMatchObject({
    code: 'NOT_FOUND',
  });
});
