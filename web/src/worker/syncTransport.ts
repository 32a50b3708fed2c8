/**
 * How messages get to a server and back: one HTTP request per message, and a live connection.
 * Everything that the exchange takes from its surroundings is here, so that tests bring their own.
 */
import { workerLimits } from '../client/limits.js';
import { StoreError } from '../client/storeError.js';

export interface LiveSocket {
  send(text: string): void;
  close(): void;
}

export interface LiveListener {
  onOpen(): void;
  onText(text: string): void;
  /** Also when it could not be opened. Not called after `close()`. */
  onClosed(): void;
}

/** Where the token comes from: tokens.ts. */
export interface TokenSource {
  /** @throws {StoreError} `UNAUTHORIZED` when there is none */
  get(): Promise<string>;
  /** The server did not take it. */
  refuse(token: string): void;
}

export interface SyncTransport {
  /**
   * @throws {StoreError} `NETWORK`, `TIMEOUT`, `SYNC_PROTOCOL`, `UNAUTHORIZED`; anything once
   * `signal` aborts
   */
  post(text: string, signal: AbortSignal): Promise<string>;
  /** Undefined where there are no WebSockets. */
  openLive(listener: LiveListener): LiveSocket | undefined;
}

/** How a server closes a live connection whose token it does not take, or not any more. */
const notAuthenticated = 4401;

export function createTransport(url: string, tokens?: TokenSource): SyncTransport {
  const base = url.replace(/\/+$/, '');
  const liveUrl = `${base.replace(/^http/, 'ws')}/sync/live`;
  return {
    post: (text, signal) => postWithToken(`${base}/sync`, text, signal, tokens),
    openLive: (listener) => openLive(liveUrl, listener, tokens),
  };
}

/** What a proxy before the server means: the replica sends less at a time then. */
const tooLarge = JSON.stringify({
  type: 'error',
  code: 'body_too_large',
  message: 'something before the server takes no message of this size',
  retryable: false,
});

/** One that was good a while ago may have expired: another is tried once. */
async function postWithToken(
  url: string,
  text: string,
  signal: AbortSignal,
  tokens: TokenSource | undefined,
): Promise<string> {
  if (!tokens) return post(url, text, signal, undefined);
  const first = await tokens.get();
  try {
    return await post(url, text, signal, first);
  } catch (error) {
    if (!isUnauthorized(error)) throw error;
    tokens.refuse(first);
  }
  const second = await tokens.get();
  try {
    return await post(url, text, signal, second);
  } catch (error) {
    if (isUnauthorized(error)) tokens.refuse(second);
    throw error;
  }
}

function isUnauthorized(error: unknown): boolean {
  return error instanceof StoreError && error.code === 'UNAUTHORIZED';
}

async function post(
  url: string,
  text: string,
  signal: AbortSignal,
  token: string | undefined,
): Promise<string> {
  const timeout = AbortSignal.timeout(workerLimits.requestTimeoutMs);
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
      },
      body: text,
      signal: AbortSignal.any([signal, timeout]),
      cache: 'no-store',
    });
    if (response.status === 401) {
      throw new StoreError('UNAUTHORIZED', `${url} asks for a valid token: give sync.getToken`);
    }
    const type = response.headers.get('Content-Type') ?? '';
    // The server's own errors are JSON messages; a page of a proxy is not.
    if (type.startsWith('application/json')) return await response.text();
    if (response.status === 413) return tooLarge;
    const code = response.status >= 500 ? 'NETWORK' : 'SYNC_PROTOCOL';
    throw new StoreError(code, `${url} answered ${response.status} with ${type || 'no type'}`);
  } catch (cause) {
    if (cause instanceof StoreError) throw cause;
    if (timeout.aborted)
      throw new StoreError('TIMEOUT', `${url} did not answer in time`, { cause });
    throw new StoreError('NETWORK', `${url} cannot be reached`, { cause });
  }
}

function openLive(
  url: string,
  listener: LiveListener,
  tokens: TokenSource | undefined,
): LiveSocket | undefined {
  if (typeof WebSocket === 'undefined') return undefined;
  let socket: WebSocket | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isOver = false;
  const over = (isHeard: boolean) => {
    if (isOver) return;
    isOver = true;
    clearTimeout(timer);
    socket?.close();
    if (isHeard) listener.onClosed();
  };
  const open = (token: string | undefined) => {
    if (isOver) return;
    const opened = new WebSocket(url);
    socket = opened;
    timer = setTimeout(() => over(true), workerLimits.liveOpenTimeoutMs);
    opened.onopen = () => {
      clearTimeout(timer);
      if (isOver) return;
      // Scripts cannot give a header along: the first message says who this is.
      if (token !== undefined) opened.send(JSON.stringify({ type: 'auth', token }));
      listener.onOpen();
    };
    opened.onmessage = ({ data }) => {
      if (!isOver && typeof data === 'string') listener.onText(data);
    };
    opened.onclose = ({ code }) => {
      if (code === notAuthenticated && token !== undefined) tokens?.refuse(token);
      over(true);
    };
  };
  if (tokens) tokens.get().then(open, () => over(true));
  else open(undefined);
  return { send: (text) => socket?.send(text), close: () => over(false) };
}
