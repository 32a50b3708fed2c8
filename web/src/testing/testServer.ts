/**
 * The server of a test: the authority of the native server as a module in this process, and what
 * carries messages between it and the stores, without a network.
 */
import type { StoreErrorCode } from '../client/errorCodes.js';
import { StoreError } from '../client/storeError.js';
import { failureOf } from '../worker/replicaStore.js';
import type { LiveListener, SyncTransport } from '../worker/syncTransport.js';
import type { AuthorityBinding } from '../wasm/twinstore_authority.js';
import { type ModuleSurroundings, newAuthority } from './modules.js';

interface Connection {
  readonly listener: LiveListener;
  scopes: readonly string[];
}

export class TestServer {
  readonly #authority: AuthorityBinding;
  readonly #connections = new Set<Connection>();
  #failure: StoreErrorCode | undefined;

  /** @throws {StoreError} `INVALID_SCHEMA` */
  static async open(schema: string | undefined, around: ModuleSurroundings): Promise<TestServer> {
    const { AuthorityBinding } = await newAuthority(around);
    const authority = new AuthorityBinding();
    const answer = authority.open(JSON.stringify({ schema }));
    if (answer !== '{}') throw failureOf(answer);
    return new TestServer(authority);
  }

  private constructor(authority: AuthorityBinding) {
    this.#authority = authority;
  }

  /** The next message is answered with this error. */
  failNext(code: StoreErrorCode): void {
    this.#failure = code;
  }

  /** One device's line to the server, as long as `isOnline` says so. */
  transport(isOnline: () => boolean): SyncTransport {
    return {
      post: async (text, signal) => {
        await Promise.resolve();
        signal.throwIfAborted();
        if (!isOnline()) throw new StoreError('NETWORK', 'this device is offline');
        return this.#exchange(text);
      },
      openLive: (listener) => this.#connect(listener, isOnline),
    };
  }

  close(): void {
    this.#connections.clear();
    this.#authority.delete();
  }

  #exchange(text: string, from?: Connection): string {
    if (this.#failure !== undefined) {
      const code = this.#failure.toLowerCase();
      this.#failure = undefined;
      return JSON.stringify({ type: 'error', code, message: 'on purpose', retryable: true });
    }
    const answer = this.#authority.exchange(text);
    const changed = JSON.parse(this.#authority.takeChanged()) as string[];
    if (changed.length > 0) queueMicrotask(() => this.#tell(changed, from));
    return answer;
  }

  #connect(listener: LiveListener, isOnline: () => boolean) {
    const connection: Connection = { listener, scopes: [] };
    queueMicrotask(() => {
      if (!isOnline()) return listener.onClosed();
      this.#connections.add(connection);
      listener.onOpen();
    });
    return {
      send: (text: string) => queueMicrotask(() => this.#receive(connection, text)),
      close: () => this.#connections.delete(connection),
    };
  }

  /** Ends the live connections of a device that went offline. */
  disconnect(isMine: (listener: LiveListener) => boolean): void {
    for (const connection of this.#connections) {
      if (!isMine(connection.listener)) continue;
      this.#connections.delete(connection);
      connection.listener.onClosed();
    }
  }

  #receive(connection: Connection, text: string): void {
    if (!this.#connections.has(connection)) return;
    const message = JSON.parse(text) as { type: string; scopes?: { scope: string }[] };
    if (message.type !== 'subscribe') {
      connection.listener.onText(this.#exchange(text, connection));
      return;
    }
    connection.scopes = (message.scopes ?? []).map(({ scope }) => scope);
    for (const scope of connection.scopes) connection.listener.onText(behind(scope));
  }

  /** Others pull what changed. */
  #tell(changed: readonly string[], from: Connection | undefined): void {
    for (const connection of [...this.#connections]) {
      if (connection === from) continue;
      for (const scope of connection.scopes) {
        const isTouched = scope === '*' || changed.includes(scope);
        if (isTouched) connection.listener.onText(behind(scope));
      }
    }
  }
}

function behind(scope: string): string {
  return JSON.stringify({ type: 'behind', scope });
}
