import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { StoreError } from '../../src/client/storeError.js';
import { createTransport, type LiveListener } from '../../src/worker/syncTransport.js';

/** Hands out a, b, c …, a new one after each refusal. */
class HandTokens {
  refused: string[] = [];
  fails = false;
  readonly get = async () => {
    if (this.fails) throw new StoreError('UNAUTHORIZED', 'signed out');
    return String.fromCharCode(97 + this.refused.length);
  };
  readonly refuse = (token: string) => {
    this.refused.push(token);
  };
}

class FakeSocket {
  static all: FakeSocket[] = [];
  readonly url: string;
  readonly sent: string[] = [];
  isClosed = false;
  onopen: (() => void) | undefined;
  onmessage: ((event: { data: unknown }) => void) | undefined;
  onclose: ((event: { code: number }) => void) | undefined;

  constructor(url: string) {
    this.url = url;
    FakeSocket.all.push(this);
  }
  send(text: string) {
    this.sent.push(text);
  }
  close() {
    this.isClosed = true;
  }
}

const json = { 'Content-Type': 'application/json' };
const statuses: number[] = [];
const shown: (string | null)[] = [];
const events: string[] = [];
const listener: LiveListener = {
  onOpen: () => events.push('open'),
  onText: (text) => events.push(text),
  onClosed: () => events.push('closed'),
};
const { signal } = new AbortController();

beforeEach(() => {
  for (const list of [statuses, shown, events, FakeSocket.all]) list.length = 0;
  vi.stubGlobal('WebSocket', FakeSocket);
  vi.stubGlobal('fetch', async (_url: string, init: RequestInit) => {
    shown.push(new Headers(init.headers).get('Authorization'));
    return new Response('{}', { status: statuses.shift() ?? 200, headers: json });
  });
});
afterEach(() => vi.unstubAllGlobals());

test('a request shows the token, and none where none is asked for', async () => {
  await createTransport('http://s').post('{}', signal);
  await createTransport('http://s', new HandTokens()).post('{}', signal);
  expect(shown).toStrictEqual([null, 'Bearer a']);
});

test('a token that the server does not take is replaced once, and the request goes on', async () => {
  const tokens = new HandTokens();
  statuses.push(401);
  expect(await createTransport('http://s', tokens).post('{}', signal)).toBe('{}');
  expect(shown).toStrictEqual(['Bearer a', 'Bearer b']);
  statuses.push(401, 401);
  await expect(createTransport('http://s', tokens).post('{}', signal)).rejects.toMatchObject({
    code: 'UNAUTHORIZED',
  });
  expect(tokens.refused).toStrictEqual(['a', 'b', 'c']);
});

test('without a token nothing is sent', async () => {
  const tokens = new HandTokens();
  tokens.fails = true;
  await expect(createTransport('http://s', tokens).post('{}', signal)).rejects.toMatchObject({
    code: 'UNAUTHORIZED',
  });
  expect(shown).toStrictEqual([]);
});

test('a server that asks for a token of a store without one says what is missing', async () => {
  statuses.push(401);
  await expect(createTransport('http://s').post('{}', signal)).rejects.toMatchObject({
    code: 'UNAUTHORIZED',
    message: expect.stringContaining('sync.getToken'),
  });
});

test('the first message of a live connection says whose it is', async () => {
  const live = createTransport('https://s/', new HandTokens()).openLive(listener);
  await vi.waitFor(() => expect(FakeSocket.all).toHaveLength(1));
  const [socket] = FakeSocket.all as [FakeSocket];
  expect(socket.url).toBe('wss://s/sync/live');
  socket.onopen?.();
  live?.send('subscribe');
  expect(socket.sent).toStrictEqual(['{"type":"auth","token":"a"}', 'subscribe']);
  expect(events).toStrictEqual(['open']);
});

test('a live connection that is closed for its token asks for another next time', async () => {
  const tokens = new HandTokens();
  createTransport('http://s', tokens).openLive(listener);
  await vi.waitFor(() => expect(FakeSocket.all).toHaveLength(1));
  FakeSocket.all[0]?.onopen?.();
  FakeSocket.all[0]?.onclose?.({ code: 4401 });
  expect(tokens.refused).toStrictEqual(['a']);
  expect(events).toStrictEqual(['open', 'closed']);
  createTransport('http://s', tokens).openLive(listener);
  await vi.waitFor(() => expect(FakeSocket.all).toHaveLength(2));
  FakeSocket.all[1]?.onclose?.({ code: 1006 });
  expect(tokens.refused).toStrictEqual(['a']);
});

test('a live connection without a token is not opened, and one given up before is not either', async () => {
  const tokens = new HandTokens();
  tokens.fails = true;
  createTransport('http://s', tokens).openLive(listener);
  await vi.waitFor(() => expect(events).toStrictEqual(['closed']));
  tokens.fails = false;
  createTransport('http://s', tokens).openLive(listener)?.close();
  await new Promise((resolve) => setTimeout(resolve));
  expect(FakeSocket.all).toStrictEqual([]);
  expect(events).toStrictEqual(['closed']);
});
