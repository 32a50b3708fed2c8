// The VFS when storage fails: quota, short writes, errors, power cuts.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HandlePool, openNodeHandlePool, quotaAnswer } from './load.mjs';
import { PowerLossDisk, random } from './power_loss_handles.mjs';
import { addNote, folderFor, openDatabase } from './scenes.mjs';

const full = 13;
const ioError = 10;
const ways = [
  { mode: 'WAL', locking: 'EXCLUSIVE', pagesToCheckpoint: 8 },
  { mode: 'DELETE', locking: 'NORMAL' },
  { mode: 'DELETE', locking: 'EXCLUSIVE' },
  { mode: 'TRUNCATE', locking: 'NORMAL' },
];

function named(name) {
  const error = new Error('failed on purpose');
  error.name = name;
  return error;
}

const writeFaults = [
  ['the quota number of Chromium', quotaAnswer, full],
  ['a short count', 100, full],
  ['a thrown QuotaExceededError', named('QuotaExceededError'), full],
  ['another thrown error', named('InvalidStateError'), ioError],
];

for (const way of ways) {
  const mode = `${way.mode} ${way.locking}`;
  for (const [title, answer, code] of writeFaults) {
    test(`vfs: ${mode}, ${title} at any write is code ${code} and loses nothing`, (t) => {
      let from = Infinity;
      let writes = 0;
      const pool = openNodeHandlePool(folderFor(t), {
        faults: {
          onWrite: () => {
            writes += 1;
            return writes >= from ? answer : undefined;
          },
        },
      });
      let database = openDatabase(pool, way);
      let stored = 0;
      let failures = 0;
      for (let nth = 1; nth <= 12; nth += 1) {
        from = writes + nth;
        // Of more bytes than are gathered into one write.
        const result = database.try(addNote(stored + 1, 600_000));
        from = Infinity;
        if (result === 0) {
          stored += 1;
          continue;
        }
        failures += 1;
        assert.equal(result & 0xff, code);
        assert.equal(database.rows('SELECT count(*) FROM notes; PRAGMA integrity_check'),
          `${stored}\nok`);
      }
      assert.ok(failures >= 2);
      database.close();
      database = openDatabase(pool, way);
      assert.equal(database.rows('SELECT count(*) FROM notes; PRAGMA integrity_check'),
        `${stored}\nok`);
      database.rows(addNote(stored + 1));
      database.close();
      pool.close();
    });
  }

  test(`vfs: ${mode}, a failing flush or truncate is an error and leaves whole transactions`, (t) => {
    let error;
    let countdown = Infinity;
    const step = () => {
      countdown -= 1;
      return countdown < 0 ? error : undefined;
    };
    const pool = openNodeHandlePool(folderFor(t), { faults: { onFlush: step, onTruncate: step } });
    let failures = 0;
    for (let nth = 0; nth < 8; nth += 1) {
      for (error of [named('InvalidStateError'), named('QuotaExceededError')]) {
        const database = openDatabase(pool, way);
        const before = Number(database.rows('SELECT count(*) FROM notes'));
        countdown = nth;
        const result = database.try(addNote(before + 1));
        countdown = Infinity;
        if (result !== 0) failures += 1;
        const [count, check] = database
          .rows('SELECT count(*) FROM notes; PRAGMA integrity_check')
          .split('\n');
        assert.equal(check, 'ok');
        // A failed commit may turn out to be stored; a stored one is never gone.
        assert.ok(Number(count) === before + 1 || (result !== 0 && Number(count) === before));
        database.close();
      }
    }
    assert.ok(failures >= 2);
    pool.close();
  });

  test(`vfs: ${mode} over a full disk still reads, and writes again when there is room`, (t) => {
    let isFull = false;
    const pool = openNodeHandlePool(folderFor(t), {
      faults: { onWrite: () => (isFull ? quotaAnswer : undefined) },
    });
    const database = openDatabase(pool, way);
    database.rows(addNote(1));
    isFull = true;
    for (let i = 0; i < 5; i += 1) assert.equal(database.try(addNote(2)) & 0xff, full);
    assert.equal(database.rows('SELECT count(*) FROM notes; PRAGMA integrity_check'), '1\nok');
    isFull = false;
    database.rows(addNote(2));
    assert.equal(database.rows('SELECT count(*) FROM notes; PRAGMA integrity_check'), '2\nok');
    database.close();
    pool.close();
  });
}

/** Writes until the power goes; returns the notes that were acknowledged. */
function writeUntilCut(database, acknowledged) {
  for (let id = acknowledged + 1; ; id += 1) {
    if (database.code !== 0 || database.try(addNote(id, 50 + (id % 7) * 900)) !== 0) return id - 1;
  }
}

/** Cuts the power `cuts` times; returns how often acknowledged notes or the database were damaged. */
function cutPower(way, { seed, cuts, isFlushReal }) {
  const next = random(seed);
  let damaged = 0;
  let acknowledged = 0;
  let disk = new PowerLossDisk(4);
  for (let cut = 0; cut < cuts; cut += 1) {
    let pool = new HandlePool(disk.handles({ isFlushReal }), async () => {});
    disk.cutAfter(Math.floor(next() * 60));
    let database = openDatabase(pool, way);
    acknowledged = writeUntilCut(database, acknowledged);
    database.close();

    disk.restart(next);
    let verdict;
    try {
      pool = new HandlePool(disk.handles({ isFlushReal }), async () => {});
      database = openDatabase(pool, way);
      verdict = database.rows(
        'SELECT count(*) = coalesce(max(id), 0), count(*) FROM notes; PRAGMA integrity_check',
      );
      database.close();
    } catch (error) {
      verdict = `0\n0\n${error.message}`;
    }
    const [isContiguous, count, check] = verdict.split('\n');
    if (isContiguous !== '1' || check !== 'ok' || Number(count) < acknowledged) {
      damaged += 1;
      disk = new PowerLossDisk(4);
      acknowledged = 0;
    } else {
      assert.ok(Number(count) <= acknowledged + 1);
      acknowledged = Number(count);
    }
  }
  return damaged;
}

const cuts = Number(process.env.TWINSTORE_POWER_CUTS ?? 400);
const seed = Number(process.env.TWINSTORE_SEED ?? 1);
for (const way of ways) {
  const mode = `${way.mode} ${way.locking}`;
  test(`vfs: ${mode} loses no acknowledged row in ${cuts} power cuts, seed ${seed}`, () => {
    assert.equal(cutPower(way, { seed, cuts, isFlushReal: true }), 0);
  });

  test(`vfs: ${mode}, the power-loss model sees the damage of a flush that lies`, () => {
    assert.ok(cutPower(way, { seed, cuts: 100, isFlushReal: false }) > 0);
  });
}
