import { expect, test } from 'vitest';
import { workerLimits } from '../../src/client/limits.js';
import type { HostEvent } from '../../src/worker/messages.js';
import type { Session } from '../../src/worker/session.js';
import { Tokens } from '../../src/worker/tokens.js';
import { HandClock, settled } from './syncFakes.js';

type Wanted = Extract<HostEvent, { event: 'token-wanted' }>;

class HandPage implements Session {
  readonly wanted: Wanted[] = [];
  readonly role: Session['role'];

  constructor(role: Session['role']) {
    this.role = role;
  }

  readonly send = (message: unknown) => {
    this.wanted.push(message as Wanted);
  };
}

function world() {
  const clock = new HandClock();
  const tokens = new Tokens(clock.after);
  const leader = new HandPage('leader');
  const follower = new HandPage('follower');
  return { clock, tokens, leader, follower };
}

test('a page is asked once, for all who want the token', async () => {
  const { tokens, leader } = world();
  const both = Promise.all([tokens.get(), tokens.get()]);
  tokens.join(leader);
  await settled();
  expect(leader.wanted).toStrictEqual([{ event: 'token-wanted', request: 1, isRefused: false }]);
  tokens.receive(1, { token: 'a' });
  expect(await both).toStrictEqual(['a', 'a']);
  expect(await tokens.get()).toBe('a');
  expect(leader.wanted).toHaveLength(1);
});

test("a refused token is asked for again, and somebody else's refusal of an older one is not", async () => {
  const { tokens, leader } = world();
  tokens.join(leader);
  const first = tokens.get();
  await settled();
  tokens.receive(1, { token: 'a' });
  tokens.refuse(await first);
  const second = tokens.get();
  await settled();
  expect(leader.wanted[1]).toStrictEqual({ event: 'token-wanted', request: 2, isRefused: true });
  tokens.receive(2, { token: 'b' });
  await second;
  tokens.refuse('a');
  expect(await tokens.get()).toBe('b');
});

test("the leader's page is asked first, and the others when it has none", async () => {
  const { tokens, leader, follower } = world();
  tokens.join(follower);
  tokens.join(leader);
  const token = tokens.get();
  await settled();
  expect(follower.wanted).toHaveLength(0);
  tokens.receive(1, { reason: 'this page has none' });
  await settled();
  expect(follower.wanted).toHaveLength(1);
  tokens.receive(2, { token: 'a' });
  expect(await token).toBe('a');
});

test('a page that is gone, or does not answer, does not hold up the others', async () => {
  const { clock, tokens, leader, follower } = world();
  const third = new HandPage('follower');
  for (const page of [leader, follower, third]) tokens.join(page);
  const token = tokens.get();
  await settled();
  tokens.leave(leader);
  await settled();
  await clock.advance(workerLimits.tokenTimeoutMs);
  expect(third.wanted).toHaveLength(1);
  tokens.receive(3, { token: 'a' });
  expect(await token).toBe('a');
  expect(clock.timers).toBe(0);
});

test('when no page has one the reason of the last is told, and the next time they are asked again', async () => {
  const { tokens, leader } = world();
  tokens.join(leader);
  const failed = tokens.get();
  await settled();
  tokens.receive(1, { reason: 'signed out' });
  await expect(failed).rejects.toMatchObject({
    code: 'UNAUTHORIZED',
    message: 'sync.getToken: signed out',
  });
  const next = tokens.get();
  await settled();
  tokens.receive(2, { token: 'a' });
  expect(await next).toBe('a');
});
