import { createStore } from '../client/createStore.js';
import type { StoreErrorCode } from '../client/errorCodes.js';
import type { CreateStoreOptions } from '../client/options.js';
import type { NewRow, TableName, WritableName } from '../client/rows.js';
import type {
  Database,
  DatabaseOf,
  Policy,
  RegisteredDatabase,
  SchemaDefinition,
} from '../client/schemaTypes.js';
import type { Store } from '../client/store.js';
import type { LiveListener, SyncTransport } from '../worker/syncTransport.js';
import { newCore } from './modules.js';
import { TestClock } from './testClock.js';
import { TestServer } from './testServer.js';
import { TestWorker } from './testWorker.js';

/** What a test begins with. */
export interface TestStoreOptions<D extends Database = RegisteredDatabase> {
  /** A schema of your own, as `createStore` takes it; the shipped one when absent. */
  readonly schema?: CreateStoreOptions['schema'];
  /** Rows that are at the server and on this device when the promise resolves. */
  readonly seed?: { readonly [T in WritableName<D>]?: readonly NewRow<T, D>[] };
  /** Another policy than the schema's, by collection. */
  readonly policy?: { readonly [T in TableName<D>]?: Policy };
  /** When it is, at first; 2026-01-01T00:00:00Z when absent. */
  readonly now?: Date | string | number;
}

/**
 * A store as the application has it, in memory and in this process, with its server. Time stands
 * still but for one millisecond with each write; nothing waits for timers of the surroundings.
 */
export interface TestStore<D extends Database = RegisteredDatabase> extends Store<D> {
  /** The server does not answer any more. Writes are kept, as always. */
  goOffline(): void;
  /** And does again: the exchange begins at once. */
  goOnline(): void;
  /** Another device of the same server, with everything that the server has. */
  peer(): Promise<TestStore<D>>;
  /** Both are level with the server, and so with each other. @throws {StoreError} `NETWORK` */
  syncWith(peer: Store<D>): Promise<void>;
  /** Everything that was set off is done: calls, the exchange, live queries. */
  settle(): Promise<void>;
  /** The next call that reaches the store is answered with this error, and does nothing. */
  failNext(code: StoreErrorCode): void;
  /** The time of all devices and of their server. */
  readonly clock: {
    /** Milliseconds since 1970. */
    now(): number;
    /** Moves on; what is due on the way runs in order, each to its end. */
    advance(ms: number): Promise<void>;
  };
  readonly server: {
    /** The next message is answered with this error. */
    failNext(code: StoreErrorCode): void;
  };
}

/** What all devices of a test share. */
interface World {
  readonly schema: string | undefined;
  readonly clock: TestClock;
  readonly server: TestServer;
  devices: number;
  open: number;
}

/**
 * The same engine as in the browser, in Node: for tests of components and of what happens between
 * devices. In a page it runs too, without a worker: for playgrounds and galleries of components. `await using store = await createTestStore()` closes it when the test has ended.
 *
 * @throws {StoreError} `INVALID_SCHEMA`, or what the seeds met
 */
export function createTestStore<const S extends SchemaDefinition>(
  options: TestStoreOptions<DatabaseOf<S>> & { readonly schema: S },
): Promise<TestStore<DatabaseOf<S>>>;
export function createTestStore(options?: TestStoreOptions): Promise<TestStore>;
export async function createTestStore(options: TestStoreOptions = {}): Promise<unknown> {
  const startMs = new Date(options.now ?? '2026-01-01T00:00:00Z').getTime();
  const clock = new TestClock(startMs, settle);
  const schema = await schemaWith(options, clock);
  const server = await TestServer.open(schema, { now: clock.now, seed: 1 });
  const store = await newDevice({ schema, clock, server, devices: 0, open: 0 });
  await store.transaction(async (tx) => {
    for (const [table, rows] of Object.entries(options.seed ?? {})) {
      for (const row of rows as never[]) await tx.table(table as WritableName).insert(row);
    }
  });
  await store.sync.now();
  return store;
}

async function newDevice(world: World): Promise<TestStore> {
  world.devices += 1;
  world.open += 1;
  const seed = 1_000 * world.devices;
  const failures: StoreErrorCode[] = [];
  let isOnline = true;
  const listeners = new Set<LiveListener>();
  const transport = withListeners(
    world.server.transport(() => isOnline),
    listeners,
  );
  const store = createStore({
    name: `test-${world.devices}`,
    storage: 'memory',
    sync: { url: 'http://localhost' },
    worker: () => new TestWorker({ clock: world.clock, seed, transport, failures }),
    ...(world.schema === undefined ? {} : { schema: world.schema }),
  });
  const controls = {
    goOffline: () => {
      isOnline = false;
      world.server.disconnect((listener) => listeners.has(listener));
    },
    goOnline: () => {
      isOnline = true;
      // Who is offline tries again by itself, but later. That a pause or refusal holds is no error.
      store.sync.now().catch(() => undefined);
    },
    peer: () => newDevice(world),
    syncWith: async (peer: Store) => {
      await store.sync.now();
      await peer.sync.now();
      await store.sync.now();
      await settle();
    },
    settle,
    failNext: (code: StoreErrorCode) => void failures.push(code),
    clock: { now: world.clock.now, advance: world.clock.advance },
    server: { failNext: (code: StoreErrorCode) => world.server.failNext(code) },
  };
  const closeStore = store.close;
  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= closeStore().then(() => {
      world.open -= 1;
      if (world.open === 0) world.server.close();
    });
    return closing;
  };
  await store.sync.now();
  const dispose = (Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose')) as never;
  return Object.assign(store, controls, { close, [dispose]: close });
}

/** The same line, which knows its live connections. */
function withListeners(transport: SyncTransport, listeners: Set<LiveListener>): SyncTransport {
  return {
    post: transport.post,
    openLive: (listener) => {
      listeners.add(listener);
      return transport.openLive(listener);
    },
  };
}

async function schemaWith(
  options: TestStoreOptions,
  clock: TestClock,
): Promise<string | undefined> {
  const { schema, policy } = options;
  const text = typeof schema === 'object' ? JSON.stringify(schema) : schema;
  if (!policy) return text;
  const core = await newCore({ now: clock.now, seed: 0 });
  const parsed = JSON.parse(text ?? core.shippedSchema()) as {
    collections: { name: string; policy?: string }[];
  };
  const policies = policy as Record<string, string | undefined>;
  for (const collection of parsed.collections) {
    const chosen = policies[collection.name];
    if (chosen !== undefined) collection.policy = chosen;
  }
  return JSON.stringify(parsed);
}

// Taken now: fake timers of a test must not stop it.
const nextTurn: (action: () => void) => unknown =
  globalThis.setImmediate ?? ((action) => setTimeout(action));

/** Several turns: an answer may set off the next message. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 4; turn += 1) await new Promise<void>((done) => nextTurn(done));
}
