import { expect, test } from 'vitest';
import { workerLimits } from '../../src/client/limits.js';
import { newLevelLoop, newLoop, texts } from './syncFakes.js';

const sent = (transport: { requests: { text: string }[] }) =>
  transport.requests.map(({ text }) => text);

test('nothing is sent before the loop is resumed', async () => {
  const { clock, transport, loop, write } = newLoop({ sockets: true });
  write();
  loop.wake();
  await clock.advance(workerLimits.watchdogMs);
  expect(transport.requests).toHaveLength(0);
  expect(transport.sockets).toHaveLength(0);
});

test('resuming asks for what is new and sends what waits', () => {
  const { transport, replica, loop } = newLoop();
  replica.pending = 1;
  loop.resume();
  expect(sent(transport)).toStrictEqual([texts.push, texts.pull]);
});

test('resuming twice is resuming once', () => {
  const { transport, loop } = newLoop();
  loop.resume();
  loop.resume();
  expect(transport.requests).toHaveLength(1);
});

test('a write is sent at once, and one push at a time', async () => {
  const { transport, write } = await newLevelLoop();
  write();
  write();
  expect(sent(transport).slice(1)).toStrictEqual([texts.push]);
});

test('each failure doubles the wait, which is drawn from 0 to its bound', async () => {
  const { clock, transport, loop } = newLoop();
  loop.resume();
  const draws = [1, 0.5, 0, 1, 1, 1, 1, 1];
  const bounds = [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000];
  for (const [i, draw] of draws.entries()) {
    clock.draws = [draw];
    const count = transport.requests.length;
    await transport.last.fail('NETWORK');
    const delay = draw * (bounds[i] as number);
    expect(loop.state.nextRetryAt).toBe(clock.time + delay);
    if (delay > 0) {
      await clock.advance(delay - 1);
      expect(transport.requests).toHaveLength(count);
    }
    await clock.advance(1);
    expect(transport.requests).toHaveLength(count + 1);
  }
});

test('an answer ends the series of failures: the next wait is the first again', async () => {
  const { clock, transport, loop, write } = newLoop();
  loop.resume();
  for (const bound of [1000, 2000, 4000]) {
    await transport.last.fail('NETWORK');
    await clock.advance(bound);
  }
  await transport.last.answer(texts.pulled);
  write();
  await transport.last.fail('NETWORK');
  expect(loop.state.nextRetryAt).toBe(clock.time + 1000);
});

test('a failure takes back all requests of its round, and their late answers are not heard', async () => {
  const { clock, transport, replica, loop } = newLoop();
  replica.pending = 1;
  loop.resume();
  const [push, pull] = transport.requests;
  await push?.fail('NETWORK');
  expect(pull?.signal.aborted).toBe(true);
  await pull?.answer(texts.pulled);
  expect(replica.received).toStrictEqual([]);
  await clock.advance(1000);
  expect(sent(transport).slice(2)).toStrictEqual([texts.push, texts.pull]);
});

test('a write while a retry is waited for does not knock earlier', async () => {
  const { transport, loop, write } = newLoop();
  loop.resume();
  await transport.last.fail('NETWORK');
  write();
  expect(transport.requests).toHaveLength(1);
});

test('waking retries at once, and the series of failures begins anew', async () => {
  const { clock, transport, loop } = newLoop();
  loop.resume();
  for (const bound of [1000, 2000]) {
    await transport.last.fail('NETWORK');
    await clock.advance(bound);
  }
  await transport.last.fail('NETWORK');
  loop.wake();
  expect(transport.requests).toHaveLength(4);
  expect(loop.state.nextRetryAt).toBeNull();
  await transport.last.fail('NETWORK');
  expect(loop.state.nextRetryAt).toBe(clock.time + 1000);
});

test('waking asks a level loop whether there is news', async () => {
  const { transport, loop } = await newLevelLoop();
  loop.wake();
  expect(sent(transport)).toStrictEqual([texts.pull, texts.pull]);
});

test('without a live connection the server is asked again and again', async () => {
  const { clock, transport } = await newLevelLoop();
  for (let polls = 1; polls <= 3; polls += 1) {
    await clock.advance(workerLimits.pollMs - 1);
    expect(transport.requests).toHaveLength(polls);
    await clock.advance(1);
    expect(transport.requests).toHaveLength(polls + 1);
    await transport.last.answer(texts.pulled);
  }
});

test('an exchange in between puts the next poll off', async () => {
  const { clock, transport, loop } = await newLevelLoop();
  await clock.advance(workerLimits.pollMs / 2);
  loop.wake();
  await transport.last.answer(texts.pulled);
  await clock.advance(workerLimits.pollMs - 1);
  expect(transport.requests).toHaveLength(2);
});

test('with a live connection the server is not polled', async () => {
  const { clock, transport } = await newLevelLoop({ sockets: true });
  await clock.advance(10 * workerLimits.pollMs);
  expect(sent(transport)).toStrictEqual([texts.pull]);
});

test('pausing takes back what is under way and leaves no timer behind', async () => {
  const { clock, transport, replica, loop, write } = newLoop({ sockets: true });
  loop.resume();
  write();
  loop.pause();
  expect(transport.requests.every(({ signal }) => signal.aborted)).toBe(true);
  expect(transport.sockets[0]?.isClosed).toBe(true);
  expect(replica.isPushing).toBe(false);
  expect(clock.timers).toBe(0);
  await transport.last.fail('NETWORK');
  expect(loop.state).toMatchObject({ state: 'paused', uploadError: null, nextRetryAt: null });
});

test('pausing while a retry is waited for leaves no timer behind either', async () => {
  const { clock, transport, loop } = newLoop({ sockets: true });
  loop.resume();
  await transport.last.fail('NETWORK');
  loop.pause();
  expect(clock.timers).toBe(0);
  expect(loop.state).toMatchObject({ state: 'paused', downloadError: null, nextRetryAt: null });
});

test('what was written while it was paused is sent when it resumes', async () => {
  const { transport, loop, write } = await newLevelLoop();
  loop.pause();
  write();
  loop.resume();
  expect(sent(transport).slice(1)).toStrictEqual([texts.push, texts.pull]);
});

test('pending writes of which nobody speaks any more are sent by the watchdog', async () => {
  const { clock, transport, replica } = await newLevelLoop({ sockets: true });
  replica.pending = 1;
  replica.isPushing = true;
  await clock.advance(workerLimits.watchdogMs);
  expect(sent(transport)).toStrictEqual([texts.pull, texts.push, texts.pull]);
  transport.sockets[1]?.listener.onOpen();
  await transport.requests[1]?.answer(texts.pushed);
  await transport.last.answer(texts.pulled);
  replica.pending = 1;
  await clock.advance(workerLimits.watchdogMs);
  expect(sent(transport).slice(3)).toStrictEqual([texts.push, texts.pull]);
});

test('the watchdog leaves a level replica and a fresh attempt alone', async () => {
  const { clock, transport, replica, write } = await newLevelLoop({ sockets: true });
  await clock.advance(workerLimits.watchdogMs);
  expect(sent(transport)).toStrictEqual([texts.pull]);
  await clock.advance(workerLimits.watchdogMs - 1);
  write();
  await clock.advance(1);
  expect(replica.isPushing).toBe(true);
  expect(sent(transport)).toStrictEqual([texts.pull]);
});
