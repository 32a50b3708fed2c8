import { limits } from './limits.js';
import { StoreError } from './storeError.js';
import type { StoreEndpoint } from './endpoint.js';

/** What `createStore` takes: a name at least. */
export interface CreateStoreOptions {
  /** Names the folder that holds the data: one store per name, user and origin, for all tabs. */
  readonly name: string;
  /**
   * Whose data it is: each user has files, an outbox and a device name of their own, so that nobody
   * sees, or sends, what somebody else left here. Any text, such as an id or an address.
   */
  readonly user?: string;
  /** A schema of your own (docs/schema.md), as JSON text or parsed; the shipped one when absent. */
  readonly schema?: string | object;
  /** The server to keep level with; without it, or with false, the store is only local. */
  readonly sync?: SyncOptions | false;
  /**
   * 'opfs': files of this origin, or an error. 'memory': nothing outlives the tab. 'auto', the
   * default: files where the browser has them, else memory with a `storage-warning` event.
   */
  readonly storage?: 'opfs' | 'memory' | 'auto';
  /** For bundlers that do not find the worker: `() => new Worker(url, { type: 'module' })`. */
  readonly worker?: () => StoreEndpoint;
  /** Where twinstore.wasm is served, when it is not beside the worker. */
  readonly wasmUrl?: string | URL;
}

/** The server to keep level with, and how. */
export interface SyncOptions {
  /** The server's http(s) address; '' and '/' are the page's own origin. */
  readonly url: string | URL;
  /** Which scopes to hold here; every one when absent. */
  readonly scopes?: readonly string[];
  /** False: paused until `sync.resume()`. */
  readonly autoStart?: boolean;
  /**
   * Gets the token to show to a server that asks for one: before the first exchange, and again when
   * the server did not take the last one. It is called on a page, kept in memory alone and goes to
   * `url` and nowhere else. When it throws, the state is `auth-required` until `sync.now()`.
   */
  readonly getToken?: (request: TokenRequest) => string | Promise<string>;
}

/** Why a token is asked for. */
export interface TokenRequest {
  /** The server did not take the last one: it has expired or was withdrawn. */
  readonly isRefused: boolean;
}

/** What opening found. */
export interface StoreInfo {
  readonly storage: 'opfs' | 'memory';
  /** 'memory': what is written is gone when the last tab closes. */
  readonly durability: 'opfs' | 'memory';
  /** The browser promised not to evict the files when space is short. */
  readonly persisted: boolean;
  readonly schemaVersion: number;
  readonly sqliteVersion: string;
  readonly version: string;
  /** The tab whose worker holds the files; the others call it. */
  readonly role: 'leader' | 'follower';
  readonly openMs: number;
}

/** What the worker knows of it. */
export type HostInfo = Omit<StoreInfo, 'persisted'>;

/** The options as they cross to the worker: plain values. */
export interface OpenOptions {
  /** Of the folder, the lock and the channel: the store's, and the user's where there is one. */
  readonly name: string;
  readonly schema: string | undefined;
  readonly storage: 'opfs' | 'memory' | 'auto';
  readonly wasmUrl: string | undefined;
  readonly sync:
    | {
        readonly url: string;
        readonly scopes: readonly string[];
        readonly isPaused: boolean;
        readonly hasToken: boolean;
      }
    | undefined;
}

/** @throws {StoreError} `INVALID_ARGUMENT` for what cannot name a folder */
export function toOpenOptions(options: CreateStoreOptions): OpenOptions {
  const { name, user, schema, sync } = options;
  if (!/^[\w][\w.-]*$/.test(name) || name.length > limits.nameLengthMax) {
    throw new StoreError(
      'INVALID_ARGUMENT',
      'a name has 1 to 64 of A-Z, a-z, 0-9, _ and, not as the first, - and .',
    );
  }
  const base = globalThis.location?.href;
  const absolute = (url: string | URL) => (base ? new URL(url, base).href : String(url));
  return {
    name: name + suffixOf(user),
    schema: typeof schema === 'object' ? JSON.stringify(schema) : schema,
    storage: options.storage ?? 'auto',
    wasmUrl: options.wasmUrl === undefined ? undefined : absolute(options.wasmUrl),
    sync: sync
      ? {
          url: absolute(sync.url === '' ? '/' : sync.url),
          scopes: sync.scopes ?? ['*'],
          isPaused: sync.autoStart === false,
          hasToken: !!sync.getToken,
        }
      : undefined,
  };
}

/** No name of a store holds an @. */
function suffixOf(user: string | undefined): string {
  if (user === undefined) return '';
  if (user !== '' && !/\p{Surrogate}/u.test(user)) {
    const suffix = `@${encodeURIComponent(user)}`;
    if (suffix.length <= limits.userLengthMax) return suffix;
  }
  throw new StoreError('INVALID_ARGUMENT', 'this user cannot name a folder');
}
