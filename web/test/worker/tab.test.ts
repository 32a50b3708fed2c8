import { beforeEach, expect, test, vi } from 'vitest';
import { workerLimits } from '../../src/client/limits.js';
import { StoreError } from '../../src/client/storeError.js';
import type { Call, FromHost, ToHost } from '../../src/worker/messages.js';
import type { Session } from '../../src/worker/session.js';
import type { StoreHost } from '../../src/worker/storeHost.js';
import { Tab } from '../../src/worker/tab.js';
import { Origin } from './originFakes.js';
import { settled } from './syncFakes.js';
import { errorValue } from '../errorValue.js';

let origin: Origin;
let tabs: number;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  origin = new Origin();
  tabs = 0;
});

/** Answers every call with its own name, except the statement 'wait'. */
class NamedHost {
  readonly name: string;
  readonly calls: Call[] = [];
  readonly sessions: Session[] = [];
  readonly left: Session[] = [];
  isClosed = false;
  wipes: number | 'fail' = 0;

  constructor(name: string) {
    this.name = name;
  }

  receive(session: Session, { id, call }: ToHost): void {
    this.calls.push(call);
    if (!this.sessions.includes(session)) this.sessions.push(session);
    if (!('sql' in call && call.sql === 'wait')) session.send({ id, ok: this.name });
  }

  leave(session: Session): void {
    this.left.push(session);
  }

  close(): void {
    this.isClosed = true;
  }

  async wipe(): Promise<void> {
    if (this.isClosed) return;
    if (this.wipes === 'fail') throw new StoreError('LOCKED', 'on purpose');
    this.isClosed = true;
    this.wipes += 1;
  }
}

interface TabOptions {
  readonly locks?: undefined;
  readonly openHost?: () => Promise<NamedHost>;
}

function newTab(options: TabOptions = {}) {
  const name = `tab ${++tabs}`;
  const around = origin.newTab();
  const page: FromHost[] = [];
  const hosts: NamedHost[] = [];
  let ids = 0;
  const tab = new Tab({
    name: 'store',
    newChannel: around.newChannel,
    newId: () => `${name}.${++ids}`,
    toPage: (message) => page.push(message),
    locks: 'locks' in options ? undefined : around.locks,
    openHost: async () => {
      const host = options.openHost ? await options.openHost() : new NamedHost(name);
      hosts.push(host);
      return host as unknown as StoreHost;
    },
  });
  tab.start();
  const ask = (id: number, sql = 'SELECT', epoch = 0) =>
    tab.receive({ id, epoch, call: { op: 'query', sql, params: '[]' } });
  const close = () => tab.receive({ id: 99, epoch: 0, call: { op: 'close' } });
  const say = (op: 'begin' | 'end' | 'wipe', id = 0) => tab.receive({ id, epoch: 0, call: { op } });
  return { page, hosts, ask, close, say, vanish: around.vanish, around };
}

test('the first tab leads and serves all; only it opens the data', async () => {
  const [first, second, third] = [newTab(), newTab(), newTab()];
  await settled();
  first.ask(1);
  second.ask(2);
  third.ask(3);
  await settled();
  expect([first.page, second.page, third.page]).toStrictEqual([
    [{ id: 1, ok: 'tab 1' }],
    [{ id: 2, ok: 'tab 1' }],
    [{ id: 3, ok: 'tab 1' }],
  ]);
  expect([first.hosts, second.hosts, third.hosts].map(({ length }) => length)).toEqual([1, 0, 0]);
  expect(first.hosts[0]?.sessions.map(({ role }) => role)).toEqual([
    'leader',
    'follower',
    'follower',
  ]);
});

test('a tab without locks leads without asking', async () => {
  newTab();
  const alone = newTab({ locks: undefined });
  alone.ask(1);
  await settled();
  expect(alone.page).toStrictEqual([{ id: 1, ok: 'tab 2' }]);
});

test('what is asked before anybody serves is answered in order', async () => {
  const [first, second] = [newTab(), newTab()];
  for (const tab of [first, second]) for (const id of [1, 2, 3]) tab.ask(id);
  await settled();
  expect(first.page.map((message) => 'id' in message && message.id)).toEqual([1, 2, 3]);
  expect(second.page.map((message) => 'id' in message && message.id)).toEqual([1, 2, 3]);
});

test('an event of the host reaches the page of a follower, and only that one', async () => {
  const [leader, second, third] = [newTab(), newTab(), newTab()];
  second.ask(1);
  await settled();
  const detail = { tables: ['branches'], origin: 'local' } as const;
  const event = { event: 'emit', type: 'change', detail } as const;
  leader.hosts[0]?.sessions[0]?.send(event);
  await settled();
  expect(second.page.at(-1)).toStrictEqual(event);
  expect([leader.page, third.page]).toStrictEqual([[], []]);
});

test.each(['close', 'vanish'] as const)(
  'when the leader is gone (%s) a follower leads: its page is told, and served by a new host',
  async (how) => {
    const [leader, follower] = [newTab(), newTab()];
    await settled();
    follower.ask(1, 'wait');
    await settled();
    leader[how]();
    await settled();
    expect(follower.page).toStrictEqual([{ event: 'reset', epoch: 1 }]);
    follower.ask(1, 'SELECT', 1);
    await settled();
    expect(follower.page[1]).toStrictEqual({ id: 1, ok: 'tab 2' });
  },
);

test('the other followers are told and served by the new leader', async () => {
  const [leader, second, third] = [newTab(), newTab(), newTab()];
  await settled();
  leader.vanish();
  await settled();
  expect(third.page).toStrictEqual([{ event: 'reset', epoch: 1 }]);
  third.ask(7, 'SELECT', 1);
  await settled();
  expect(third.page[1]).toStrictEqual({ id: 7, ok: 'tab 2' });
  expect(second.hosts).toHaveLength(1);
  expect(origin.held).toStrictEqual(['twinstore:store', expect.stringContaining('tab 3')]);
});

test('what was meant for an earlier host is not carried out by the next', async () => {
  const [leader, follower] = [newTab(), newTab()];
  await settled();
  leader.vanish();
  await settled();
  follower.ask(1, 'written for the old one', 0);
  await settled();
  expect(follower.hosts[0]?.calls).toStrictEqual([]);
});

test('leaders may follow one another: each page counts its own hosts', async () => {
  const [first, second, third] = [newTab(), newTab(), newTab()];
  await settled();
  first.vanish();
  await settled();
  second.close();
  await settled();
  expect(third.page).toStrictEqual([
    { event: 'reset', epoch: 1 },
    { event: 'reset', epoch: 2 },
  ]);
});

test('a follower whose leader is still opening is served when it has opened', async () => {
  let open: (host: NamedHost) => void = () => undefined;
  const slow = new Promise<NamedHost>((resolve) => {
    open = resolve;
  });
  newTab({ openHost: () => slow });
  const follower = newTab();
  follower.ask(1);
  await settled();
  await vi.advanceTimersByTimeAsync(10 * workerLimits.joinRetryMs);
  expect(follower.page).toStrictEqual([]);
  open(new NamedHost('slow'));
  await settled();
  expect(follower.page).toStrictEqual([{ id: 1, ok: 'slow' }]);
});

test('a follower that nobody welcomes asks again after a while, until it is welcomed', async () => {
  const other = origin.newTab();
  void other.locks.request('twinstore:store', () => new Promise(() => undefined));
  const joins: string[] = [];
  other.newChannel('twinstore:store').onmessage = ({ data }) => joins.push(data.id);
  const follower = newTab();
  await settled();
  await vi.advanceTimersByTimeAsync(workerLimits.joinRetryMs - 1);
  expect(joins).toStrictEqual(['tab 1.1']);
  await vi.advanceTimersByTimeAsync(1);
  expect(joins).toStrictEqual(['tab 1.1', 'tab 1.1']);
  other.newChannel('twinstore:store:tab 1.1').postMessage({ welcome: true });
  await settled();
  await vi.advanceTimersByTimeAsync(10 * workerLimits.joinRetryMs);
  expect(joins).toHaveLength(2);
  follower.close();
});

test('a follower that joins twice is served once', async () => {
  const leader = newTab();
  await settled();
  const follower = newTab();
  await settled();
  origin.newTab().newChannel('twinstore:store').postMessage({ type: 'join', id: 'tab 2.1' });
  await settled();
  follower.ask(1);
  await settled();
  expect(leader.hosts[0]?.calls).toHaveLength(1);
  expect(follower.page).toHaveLength(1);
});

test('tabs that are closed at any moment leave no lock, channel or timer behind', async () => {
  for (let moment = 0; moment < 30; moment += 1) {
    const [leader, follower] = [newTab(), newTab()];
    for (let i = 0; i < moment; i += 1) await null;
    follower.close();
    await settled();
    expect(origin.held).toStrictEqual(['twinstore:store']);
    leader.close();
    await settled();
    expect(origin.held).toStrictEqual([]);
    expect(origin.openChannels).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  }
});

test.each(['close', 'vanish'] as const)(
  'the host hears that a follower is gone (%s)',
  async (how) => {
    const leader = newTab();
    await settled();
    const follower = newTab();
    follower.ask(1);
    await settled();
    const [session] = leader.hosts[0]?.sessions ?? [];
    follower[how]();
    await settled();
    expect(leader.hosts[0]?.left).toStrictEqual([session]);
    expect(() => session?.send({ id: 2, ok: null })).not.toThrow();
  },
);

test('closing gives the data back and is answered', async () => {
  const tab = newTab();
  await settled();
  tab.close();
  await settled();
  expect(tab.page).toStrictEqual([{ id: 99, ok: null }]);
  expect(tab.hosts[0]?.isClosed).toBe(true);
  expect(vi.getTimerCount()).toBe(0);
});

test('a tab that is closed while it opens gives the data back, and the next one leads', async () => {
  let open: (host: NamedHost) => void = () => undefined;
  const slow = new Promise<NamedHost>((resolve) => {
    open = resolve;
  });
  const first = newTab({ openHost: () => slow });
  const second = newTab();
  await settled();
  first.close();
  open(new NamedHost('slow'));
  second.ask(1);
  await settled();
  expect(first.hosts[0]?.isClosed).toBe(true);
  expect(second.page).toStrictEqual([{ id: 1, ok: 'tab 2' }]);
});

test('a follower that is closed never leads', async () => {
  const [leader, follower, third] = [newTab(), newTab(), newTab()];
  await settled();
  follower.close();
  leader.close();
  await settled();
  expect(follower.hosts).toHaveLength(0);
  expect(third.hosts).toHaveLength(1);
});

test('when the data cannot be opened the page is told why, and another tab may try', async () => {
  const openHost = () => Promise.reject(new StoreError('STORAGE_CORRUPT', 'damaged'));
  const first = newTab({ openHost });
  first.ask(1);
  await settled();
  expect(first.page).toStrictEqual([{ id: 1, error: errorValue('STORAGE_CORRUPT', 'damaged') }]);
  const second = newTab();
  second.ask(2);
  await settled();
  expect(second.page).toStrictEqual([{ id: 2, ok: 'tab 2' }]);
});

test('transactions of all tabs take turns, in the order in which they asked', async () => {
  const [first, second, third] = [newTab(), newTab(), newTab()];
  await settled();
  for (const tab of [first, second, third]) tab.say('begin', 7);
  await settled();
  const pages = () => [first, second, third].map(({ page }) => page.length);
  expect(pages()).toStrictEqual([1, 0, 0]);
  expect(first.page).toStrictEqual([{ id: 7, ok: null }]);
  first.say('end');
  await settled();
  expect(pages()).toStrictEqual([1, 1, 0]);
  second.vanish();
  await settled();
  expect(pages()).toStrictEqual([1, 1, 1]);
  third.say('end');
  first.say('begin', 8);
  await settled();
  expect(first.page.at(-1)).toStrictEqual({ id: 8, ok: null });
});

test('a turn that is asked for again, after a reset, is one turn', async () => {
  const [first, second] = [newTab(), newTab()];
  await settled();
  second.say('begin', 1);
  await settled();
  first.say('begin', 5);
  first.say('begin', 5);
  second.say('end');
  await settled();
  expect(first.page).toStrictEqual([{ id: 5, ok: null }]);
  first.say('end');
  second.say('begin', 2);
  await settled();
  expect(second.page.at(-1)).toStrictEqual({ id: 2, ok: null });
});

test.each(['leader', 'follower'] as const)(
  'what a %s wipes is gone for all tabs, and nobody leads after it',
  async (who) => {
    const tabs = [newTab(), newTab(), newTab()] as const;
    await settled();
    tabs[who === 'leader' ? 0 : 1].say('wipe', 1);
    await settled();
    expect(tabs[0].hosts[0]?.wipes).toBe(1);
    for (const { page } of tabs) expect(page).toStrictEqual([{ event: 'wiped' }]);
    tabs[0].vanish();
    await settled();
    expect(tabs.map(({ hosts }) => hosts.length)).toStrictEqual([1, 0, 0]);
  },
);

test('what could not be wiped is an error of who asked, and the others go on', async () => {
  const [first, second] = [newTab(), newTab()];
  await settled();
  const [host] = first.hosts;
  if (host) host.wipes = 'fail';
  second.say('wipe', 1);
  await settled();
  expect(second.page).toMatchObject([{ id: 1, error: { code: 'LOCKED' } }]);
  expect(first.page).toStrictEqual([]);
});
