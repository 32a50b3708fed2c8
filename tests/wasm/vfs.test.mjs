// The VFS over real files: node --test tests/wasm/
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newDriver, openNodeHandlePool } from './load.mjs';
import { addNote, driver, folderFor, must, openDatabase, vfsName } from './scenes.mjs';

const cantOpen = 14;
const busy = 5;

test('vfs: a memory database needs no pool', () => {
  const connection = new driver.Connection();
  assert.equal(connection.open(':memory:', ''), 0);
  must(connection, "CREATE TABLE t(a); INSERT INTO t VALUES('x')");
  assert.equal(must(connection, 'SELECT a FROM t'), 'x');
  assert.equal(connection.close(), 0);
});

test('vfs: the default VFS refuses a file instead of keeping it in memory', () => {
  const connection = new driver.Connection();
  assert.equal(connection.open('store.db', '') & 0xff, cantOpen);
});

test('vfs: time is the platform\'s, and randomness differs between modules', async () => {
  const answers = [];
  for (const module of [await newDriver(), await newDriver()]) {
    const connection = new module.Connection();
    connection.open(':memory:', '');
    const seconds = Number(must(connection, "SELECT strftime('%s','now')"));
    assert.ok(Math.abs(seconds - Date.now() / 1000) < 60);
    answers.push(must(connection, 'SELECT hex(randomblob(16))'));
  }
  assert.notEqual(answers[0], answers[1]);
});

for (const mode of ['WAL', 'DELETE', 'TRUNCATE', 'PERSIST']) {
  test(`vfs: ${mode} keeps rows over closing and opening`, (t) => {
    const folder = folderFor(t);
    const pool = openNodeHandlePool(folder);
    const database = openDatabase(pool, { mode });
    assert.equal(database.mode, mode.toLowerCase());
    for (let id = 1; id <= 20; id += 1) database.rows(addNote(id));
    assert.equal(database.close(), 0);
    pool.close();

    const again = openNodeHandlePool(folder);
    const reopened = openDatabase(again, { mode });
    assert.equal(reopened.rows('SELECT count(*) FROM notes; PRAGMA integrity_check'), '20\nok');
    reopened.close();
    again.close();
  });

  test(`vfs: ${mode} keeps rows when the worker vanishes without closing`, async (t) => {
    const folder = folderFor(t);
    const database = openDatabase(openNodeHandlePool(folder), { mode, module: await newDriver() });
    for (let id = 1; id <= 20; id += 1) database.rows(addNote(id));
    database.rows(`BEGIN; ${addNote(21)}`);

    const pool = openNodeHandlePool(folder);
    const reopened = openDatabase(pool, { mode, module: await newDriver() });
    assert.equal(reopened.rows('SELECT count(*) FROM notes; PRAGMA integrity_check'), '20\nok');
    pool.close();
  });
}

test('vfs: the journal mode can change and leaves no file behind', (t) => {
  const pool = openNodeHandlePool(folderFor(t));
  const database = openDatabase(pool, { mode: 'WAL' });
  let id = 0;
  for (const mode of ['delete', 'wal', 'truncate', 'persist', 'wal', 'delete']) {
    assert.equal(database.rows(`PRAGMA journal_mode=${mode}`), mode);
    database.rows(addNote((id += 1)));
  }
  database.rows('PRAGMA locking_mode=NORMAL; SELECT 1 FROM notes');
  database.rows(addNote((id += 1)));
  assert.equal(database.close(), 0);
  assert.deepEqual(pool.usage().files.map((file) => file.name), ['store.db']);
  pool.close();
});

test('vfs: 200 reopenings lose nothing', (t) => {
  const folder = folderFor(t);
  for (let id = 1; id <= 200; id += 1) {
    const pool = openNodeHandlePool(folder);
    const database = openDatabase(pool);
    assert.equal(database.rows('SELECT count(*) FROM notes'), String(id - 1));
    database.rows(addNote(id));
    // Every other time the worker vanishes.
    if (id % 2 === 0) assert.equal(database.close(), 0);
    pool.close();
  }
});

test('vfs: a second connection to an open file is refused', (t) => {
  const pool = openNodeHandlePool(folderFor(t));
  const database = openDatabase(pool);
  const second = new driver.Connection();
  assert.equal(second.open('store.db', vfsName) & 0xff, busy);
  second.delete();
  assert.equal(database.rows('SELECT count(*) FROM notes'), '0');
  database.close();
  pool.close();
});

test('vfs: a pool without a free slot is an error that changes nothing', (t) => {
  const pool = openNodeHandlePool(folderFor(t), { capacity: 1 });
  const database = openDatabase(pool);
  assert.notEqual(database.code, 0);
  assert.match(pool.lastError, /no free slot/);
  database.close();
  pool.close();
});

test('vfs: reading and writing goes on after the memory has grown', (t) => {
  const pool = openNodeHandlePool(folderFor(t));
  const database = openDatabase(pool);
  database.rows(`CREATE TABLE blobs(b BLOB); INSERT INTO blobs VALUES(randomblob(30000000));
                 INSERT INTO blobs SELECT b FROM blobs`);
  assert.equal(
    database.rows('SELECT count(*), count(DISTINCT b), sum(length(b)) FROM blobs'),
    '2\n1\n60000000',
  );
  database.close();
  pool.close();
});

test('vfs: VACUUM and large sorts need no temporary file', (t) => {
  const pool = openNodeHandlePool(folderFor(t));
  const database = openDatabase(pool);
  database.rows(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<20000)
                 INSERT INTO notes SELECT i, hex(randomblob(100)) FROM n`);
  database.rows('SELECT max(r) FROM (SELECT row_number() OVER (ORDER BY body) AS r FROM notes)');
  database.rows('UPDATE notes SET body = body || id; DELETE FROM notes WHERE id % 2; VACUUM');
  assert.equal(database.rows('SELECT count(*) FROM notes; PRAGMA integrity_check'), '10000\nok');
  database.close();
  pool.close();
});

test('vfs: a registered name cannot take the place of another VFS', (t) => {
  const pool = openNodeHandlePool(folderFor(t));
  assert.equal(driver.registerPool(pool, 'twinstore-memory'), -1);
  assert.equal(driver.registerPool(pool, ''), -1);
  assert.equal(driver.registerPool(pool, 'v'.repeat(64)), -1);
  const id = driver.registerPool(pool, 'v'.repeat(63));
  assert.ok(id >= 0);
  driver.releasePool(id);
  const connection = new driver.Connection();
  assert.notEqual(connection.open('store.db', 'v'.repeat(63)), 0);
  pool.close();
});
