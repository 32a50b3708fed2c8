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

export interface SyncTransport {
  /** @throws {StoreError} `NETWORK`, `TIMEOUT`, `SYNC_PROTOCOL`; anything once `signal` aborts */
  post(text: string, signal: AbortSignal): Promise<string>;
  /** Undefined where there are no WebSockets. */
  openLive(listener: LiveListener): LiveSocket | undefined;
}

export function createTransport(url: string): SyncTransport {
  const base = url.replace(/\/+$/, '');
  return {
    post: (text, signal) => post(`${base}/sync`, text, signal),
    openLive: (listener) => openLive(`${base.replace(/^http/, 'ws')}/sync/live`, listener),
  };
}

/** What a proxy before the server means: the replica sends less at a time then. */
const tooLarge = JSON.stringify({
  type: 'error',
  code: 'body_too_large',
  message: 'something before the server takes no message of this size',
  retryable: false,
});

async function post(url: string, text: string, signal: AbortSignal): Promise<string> {
  const timeout = AbortSignal.timeout(workerLimits.requestTimeoutMs);
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: text,
      signal: AbortSignal.any([signal, timeout]),
      cache: 'no-store',
    });
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

function openLive(url: string, listener: LiveListener): LiveSocket | undefined {
  if (typeof WebSocket === 'undefined') return undefined;
  const socket = new WebSocket(url);
  let isOver = false;
  const over = (isHeard: boolean) => {
    if (isOver) return;
    isOver = true;
    clearTimeout(timer);
    socket.close();
    if (isHeard) listener.onClosed();
  };
  const timer = setTimeout(() => over(true), workerLimits.liveOpenTimeoutMs);
  socket.onopen = () => {
    clearTimeout(timer);
    if (!isOver) listener.onOpen();
  };
  socket.onmessage = ({ data }) => {
    if (!isOver && typeof data === 'string') listener.onText(data);
  };
  socket.onclose = () => over(true);
  return { send: (text) => socket.send(text), close: () => over(false) };
}
