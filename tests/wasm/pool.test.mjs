// The pool by itself: headers, slots, what a crash between two steps leaves.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import {
  decodeHeader,
  encodeHeader,
  HandlePool,
  headerBytes,
  nameBytesMax,
  openAll,
  openNodeHandlePool,
  PoolAnswer,
  poolLimits,
  withFaults,
} from './load.mjs';
import { PowerLossDisk } from './power_loss_handles.mjs';
import { folderFor } from './scenes.mjs';

const bytes = (text) => new TextEncoder().encode(text);
const never = async () => {};

function poolOver(disk) {
  return new HandlePool(disk.handles(), never);
}

function writeFile(pool, name, text) {
  const fd = pool.open(name, true);
  assert.ok(fd >= 0);
  assert.equal(pool.write(fd, bytes(text), 0), PoolAnswer.Ok);
  assert.equal(pool.sync(fd), PoolAnswer.Ok);
  pool.closeFile(fd);
}

function readFile(pool, name) {
  const fd = pool.open(name, false);
  const target = new Uint8Array(pool.size(fd));
  assert.equal(pool.read(fd, target, 0), target.length);
  pool.closeFile(fd);
  return new TextDecoder().decode(target);
}

test('pool: a header keeps its name, up to 512 bytes of UTF-8', () => {
  for (const name of ['store.db', 'é-wal', 'n'.repeat(nameBytesMax), 'é'.repeat(nameBytesMax / 2)]) {
    assert.deepEqual(decodeHeader(encodeHeader(name)), { kind: 'named', name });
  }
  assert.equal(encodeHeader('n'.repeat(nameBytesMax + 1)), undefined);
  assert.equal(encodeHeader(''), undefined);
});

test('pool: a header with any one byte changed names nothing', () => {
  const page = encodeHeader('store.db-wal');
  for (const at of [...Array(64).keys(), 511, 512, 4095]) {
    const torn = page.slice();
    torn[at] ^= 1;
    assert.equal(decodeHeader(torn).kind, 'damaged');
  }
});

test('pool: a torn header is a free slot', () => {
  const disk = new PowerLossDisk(1);
  const [handle] = disk.handles();
  handle.write(encodeHeader('store.db-wal').subarray(0, 16), { at: 0 });
  const pool = poolOver(disk);
  assert.equal(pool.exists('store.db-wal'), false);
  writeFile(pool, 'other', 'content');
  assert.equal(readFile(pool, 'other'), 'content');
});

test('pool: a damaged header over a database is an error, not a free slot', () => {
  const disk = new PowerLossDisk(2);
  writeFile(poolOver(disk), 'store.db', 'SQLite format 3\0 and more');
  disk.handles()[0].write(bytes('?'), { at: 20 });
  assert.throws(() => poolOver(disk), { name: 'PoolError', code: 'CORRUPT' });
});

test('pool: two files of one name are an error, and the handles are given back', () => {
  const disk = new PowerLossDisk(2);
  let closed = 0;
  const handles = disk.handles().map((handle) => ({ ...handle, close: () => (closed += 1) }));
  for (const handle of handles) handle.write(encodeHeader('store.db'), { at: 0 });
  assert.throws(() => new HandlePool(handles, never), { code: 'CORRUPT' });
  assert.equal(closed, 2);
});

test('pool: a header of a later version is refused', () => {
  const disk = new PowerLossDisk(1);
  const page = encodeHeader('store.db');
  const view = new DataView(page.buffer);
  view.setUint32(8, 2, true);
  let hash = 0x811c9dc5;
  for (let at = 0; at < headerBytes; at += 1) {
    if (at < 16 || at >= 20) hash = Math.imul(hash ^ page[at], 0x01000193);
  }
  view.setUint32(16, hash >>> 0, true);
  disk.handles()[0].write(page, { at: 0 });
  assert.throws(() => poolOver(disk), { code: 'SCHEMA_TOO_NEW' });
});

test('pool: a reused slot holds nothing of the file before', () => {
  const disk = new PowerLossDisk(1);
  const pool = poolOver(disk);
  writeFile(pool, 'store.db-wal', 'old frames');
  assert.equal(pool.remove('store.db-wal'), PoolAnswer.Ok);
  assert.equal(pool.exists('store.db-wal'), false);
  const fd = pool.open('store.db-journal', true);
  assert.equal(pool.size(fd), 0);
});

test('pool: power cut at each step of deleting and reusing a slot mixes no files up', () => {
  for (let steps = 0; ; steps += 1) {
    let isWhole = false;
    for (const keep of [0, 1]) {
      const disk = new PowerLossDisk(1);
      writeFile(poolOver(disk), 'old', 'old content');
      const pool = poolOver(disk);
      disk.cutAfter(steps);
      isWhole = pool.remove('old') === PoolAnswer.Ok && pool.open('new', true) >= 0;
      disk.restart(() => keep);
      const after = poolOver(disk);
      if (after.exists('old')) assert.ok(['', 'old content'].includes(readFile(after, 'old')));
      if (after.exists('new')) assert.equal(readFile(after, 'new'), '');
      assert.equal(after.exists('new') && after.exists('old'), false);
      if (isWhole) assert.equal(after.exists('new'), true);
    }
    if (isWhole) {
      assert.ok(steps >= 5);
      return;
    }
  }
});

test('pool: unflushed pieces of a deletion in any order never leave a named file half emptied', () => {
  const pieces = 9; // eight sectors of the header and the truncation
  for (let kept = 0; kept < 1 << pieces; kept += 1) {
    const disk = new PowerLossDisk(1);
    writeFile(poolOver(disk), 'journal', 'journal content');
    const pool = poolOver(disk);
    disk.cutAfter(2);
    assert.equal(pool.remove('journal'), PoolAnswer.Io);
    let piece = 0;
    disk.restart(() => (kept >> piece++) & 1);
    const after = poolOver(disk);
    if (after.exists('journal')) {
      assert.ok(['', 'journal content'].includes(readFile(after, 'journal')));
    }
    if (after.remove('journal') === PoolAnswer.Missing) {
      const fd = after.open('wal', true);
      assert.equal(after.size(fd), 0);
    }
  }
});

test('pool: a deletion whose flush failed is finished before anything else is stored', () => {
  const disk = new PowerLossDisk(2);
  writeFile(poolOver(disk), 'journal', 'to roll back');
  let isFailing = false;
  const faults = { onFlush: () => (isFailing ? new Error('no flush') : undefined) };
  const pool = new HandlePool(withFaults(disk.handles(), faults), never);
  writeFile(pool, 'store.db', 'one');
  isFailing = true;
  assert.equal(pool.remove('journal'), PoolAnswer.Io);
  const fd = pool.open('store.db', false);
  assert.equal(pool.sync(fd), PoolAnswer.Io);
  assert.equal(pool.open('journal', true), -PoolAnswer.Io);
  isFailing = false;
  assert.equal(pool.sync(fd), PoolAnswer.Ok);
  disk.restart(() => 0);
  assert.equal(poolOver(disk).exists('journal'), false);
});

test('pool: bounds and states are answers, never exceptions', (t) => {
  const pool = openNodeHandlePool(folderFor(t), { capacity: 2 });
  assert.equal(pool.open('missing', false), -PoolAnswer.Missing);
  assert.equal(pool.remove('missing'), PoolAnswer.Missing);
  assert.equal(pool.open('n'.repeat(nameBytesMax + 1), true), -PoolAnswer.NoSlot);
  const fd = pool.open('a', true);
  assert.equal(pool.open('a', true), -PoolAnswer.Busy);
  assert.equal(pool.remove('a'), PoolAnswer.Busy);
  assert.ok(pool.open('b', true) >= 0);
  assert.equal(pool.open('c', true), -PoolAnswer.NoSlot);
  assert.equal(pool.write(99, bytes('x'), 0), PoolAnswer.Io);
  pool.write(fd, bytes('abc'), 10);
  assert.deepEqual(pool.usage(), {
    capacity: 2,
    files: [{ name: 'a', bytes: 13 }, { name: 'b', bytes: 0 }],
    bytes: 2 * headerBytes + 13,
  });
  pool.close();
  pool.close();
  assert.equal(pool.sync(fd), PoolAnswer.Io);
  assert.equal(pool.open('a', true), -PoolAnswer.NoSlot);
  assert.throws(() => pool.usage(), { code: 'CLOSED' });
});

test('pool: wipe removes the folder', async (t) => {
  const folder = folderFor(t);
  const pool = openNodeHandlePool(folder);
  writeFile(pool, 'a', 'content');
  await pool.wipe();
  assert.equal(existsSync(folder), false);
});

function lockedHandle(name = 'NoModificationAllowedError') {
  const error = new Error('locked');
  error.name = name;
  return Promise.reject(error);
}

test('pool: opening waits for the handles of a worker that is ending, and holds none meanwhile', async () => {
  let held = 0;
  let tries = 0;
  const handle = { close: () => (held -= 1) };
  const first = async () => ((held += 1), handle);
  const second = () => ((tries += 1), tries < 4 ? lockedHandle() : first());
  const heldWhileWaiting = [];
  const handles = await openAll([first, second], async () => void heldWhileWaiting.push(held));
  assert.equal(handles.length, 2);
  assert.deepEqual(heldWhileWaiting, [0, 0, 0]);
});

test('pool: opening gives up as LOCKED within its budget', async () => {
  let waitedMs = 0;
  const wait = async (ms) => void (waitedMs += ms);
  await assert.rejects(openAll([() => lockedHandle()], wait), { name: 'PoolError', code: 'LOCKED' });
  assert.ok(waitedMs <= poolLimits.lockBudgetMs);
  assert.ok(waitedMs > poolLimits.lockBudgetMs - poolLimits.lockWaitMaxMs);
});

test('pool: another failure to open is not tried again', async () => {
  let waits = 0;
  const wait = async () => void (waits += 1);
  await assert.rejects(openAll([() => lockedHandle('SecurityError')], wait), { name: 'SecurityError' });
  assert.equal(waits, 0);
});
