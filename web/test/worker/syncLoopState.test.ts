import { expect, test, vi } from 'vitest';
import { workerLimits } from '../../src/client/limits.js';
import type { StoreErrorCode } from '../../src/client/errorCodes.js';
import type { SyncState } from '../../src/client/syncStatus.js';
import { newLevelLoop, newLoop, settled, texts } from './syncFakes.js';

type Setup = ReturnType<typeof newLoop>;

/** From a loop that is not resumed. */
const situations: [SyncState, string, (setup: Setup) => unknown][] = [
  ['paused', 'before it is resumed', () => undefined],
  ['connecting', 'the first request is under way', ({ loop }) => loop.resume()],
  [
    'syncing',
    'the server has answered and more is under way',
    async ({ loop, replica, transport }) => {
      replica.pending = 1;
      loop.resume();
      await transport.requests[0]?.answer(texts.pushed);
    },
  ],
  [
    'syncing',
    'the connection has opened and the first request is under way',
    ({ loop, transport }) => {
      transport.hasSockets = true;
      loop.resume();
      transport.sockets[0]?.listener.onOpen();
    },
  ],
  [
    'idle',
    'everything is answered',
    async ({ loop, transport }) => {
      loop.resume();
      await transport.last.answer(texts.pulled);
    },
  ],
  [
    'syncing',
    'a push waits for its confirmation on the live connection',
    async ({ loop, transport, write }) => {
      transport.hasSockets = true;
      loop.resume();
      transport.sockets[0]?.listener.onOpen();
      await transport.last.answer(texts.pulled);
      write();
    },
  ],
  [
    'connecting',
    'it tries again after the server was away',
    async ({ clock, loop, transport }) => {
      loop.resume();
      await transport.last.fail('NETWORK');
      await clock.advance(1000);
    },
  ],
  [
    'paused',
    'it is paused after a failure',
    async ({ loop, transport }) => {
      loop.resume();
      await transport.last.fail('NETWORK');
      loop.pause();
    },
  ],
];

test.each(situations)('the word is %s when %s', async (word, _, arrange) => {
  const setup = newLoop();
  await arrange(setup);
  expect(setup.loop.state.state).toBe(word);
});

test.each<[StoreErrorCode, SyncState, boolean]>([
  ['NETWORK', 'offline', false],
  ['TIMEOUT', 'offline', false],
  ['UNAUTHORIZED', 'auth-required', true],
  ['FORBIDDEN', 'auth-required', true],
  ['SCHEMA_MISMATCH', 'error', true],
  ['SYNC_PROTOCOL', 'error', true],
  ['RATE_LIMITED', 'error', true],
  ['INTERNAL', 'error', true],
])('after %s the word is %s, and online is %s', async (code, word, online) => {
  const { transport, loop } = await newLevelLoop();
  loop.wake();
  await transport.last.fail(code);
  expect(loop.state).toMatchObject({ state: word, online, downloadError: { code } });
});

test.each<StoreErrorCode>(['UNAUTHORIZED', 'FORBIDDEN', 'SCHEMA_MISMATCH', 'PROTOCOL_UNSUPPORTED'])(
  'what trying again cannot mend is asked seldom: %s',
  async (code) => {
    const { clock, transport, loop } = newLoop();
    clock.draws = [0.001];
    loop.resume();
    await transport.last.fail(code);
    expect(loop.state.nextRetryAt).toBe(clock.time + workerLimits.retryMaxMs);
  },
);

test('the error is of the upload or of the download, and an answer clears it', async () => {
  const { clock, transport, loop, write } = await newLevelLoop();
  write();
  await transport.last.fail('RATE_LIMITED');
  expect(loop.state).toMatchObject({ uploadError: { code: 'RATE_LIMITED' }, downloadError: null });
  await clock.advance(1000);
  expect(loop.state).toMatchObject({ uploadError: null, nextRetryAt: null });
  await transport.last.fail('RATE_LIMITED');
  expect(loop.state).toMatchObject({ uploadError: null, downloadError: { code: 'RATE_LIMITED' } });
});

test('each change of the word is told', async () => {
  const { clock, transport, loop, states } = newLoop();
  loop.resume();
  await transport.last.fail('NETWORK');
  await clock.advance(1000);
  await transport.last.answer(texts.pulled);
  loop.wake();
  await transport.last.answer(texts.pulled);
  loop.pause();
  expect(states).toStrictEqual([
    'connecting',
    'offline',
    'connecting',
    'idle',
    'syncing',
    'idle',
    'paused',
  ]);
});

test('now() resolves when everything is sent and fetched, not before', async () => {
  const { transport, loop, replica } = await newLevelLoop();
  replica.pending = 1;
  const done = vi.fn();
  loop.now().then(done);
  await transport.requests[1]?.answer(texts.pushed);
  expect(done).not.toHaveBeenCalled();
  await transport.requests[2]?.answer(texts.pulled);
  expect(done).toHaveBeenCalledOnce();
});

test('now() rejects with what stood in the way, for all who wait', async () => {
  const { transport, loop } = await newLevelLoop();
  const both = Promise.allSettled([loop.now(), loop.now()]);
  await transport.last.fail('NETWORK');
  const rejected = { status: 'rejected', reason: { code: 'NETWORK' } };
  expect(await both).toMatchObject([rejected, rejected]);
});

test('now() does not wait for the retry', async () => {
  const { transport, loop } = newLoop();
  loop.resume();
  await transport.last.fail('NETWORK');
  const level = loop.now();
  await transport.last.answer(texts.pulled);
  await expect(level).resolves.toBeUndefined();
  expect(loop.state).toMatchObject({ state: 'idle', nextRetryAt: null });
});

test('now() is refused while the loop is paused, and rejected by pausing', async () => {
  const { loop } = newLoop();
  await expect(loop.now()).rejects.toMatchObject({ code: 'SYNC_PAUSED' });
  loop.resume();
  const level = loop.now();
  loop.pause();
  await expect(level).rejects.toMatchObject({ code: 'SYNC_PAUSED' });
});

test.each([
  ['the replica fails to speak', 'nextMessage'],
  ['the replica fails to take an answer', 'receive'],
] as const)('the loop goes on after %s', async (_, method) => {
  const { clock, transport, replica, loop } = newLoop();
  vi.spyOn(replica, method).mockImplementationOnce(() => {
    throw new Error('on purpose');
  });
  loop.resume();
  if (method === 'receive') await transport.last.answer(texts.pulled);
  expect(loop.state.state).toBe('error');
  expect((loop.state.uploadError ?? loop.state.downloadError)?.code).toBe('INTERNAL');
  await clock.advance(1000);
  await transport.last.answer(texts.pulled);
  expect(loop.state.state).toBe('idle');
});

test('the loop goes on after a listener fails to take a commit', async () => {
  const { clock, transport, commits, loop } = newLoop();
  vi.spyOn(commits, 'push').mockImplementationOnce(() => {
    throw new Error('on purpose');
  });
  loop.resume();
  await transport.last.answer(texts.pulled);
  await settled();
  await clock.advance(1000);
  await transport.last.answer(texts.pulled);
  expect(loop.state.state).toBe('idle');
});

test('a paused loop fetches when asked, and sends nothing', async () => {
  const { loop, replica, transport, commits } = newLoop();
  replica.pending = 1;
  const fetched = loop.fetch();
  expect(transport.requests.map(({ text }) => text)).toEqual([texts.pull]);
  await transport.last.answer(texts.pulled);
  expect(await fetched).toBe(true);
  expect([commits.length, replica.pending, loop.state.state]).toEqual([1, 1, 'paused']);
});

test('fetching gives way to a loop that is resumed, and says when nothing could be fetched', async () => {
  const { loop, transport, replica } = newLoop();
  const failed = loop.fetch();
  await transport.last.fail('NETWORK');
  expect(await failed).toBe(false);
  const overtaken = loop.fetch();
  const { signal, answer } = transport.last;
  loop.resume();
  expect(signal.aborted).toBe(true);
  await answer(texts.pulled);
  expect(await overtaken).toBe(false);
  expect(replica.received).toEqual([]);
  expect(await loop.fetch()).toBe(false);
});

test('a loop that stands says since when, over all its attempts', async () => {
  const { clock, loop, transport } = newLoop();
  const pausedAt = clock.time;
  await clock.advance(500);
  expect(loop.state.standsSince).toBe(pausedAt);
  loop.resume();
  expect(loop.state.standsSince).toBeNull();
  await clock.advance(100);
  const failedAt = clock.time;
  await transport.last.fail('NETWORK');
  await clock.advance(1000);
  await transport.last.fail('NETWORK');
  expect(loop.state.standsSince).toBe(failedAt);
  loop.wake();
  await transport.last.answer(texts.pulled);
  expect(loop.state.standsSince).toBeNull();
  loop.pause();
  expect(loop.state.standsSince).toBe(clock.time);
});
