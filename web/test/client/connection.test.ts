import { beforeEach, expect, test, vi } from 'vitest';
import { Connection } from '../../src/client/connection.js';
import type { StoreEndpoint } from '../../src/client/endpoint.js';
import { limits } from '../../src/client/limits.js';
import type { OpenOptions } from '../../src/client/options.js';
import type { Call, FromHost, ToHost } from '../../src/worker/messages.js';
import { errorValue } from '../errorValue.js';

const options: OpenOptions = {
  name: 'store',
  schema: undefined,
  storage: 'memory',
  wasmUrl: undefined,
  sync: undefined,
};
const crash: FromHost = {
  event: 'crash',
  error: errorValue('WORKER_CRASHED', 'the engine stopped'),
};

/** A worker whose answers are given by hand. */
class HandWorker implements StoreEndpoint {
  readonly got: ToHost[] = [];
  isTerminated = false;
  readonly #listeners = new Map<string, (event: never) => void>();

  postMessage(message: unknown): void {
    this.got.push(message as ToHost);
  }

  addEventListener(type: string, listener: (event: never) => void): void {
    this.#listeners.set(type, listener);
  }

  terminate(): void {
    this.isTerminated = true;
  }

  say(data: FromHost): void {
    this.#listeners.get('message')?.({ data } as never);
  }

  fail(message: string): void {
    this.#listeners.get('error')?.({ message, preventDefault: () => undefined } as never);
  }

  /** Answers the last call of this kind. */
  answer(op: Call['op'], ok: unknown = op): void {
    const call = this.got.findLast((one) => one.call.op === op);
    this.say({ id: call?.id ?? -1, ok });
  }

  get ops(): string[] {
    return this.got.map(({ call }) => ('sql' in call ? call.sql : call.op));
  }
}

let workers: HandWorker[];
let connection: Connection;
const onEvent = vi.fn();
const onReset = vi.fn();
const onOpened = vi.fn();
beforeEach(() => {
  onOpened.mockReset();
  onEvent.mockReset();
  onReset.mockReset();
  workers = [];
  const spawn = () => {
    const worker = new HandWorker();
    workers.push(worker);
    return worker;
  };
  connection = new Connection(options, spawn, { onEvent, onReset, onOpened });
});

const query = (sql: string): Call => ({ op: 'query', sql, params: '[]' });
const worker = (at = 0) => workers[at] as HandWorker;
/** A connection that is open; returns what `calls` will be answered. */
const openWith = (...texts: string[]) => {
  void connection.ready();
  const calls = texts.map((text) => connection.call(query(text)));
  worker().answer('open');
  return calls;
};

test('nothing is started before the first call, and one open serves all', async () => {
  expect(connection.isStarted).toBe(false);
  const both = [connection.ready(), connection.ready()];
  expect(workers).toHaveLength(1);
  expect(worker().ops).toStrictEqual(['open']);
  worker().answer('open', { storage: 'memory' });
  expect(await Promise.all(both)).toStrictEqual([{ storage: 'memory' }, { storage: 'memory' }]);
});

test('a call opens the store first and gets its own answer', async () => {
  const [a, b] = openWith('a', 'b');
  expect(worker().ops).toStrictEqual(['open', 'a', 'b']);
  worker().say({ id: 3, ok: 'of b' });
  worker().say({ id: 2, ok: 'of a' });
  expect(await Promise.all([a, b])).toStrictEqual(['of a', 'of b']);
});

test('an error is a StoreError with the statement that met it', async () => {
  const [call] = openWith('SELEC 1');
  worker().say({ id: 2, error: errorValue('SQL', 'near SELEC') });
  await expect(call).rejects.toMatchObject({
    name: 'StoreError',
    code: 'SQL',
    message: 'near SELEC',
    sql: 'SELEC 1',
    retryable: false,
    hint: 'Only one SELECT over the collections; the message says what SQLite refused.',
  });
});

test('when opening fails every call says why, and the next one tries again', async () => {
  const calls = ['a', 'b'].map((text) => connection.call(query(text)));
  worker().say({ id: 1, error: errorValue('LOCKED', 'held') });
  for (const call of calls) await expect(call).rejects.toMatchObject({ code: 'LOCKED' });
  expect(worker().isTerminated).toBe(true);
  const again = connection.ready();
  worker(1).answer('open', 'open now');
  await expect(again).resolves.toBe('open now');
});

test('after a reset what has no answer is asked again in order, open first, in the new epoch', async () => {
  const [answered, ...open] = openWith('a', 'b', 'c');
  worker().say({ id: 2, ok: 'of a' });
  await answered;
  onReset.mockClear();
  worker().got.length = 0;
  worker().say({ event: 'reset', epoch: 1 });
  expect(worker().ops).toStrictEqual(['open', 'b', 'c']);
  expect(worker().got.map(({ epoch }) => epoch)).toStrictEqual([1, 1, 1]);
  expect(onReset).toHaveBeenCalledOnce();
  worker().answer('open');
  worker().say({ id: 3, ok: 'of b' });
  worker().say({ id: 4, ok: 'of c' });
  expect(await Promise.all(open)).toStrictEqual(['of b', 'of c']);
});

test('a reset while it opens asks the same open again, not another', async () => {
  const opened = connection.ready();
  worker().say({ event: 'reset', epoch: 1 });
  expect(worker().got.map(({ id, call }) => [id, call.op])).toStrictEqual([
    [1, 'open'],
    [1, 'open'],
  ]);
  worker().answer('open', 'info');
  await expect(opened).resolves.toBe('info');
});

test('a write that is asked again is the same text, by which the store knows it', () => {
  openWith();
  const edits = '{"operation":"x","edits":[]}';
  void connection.call({ op: 'write', edits });
  worker().say({ event: 'reset', epoch: 1 });
  const writes = worker().got.filter(({ call }) => call.op === 'write');
  expect(writes.map(({ call }) => 'edits' in call && call.edits)).toStrictEqual([edits, edits]);
});

test('after a crash another worker is asked what has no answer', async () => {
  const [call] = openWith('a');
  worker().say(crash);
  expect(worker().isTerminated).toBe(true);
  expect(worker(1).ops).toStrictEqual(['open', 'a']);
  expect(worker(1).got.map(({ epoch }) => epoch)).toStrictEqual([0, 0]);
  worker(1).answer('open');
  worker(1).say({ id: 2, ok: 'of a' });
  await expect(call).resolves.toBe('of a');
});

test('a worker that was given up is not heard any more', async () => {
  const [call] = openWith('a');
  worker().say(crash);
  worker().say({ id: 2, ok: 'late' });
  worker(1).say({ id: 2, ok: 'in time' });
  worker(1).answer('open');
  await expect(call).resolves.toBe('in time');
});

test('a script that stops when it was open is a crash too', () => {
  const [call] = openWith('a');
  void call?.catch(() => undefined);
  worker().fail('out of memory');
  expect(worker(1).ops).toStrictEqual(['open', 'a']);
});

test('a script that stops before it opened is not started again by itself', async () => {
  const opened = connection.ready();
  worker().fail('404');
  await expect(opened).rejects.toMatchObject({
    code: 'WASM_LOAD',
    message: expect.stringContaining('404'),
  });
  expect(workers).toHaveLength(1);
});

test('a worker that cannot be made is an error of the call', async () => {
  const broken = new Connection(
    options,
    () => {
      throw new Error('no workers here');
    },
    { onEvent, onReset, onOpened },
  );
  await expect(broken.call(query('a'))).rejects.toMatchObject({ code: 'UNSUPPORTED' });
  vi.stubGlobal('Worker', class {});
  await expect(broken.call(query('a'))).rejects.toMatchObject({ code: 'WASM_LOAD' });
});

test('a worker that could be made later serves the next call', async () => {
  const spawn = vi.fn((): StoreEndpoint => {
    throw new Error('not yet');
  });
  const late = new Connection(options, spawn, { onEvent, onReset, onOpened });
  await expect(late.call(query('a'))).rejects.toMatchObject({
    message: expect.stringContaining('not yet'),
  });
  const made = new HandWorker();
  spawn.mockReturnValue(made);
  const call = late.call(query('b'));
  expect(made.ops).toStrictEqual(['open', 'b']);
  made.answer('open');
  made.answer('query', 'of b');
  await expect(call).resolves.toBe('of b');
});

test('so many crashes in a row end the calls, and the next call starts anew', async () => {
  const [call] = openWith('a');
  for (let crashes = 0; crashes <= limits.crashesMax; crashes += 1) {
    worker(crashes).answer('open');
    await null;
    worker(crashes).say(crash);
  }
  await expect(call).rejects.toMatchObject({ code: 'WORKER_CRASHED', retryable: true });
  expect(workers).toHaveLength(limits.crashesMax + 1);
  void connection.ready();
  expect(workers).toHaveLength(limits.crashesMax + 2);
});

test('an answer in between makes the crashes not in a row', async () => {
  openWith();
  for (let crashes = 0; crashes <= 2 * limits.crashesMax; crashes += 1) {
    const call = connection.call(query('a'));
    worker(crashes).answer('open');
    worker(crashes).say({ id: worker(crashes).got.at(-1)?.id ?? -1, ok: 'answer' });
    await call;
    worker(crashes).say(crash);
  }
  expect(workers).toHaveLength(2 * limits.crashesMax + 2);
});

test('more calls than can wait are refused at once', async () => {
  openWith();
  const calls = Array.from({ length: limits.callsInFlightMax }, () => connection.call(query('a')));
  await expect(connection.call(query('one more'))).rejects.toMatchObject({ code: 'OVERLOADED' });
  expect(worker().ops).not.toContain('one more');
  worker().say({ id: 2, ok: 'of the first' });
  await calls[0];
  void connection.call(query('after an answer'));
  expect(worker().ops).toContain('after an answer');
});

test('closing answers what is under way with CLOSED, and so every later call', async () => {
  const [call] = openWith('a');
  const closed = connection.close();
  worker().answer('close');
  await closed;
  expect(worker().isTerminated).toBe(true);
  await expect(call).rejects.toMatchObject({ code: 'CLOSED' });
  await expect(connection.call(query('b'))).rejects.toMatchObject({ code: 'CLOSED' });
  await expect(connection.ready()).rejects.toMatchObject({ code: 'CLOSED' });
});

test('closing what was never used starts nothing', async () => {
  await connection.close();
  await connection.close();
  expect(workers).toHaveLength(0);
});

test('closing ends also when the worker crashes meanwhile', async () => {
  openWith();
  const closed = connection.close();
  worker().say(crash);
  await expect(closed).resolves.toBeUndefined();
  expect(workers).toHaveLength(1);
});

/** A page whose life is played by hand. */
function page(): (type: string) => void {
  const document = Object.assign(new EventTarget(), { visibilityState: 'visible' });
  vi.stubGlobal('document', document);
  vi.stubGlobal('addEventListener', () => undefined);
  vi.stubGlobal('removeEventListener', () => undefined);
  return (type) => void document.dispatchEvent(new Event(type));
}

test('a page that is frozen gives its worker up, and goes on with another: what had no answer is asked again', async () => {
  const meet = page();
  const [answered, waiting] = openWith('SELECT 1', 'SELECT 2');
  worker().say({ id: worker().got[1]?.id ?? -1, ok: 'one' });
  await expect(answered).resolves.toBe('one');
  meet('freeze');
  expect(worker().isTerminated).toBe(true);
  expect(workers).toHaveLength(1);
  meet('resume');
  expect(worker(1).ops).toStrictEqual(['open', 'SELECT 2']);
  expect(onReset).toHaveBeenCalledTimes(2);
  worker(1).answer('open', { role: 'follower' });
  worker(1).answer('query', 'two');
  await expect(waiting).resolves.toBe('two');
  expect(onOpened).toHaveBeenLastCalledWith({ role: 'follower' });
});

test('freezing again and again is no crash', async () => {
  const meet = page();
  openWith();
  for (let round = 0; round <= limits.crashesMax; round += 1) {
    meet('freeze');
    meet('resume');
  }
  expect(workers).toHaveLength(limits.crashesMax + 2);
  expect(onEvent).not.toHaveBeenCalled();
});

test('a page that is shown again asks the server, and one that was closed listens to nothing', async () => {
  const meet = page();
  openWith();
  meet('visibilitychange');
  expect(worker().ops).toStrictEqual(['open', 'wake']);
  const closing = connection.close();
  worker().answer('close');
  await closing;
  meet('freeze');
  meet('resume');
  expect(workers).toHaveLength(1);
});

test('a store that is wiped, from here or elsewhere, is closed', async () => {
  const [waiting] = openWith('SELECT 1');
  const wiping = connection.call({ op: 'wipe' });
  worker().say({ event: 'wiped' });
  await expect(wiping).resolves.toBeUndefined();
  await expect(waiting).rejects.toMatchObject({ code: 'CLOSED' });
  await expect(connection.ready()).rejects.toMatchObject({ code: 'CLOSED' });
  expect(worker().isTerminated).toBe(true);
});
