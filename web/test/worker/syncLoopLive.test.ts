import { expect, test } from 'vitest';
import { workerLimits } from '../../src/client/limits.js';
import { newLevelLoop, newLoop, settled, texts } from './syncFakes.js';

const live = () => newLevelLoop({ sockets: true });
const sent = (transport: { requests: { text: string }[] }) =>
  transport.requests.map(({ text }) => text);

test('an open connection subscribes first', async () => {
  const { transport } = await live();
  expect(transport.sockets[0]?.sent).toStrictEqual([texts.subscribe]);
});

test('a push goes over HTTP until the connection is open', () => {
  const { transport, loop, write } = newLoop({ sockets: true });
  loop.resume();
  write();
  expect(sent(transport)).toStrictEqual([texts.pull, texts.push]);
  transport.sockets[0]?.listener.onOpen();
  expect(transport.sockets[0]?.sent).toStrictEqual([texts.subscribe]);
});

test('a push goes over the open connection, a pull never', async () => {
  const { transport, loop, write } = await live();
  write();
  loop.wake();
  expect(transport.sockets[0]?.sent).toStrictEqual([texts.subscribe, texts.push]);
  expect(sent(transport)).toStrictEqual([texts.pull, texts.pull]);
});

/** A push that takes this many bytes of UTF-8. */
const pushOf = (bytes: number, filler: string) => {
  const frame = '{"type":"push","":""}'.length;
  const fillerBytes = new TextEncoder().encode(filler).byteLength;
  const count = Math.floor((bytes - frame) / fillerBytes);
  const rest = 'x'.repeat(bytes - frame - count * fillerBytes);
  return `{"type":"push","":"${filler.repeat(count)}${rest}"}`;
};

test.each(['a', 'é', '漢', '😀'])(
  'a push of the largest size goes over the connection, one byte more over HTTP (of %s)',
  async (filler) => {
    const { transport, replica, write } = await live();
    replica.pushText = pushOf(workerLimits.livePushBytesMax, filler);
    write();
    expect(transport.sockets[0]?.sent).toHaveLength(2);
    await transport.sockets[0]?.listener.onText(texts.pushed);
    replica.pushText = pushOf(workerLimits.livePushBytesMax + 1, filler);
    write();
    expect(transport.sockets[0]?.sent).toHaveLength(2);
    expect(transport.last.text).toBe(replica.pushText);
  },
);

test('a push that is not confirmed in time is a failure, and is sent again after its wait', async () => {
  const { clock, transport, loop, write } = await live();
  write();
  await clock.advance(workerLimits.requestTimeoutMs - 1);
  expect(loop.state.uploadError).toBeNull();
  await clock.advance(1);
  expect(loop.state.uploadError).toMatchObject({ code: 'TIMEOUT' });
  expect(transport.sockets[0]?.isClosed).toBe(true);
  await clock.advance(1000);
  expect(sent(transport).slice(1)).toStrictEqual([texts.push, texts.pull]);
});

test('a confirmed push does not time out', async () => {
  const { clock, transport, replica, loop, write } = await live();
  write();
  transport.sockets[0]?.listener.onText(texts.pushed);
  await clock.advance(2 * workerLimits.requestTimeoutMs);
  expect(replica.pending).toBe(0);
  expect(loop.state).toMatchObject({ state: 'idle', uploadError: null });
});

test('changes of others do not confirm a push', async () => {
  const { clock, transport, loop, write } = await live();
  write();
  transport.sockets[0]?.listener.onText(texts.pulled);
  await clock.advance(workerLimits.requestTimeoutMs);
  expect(loop.state.uploadError).toMatchObject({ code: 'TIMEOUT' });
});

test('changes of others are received and told', async () => {
  const { transport, replica, commits } = await live();
  const before = commits.length;
  transport.sockets[0]?.listener.onText(texts.pulled);
  expect(replica.received).toStrictEqual([texts.pulled, texts.pulled]);
  expect(commits).toHaveLength(before + 1);
});

test('a connection that ends with a push under way has the push sent again over HTTP', async () => {
  const { transport, write } = await live();
  write();
  transport.sockets[0]?.listener.onClosed();
  expect(sent(transport).slice(1)).toStrictEqual([texts.push, texts.pull]);
});

test('a connection that ends leaves requests over HTTP alone', async () => {
  const { transport, loop } = await live();
  loop.wake();
  const pull = transport.last;
  transport.sockets[0]?.listener.onClosed();
  expect(pull.signal.aborted).toBe(false);
  expect(transport.last).toBe(pull);
});

test('a connection that ends is no failure: HTTP tells whether the server is there', async () => {
  const { transport, loop } = await live();
  transport.sockets[0]?.listener.onClosed();
  expect(loop.state).toMatchObject({ state: 'syncing', online: true, downloadError: null });
  await transport.last.fail('NETWORK');
  expect(loop.state).toMatchObject({ state: 'offline', online: false });
});

test('a connection that keeps ending is opened again after waits that double', async () => {
  const { clock, transport } = await live();
  for (const [i, bound] of [1000, 2000, 4000, 8000].entries()) {
    transport.sockets[i]?.listener.onClosed();
    await transport.last.answer(texts.pulled);
    await clock.advance(bound - 1);
    expect(transport.sockets).toHaveLength(i + 1);
    await clock.advance(1);
    expect(transport.sockets).toHaveLength(i + 2);
  }
  transport.sockets[4]?.listener.onOpen();
  transport.sockets[4]?.listener.onClosed();
  await transport.last.answer(texts.pulled);
  await clock.advance(1000);
  expect(transport.sockets).toHaveLength(6);
});

test('waking leaves an open connection as it is', async () => {
  const { transport, loop } = await live();
  loop.wake();
  expect(transport.sockets).toHaveLength(1);
});

test('waking opens the connection at once', async () => {
  const { clock, transport, loop } = await live();
  transport.sockets[0]?.listener.onClosed();
  loop.wake();
  expect(transport.sockets).toHaveLength(2);
  await transport.last.answer(texts.pulled);
  await clock.advance(10_000);
  expect(transport.sockets).toHaveLength(2);
});

test('while the connection is away the server is polled', async () => {
  const { clock, transport } = await live();
  transport.sockets[0]?.listener.onClosed();
  await transport.last.answer(texts.pulled);
  await clock.advance(workerLimits.pollMs);
  expect(sent(transport)).toStrictEqual([texts.pull, texts.pull, texts.pull]);
});

test('what a connection of an earlier round says is not heard', async () => {
  const { transport, replica, loop } = await live();
  loop.pause();
  loop.resume();
  const { listener } = transport.sockets[0] as {
    listener: (typeof transport.sockets)[0]['listener'];
  };
  const before = replica.received.length;
  listener.onText(texts.pulled);
  listener.onOpen();
  listener.onClosed();
  await settled();
  expect(replica.received).toHaveLength(before);
  expect(transport.sockets).toHaveLength(2);
  expect(transport.sockets[1]).toMatchObject({ isClosed: false, sent: [] });
});

test('an error that the replica copes with makes a new subscription', async () => {
  const { clock, transport, replica, loop } = await live();
  replica.bearable = ['CURSOR_EXPIRED'];
  transport.sockets[0]?.listener.onText(texts.error('CURSOR_EXPIRED'));
  expect(loop.state.downloadError).toBeNull();
  expect(transport.sockets[0]?.isClosed).toBe(true);
  await clock.advance(1000);
  transport.sockets[1]?.listener.onOpen();
  expect(transport.sockets[1]?.sent).toStrictEqual([texts.subscribe]);
});

test('an error that it does not cope with ends the round', async () => {
  const { transport, loop } = await live();
  transport.sockets[0]?.listener.onText(texts.error('UNAVAILABLE'));
  expect(loop.state.downloadError).toMatchObject({ code: 'UNAVAILABLE' });
  expect(transport.sockets[0]?.isClosed).toBe(true);
  expect(transport.sockets).toHaveLength(1);
  expect(sent(transport)).toStrictEqual([texts.pull]);
});
