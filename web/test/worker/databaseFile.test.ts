// A file that is damaged: what can be read of it is carried into another one.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { StoreError } from '../../src/client/storeError.js';
import { openNodeHandlePool } from '../../src/testing/nodeHandlePool.js';
import { markDamaged, openDatabase } from '../../src/worker/databaseFile.js';
import type { HandlePool } from '../../src/worker/handlePool.js';
import { headerBytes } from '../../src/worker/poolHeader.js';
import { ReplicaStore } from '../../src/worker/replicaStore.js';
import { newCore } from '../core.js';
import { seededRandom } from '../random.js';

const pageBytes = 4096;
const seeds = process.env.TWINSTORE_LONG === '1' ? 500 : 20;
/** What a page of rows begins with, in a table that is stored by its key (sqlite.org/fileformat.html). */
const leafOfKeys = 10;
const core = await newCore();

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'twinstore-damage-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** What a worker does with the folder from its start to its end. */
function inWorker<T>(
  folder: string,
  action: (store: ReplicaStore, damage: string | undefined, pool: HandlePool) => T,
  crashes: StoreError[] = [],
): T {
  const pool = openNodeHandlePool(folder);
  const id = core.registerPool(pool, 'twinstore-damage');
  const store = new ReplicaStore(new core.StoreBinding(), (error) => {
    markDamaged(pool);
    crashes.push(error);
  });
  try {
    const { damage } = openDatabase(store, pool, { vfs: 'twinstore-damage' });
    return action(store, damage, pool);
  } finally {
    store.close();
    core.releasePool(id);
    pool.close();
  }
}

function write(store: ReplicaStore, ...keys: string[]): void {
  const edits = keys.map((cache_key) => ({
    op: 'insert',
    collection: 'cache_entries',
    fields: { cache_key, repo_id: 'r', path: `${cache_key} `.repeat(40) },
  }));
  store.write(JSON.stringify({ edits }));
}

function keysOf(store: ReplicaStore): Set<string> {
  const bytes = store.query('SELECT cache_key FROM cache_entries', '[]');
  return new Set(new TextDecoder().decode(bytes).match(/[a-z0-9]+-\d{4}/g));
}

/** By the table, and by its indexes. */
function readAll(store: ReplicaStore): Set<string> {
  store.query('SELECT * FROM cache_entries', '[]');
  return keysOf(store);
}

const keys = (name: string, count: number) =>
  Array.from({ length: count }, (_, at) => `${name}-${String(at).padStart(4, '0')}`);
const alone = keys('alone', 400);
const waiting = keys('waiting', 20);
/** What connecting made of the rows that were here, and those after it. */
const transactions = 1 + waiting.length;

/** Rows of a time without a server, then 20 transactions that wait for it. Closed: no log is left. */
function fill(folder: string): void {
  inWorker(folder, (store) => {
    write(store, ...alone);
    store.connect();
    for (const key of waiting) write(store, key);
  });
}

/** The database's file, and the places of its pages in it. */
function database(folder: string) {
  const path = readdirSync(folder)
    .map((name) => join(folder, name))
    .find((file) => readFileSync(file).includes('SQLite format 3', headerBytes));
  const bytes = readFileSync(path ?? '');
  const pages = Math.floor((bytes.length - headerBytes) / pageBytes);
  return {
    bytes,
    pages: Array.from({ length: pages }, (_, at) => headerBytes + at * pageBytes),
    save: () => writeFileSync(path ?? '', bytes),
  };
}

test('a file whose rows are damaged is left for one with what could be read, once', () => {
  const folder = newFolder();
  fill(folder);
  const { bytes, pages, save } = database(folder);
  const target = pages.find((at) => {
    const page = bytes.subarray(at, at + pageBytes);
    return page[0] === leafOfKeys && page.includes('alone-') && !page.includes('waiting-');
  });
  bytes.fill(0xa5, target, (target ?? 0) + pageBytes);
  save();
  const crashes: StoreError[] = [];
  inWorker(
    folder,
    (store, damage) => {
      expect(damage).toBeUndefined();
      expect(() => readAll(store)).toThrow(expect.objectContaining({ code: 'STORAGE_CORRUPT' }));
    },
    crashes,
  );
  expect(crashes).toMatchObject([{ code: 'STORAGE_CORRUPT' }]);
  inWorker(folder, (store, damage) => {
    expect(damage).toBe('a part of it could not be read');
    expect(store.status().pending).toBe(transactions);
    const kept = keysOf(store);
    expect(waiting.filter((key) => !kept.has(key))).toEqual([]);
    expect(kept.size).toBeGreaterThan(300);
    write(store, 'after-0001');
  });
  inWorker(folder, (store, damage) => {
    expect(damage).toBeUndefined();
    expect(keysOf(store).has('after-0001')).toBe(true);
    expect(store.status().pending).toBe(transactions + 1);
  });
});

test('whatever is damaged: the store opens with what it had, or says that it cannot and changes nothing', () => {
  const pristine = newFolder();
  fill(pristine);
  const whole = new Set([...alone, ...waiting]);
  const outcomes = { unharmed: 0, repaired: 0, refused: 0 };
  for (let seed = 1; seed <= seeds; seed += 1) {
    const random = seededRandom(seed);
    const folder = newFolder();
    for (const name of readdirSync(pristine)) {
      writeFileSync(join(folder, name), readFileSync(join(pristine, name)));
    }
    const { bytes, pages, save } = database(folder);
    const count = 1 + Math.floor(random() * 4);
    for (let at = 0; at < count; at += 1) {
      const page = pages[Math.floor(random() * pages.length)] ?? 0;
      const from = page + Math.floor(random() * 64);
      for (let byte = from; byte < page + pageBytes; byte += 1) bytes[byte] = random() * 256;
    }
    save();
    const before = Buffer.from(bytes);
    // As a page does whose worker ends: another one, and another.
    let isRead = false;
    let failure: unknown;
    for (let workers = 0; workers < 3 && !isRead; workers += 1) {
      try {
        inWorker(folder, (store, damage) => {
          const kept = readAll(store);
          expect(
            [...kept].filter((key) => !whole.has(key)),
            `seed ${seed}`,
          ).toEqual([]);
          expect(store.status().pending).toBeLessThanOrEqual(transactions);
          outcomes[damage === undefined ? 'unharmed' : 'repaired'] += 1;
          isRead = true;
        });
      } catch (error) {
        failure = error;
      }
    }
    if (isRead) continue;
    outcomes.refused += 1;
    expect(failure, `seed ${seed}`).toMatchObject({ code: 'STORAGE_CORRUPT' });
    expect(database(folder).bytes.equals(before), `seed ${seed}`).toBe(true);
  }
  expect(outcomes.repaired).toBeGreaterThan(seeds / 10);
  console.info(JSON.stringify(outcomes));
});

test('a salvage that does not end begins anew, and the data is in one file', () => {
  const folder = newFolder();
  fill(folder);
  const pool = openNodeHandlePool(folder);
  const id = core.registerPool(pool, 'twinstore-damage');
  const store = new ReplicaStore(new core.StoreBinding());
  store.salvage({ path: 'store.db', vfs: 'twinstore-damage' }, 'store-1.db');
  core.releasePool(id);
  pool.close();
  inWorker(folder, (opened, damage) => {
    expect(damage).toBeUndefined();
    expect(keysOf(opened).size).toBe(alone.length + waiting.length);
  });
  const names = openNodeHandlePool(folder);
  onTestFinished(() => names.close());
  expect(names.usage().files.map(({ name }) => name)).toEqual(['store.db']);
});

test('the log of one large transaction is gone with it, that of small ones stays for the next', () => {
  const folder = newFolder();
  inWorker(folder, (store, _damage, pool) => {
    const logBytes = () => pool.usage().files.find(({ name }) => name.endsWith('-wal'))?.bytes;
    write(store, ...keys('small', 10));
    const small = logBytes();
    expect(small).toBeGreaterThan(0);
    write(store, ...keys('again', 10));
    expect(logBytes()).toBeGreaterThan(small ?? 0);
    // 13 MB of text: more than 2,000 pages.
    const edits = Array.from({ length: 400 }, (_, at) => ({
      op: 'insert',
      collection: 'cache_entries',
      fields: {
        cache_key: `large-${String(at).padStart(4, '0')}`,
        repo_id: 'r',
        path: 'x'.repeat(32_000),
      },
    }));
    store.write(JSON.stringify({ edits }));
    expect(logBytes()).toBe(0);
  });
  expect(inWorker(folder, (store) => keysOf(store).size)).toBe(420);
});
