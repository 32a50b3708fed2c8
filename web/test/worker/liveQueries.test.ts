import { beforeEach, expect, test, vi } from 'vitest';
import { type Edit, encodeEdits } from '../../src/client/edits.js';
import { decodeResult } from '../../src/client/resultRows.js';
import { LiveQueries } from '../../src/worker/liveQueries.js';
import type { HostEvent } from '../../src/worker/messages.js';
import type { ReplicaStore } from '../../src/worker/replicaStore.js';
import type { Session } from '../../src/worker/session.js';
import { newReplicaStore } from '../core.js';

const names = 'SELECT name FROM branches ORDER BY name';

let store: ReplicaStore;
let live: LiveQueries;
let deferred: (() => void)[];
beforeEach(async () => {
  store = await newReplicaStore();
  vi.spyOn(store, 'query');
  deferred = [];
  live = new LiveQueries(store, (action) => deferred.push(action));
});

class Page implements Session {
  readonly role = 'leader';
  readonly events: HostEvent[] = [];

  send(message: unknown): void {
    this.events.push(message as HostEvent);
  }

  /** What has arrived since the last look: the rows by watch, or the error's code. */
  news(): unknown[] {
    return this.events.splice(0).map((event) => {
      if (event.event === 'live') return [event.watch, decodeResult(event.bytes).rows];
      return event.event === 'live-error' ? [event.watch, event.error.code] : event;
    });
  }
}

function write(...edits: Edit[]): void {
  const commit = store.write(encodeEdits(edits));
  live.touched(commit.watches);
}

const branch = (name: string, fields: object = {}): Edit => ({
  op: 'upsert',
  collection: 'branches',
  fields: { repo_id: 'r', name, ...fields },
});

function runDeferred(): void {
  for (const action of deferred.splice(0)) action();
}

test('who watches gets the result at once', () => {
  const page = new Page();
  write(branch('main'));
  live.watch(page, 7, names, '[]');
  expect(page.news()).toStrictEqual([[7, [{ name: 'main' }]]]);
});

test('a commit that changes the result is sent, after the messages that have arrived', () => {
  const page = new Page();
  live.watch(page, 1, names, '[]');
  page.news();
  write(branch('a'));
  expect(page.news()).toStrictEqual([]);
  runDeferred();
  expect(page.news()).toStrictEqual([[1, [{ name: 'a' }]]]);
});

test('many commits are one run', () => {
  const page = new Page();
  live.watch(page, 1, names, '[]');
  vi.mocked(store.query).mockClear();
  for (const name of ['a', 'b', 'c']) write(branch(name));
  runDeferred();
  expect(store.query).toHaveBeenCalledOnce();
  expect(page.news()).toHaveLength(2);
});

test('equal watches of all pages are one run, and each page gets bytes of its own', () => {
  const pages = [new Page(), new Page(), new Page()];
  for (const page of pages) live.watch(page, 1, names, '[]');
  expect(store.query).toHaveBeenCalledOnce();
  write(branch('a'));
  runDeferred();
  expect(store.query).toHaveBeenCalledTimes(2);
  const buffers = pages.map(({ events }) => {
    const last = events.at(-1);
    return last?.event === 'live' && last.bytes.buffer;
  });
  expect(new Set(buffers).size).toBe(3);
  for (const page of pages) expect(page.news().at(-1)).toStrictEqual([1, [{ name: 'a' }]]);
});

test('other parameters are another query', () => {
  const page = new Page();
  write(branch('a'), branch('b'));
  const sql = 'SELECT name FROM branches WHERE name = ?';
  live.watch(page, 1, sql, '["a"]');
  live.watch(page, 2, sql, '["b"]');
  expect(page.news()).toStrictEqual([
    [1, [{ name: 'a' }]],
    [2, [{ name: 'b' }]],
  ]);
});

test('a result that is the same byte for byte is not sent', () => {
  const page = new Page();
  write(branch('a'));
  live.watch(page, 1, names, '[]');
  page.news();
  vi.mocked(store.query).mockClear();
  write(branch('a', { ahead: 3 }));
  runDeferred();
  expect(store.query).toHaveBeenCalledOnce();
  expect(page.news()).toStrictEqual([]);
});

test.each([
  ['the last byte', 'abcd', 'abce'],
  ['the first byte', 'abcd', 'Xbcd'],
  ['the length', 'abcd', 'abcde'],
])('a result that differs in %s is sent', (_, before, after) => {
  const page = new Page();
  const sql = 'SELECT last_commit_message AS text FROM branches';
  write(branch('a', { last_commit_message: before }));
  live.watch(page, 1, sql, '[]');
  page.news();
  write(branch('a', { last_commit_message: after }));
  runDeferred();
  expect(page.news()).toStrictEqual([[1, [{ text: after }]]]);
});

test('only queries that read a touched collection run again', () => {
  const page = new Page();
  live.watch(page, 1, names, '[]');
  live.watch(page, 2, 'SELECT name FROM repositories', '[]');
  live.watch(page, 3, 'SELECT b.name FROM repositories r, branches b', '[]');
  vi.mocked(store.query).mockClear();
  write({ op: 'upsert', collection: 'repositories', fields: { repo_id: 'r', name: 'R' } });
  runDeferred();
  expect(vi.mocked(store.query).mock.calls.map(([sql]) => sql)).toStrictEqual([
    'SELECT name FROM repositories',
    'SELECT b.name FROM repositories r, branches b',
  ]);
});

test('of the queries over one collection only those run again that a row belongs to', () => {
  const page = new Page();
  const ofRepo = 'SELECT name FROM branches WHERE repo_id = ? ORDER BY name';
  for (let i = 0; i < 50; i += 1) live.watch(page, i, ofRepo, `["r${i}"]`);
  vi.mocked(store.query).mockClear();
  write({ op: 'upsert', collection: 'branches', fields: { repo_id: 'r7', name: 'main' } });
  runDeferred();
  expect(vi.mocked(store.query).mock.calls).toStrictEqual([[ofRepo, '["r7"]']]);
});

test('a commit that nobody watches defers nothing', () => {
  live.watch(new Page(), 1, 'SELECT name FROM repositories', '[]');
  write(branch('a'));
  expect(deferred).toHaveLength(0);
});

test('who joins between a commit and its run gets the new result, and so do the others', () => {
  const [early, late] = [new Page(), new Page()];
  live.watch(early, 1, names, '[]');
  early.news();
  write(branch('a'));
  live.watch(late, 2, names, '[]');
  runDeferred();
  expect(late.news()).toStrictEqual([[2, [{ name: 'a' }]]]);
  expect(early.news()).toStrictEqual([[1, [{ name: 'a' }]]]);
});

test('an unwatched query is not run any more, while equal ones go on', () => {
  const [gone, stays] = [new Page(), new Page()];
  live.watch(gone, 1, names, '[]');
  live.watch(stays, 1, names, '[]');
  live.unwatch(gone, 1);
  gone.news();
  stays.news();
  write(branch('a'));
  runDeferred();
  expect(gone.news()).toStrictEqual([]);
  expect(stays.news()).toHaveLength(1);
  live.unwatch(stays, 1);
  expect(live.size).toBe(0);
});

test('a page that leaves takes all its watches along', () => {
  const [page, other] = [new Page(), new Page()];
  live.watch(page, 1, names, '[]');
  live.watch(page, 2, 'SELECT 1 FROM repositories', '[]');
  live.watch(other, 1, names, '[]');
  live.leave(page);
  expect(live.size).toBe(1);
  page.news();
  write(branch('a'));
  runDeferred();
  expect(page.news()).toStrictEqual([]);
});

test('a statement that is refused is an error of that watch alone', () => {
  const page = new Page();
  live.watch(page, 1, 'SELEC', '[]');
  live.watch(page, 2, names, '[]');
  expect(page.news()).toStrictEqual([
    [1, 'SQL'],
    [2, []],
  ]);
  expect(live.size).toBe(1);
});

test('a query that fails in a run tells its watchers, and comes back with the next result', () => {
  const page = new Page();
  const sql = "SELECT json_extract(last_commit_message, '$.a') AS a FROM branches";
  write(branch('b', { last_commit_message: '{"a":1}' }));
  live.watch(page, 1, sql, '[]');
  write(branch('b', { last_commit_message: 'no json' }));
  runDeferred();
  write(branch('b', { last_commit_message: '{"a":1}' }));
  runDeferred();
  expect(page.news()).toStrictEqual([
    [1, [{ a: 1 }]],
    [1, 'SQL'],
    [1, [{ a: 1 }]],
  ]);
});
