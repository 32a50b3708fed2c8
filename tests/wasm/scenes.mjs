// What several tests of the VFS begin with: folders that vanish, and a database in a pool.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newDriver } from './load.mjs';

export const vfsName = 'twinstore-opfs';
export const driver = await newDriver();

/** A folder that goes with the test. */
export function folderFor(test) {
  const folder = mkdtempSync(join(tmpdir(), 'twinstore-vfs-'));
  test.after(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'pool');
}

export function must(connection, sql) {
  const code = connection.run(sql);
  if (code !== 0) throw new Error(`${code} ${connection.message()}: ${sql}`);
  return connection.rows().trimEnd();
}

/**
 * A connection over `pool`, set up as the store does it; `mode` is a journal mode. With locking
 * NORMAL, the DELETE mode really deletes its journal after each transaction.
 */
export function openDatabase(pool, options = {}) {
  const { mode = 'WAL', locking = 'EXCLUSIVE', pagesToCheckpoint = 1000, module = driver } = options;
  const id = module.registerPool(pool, vfsName);
  if (id < 0) throw new Error('the pool was refused');
  const connection = new module.Connection();
  const code = connection.open('store.db', vfsName);
  const database = {
    connection,
    code,
    /** Closes the connection; the pool stays open. */
    close() {
      const closed = connection.close();
      connection.delete();
      module.releasePool(id);
      return closed;
    },
    rows: (sql) => must(connection, sql),
    try: (sql) => connection.run(sql),
  };
  if (code === 0) {
    const failed = connection.run(
      `PRAGMA locking_mode=${locking}; PRAGMA journal_mode=${mode}; PRAGMA synchronous=FULL;
       PRAGMA wal_autocheckpoint=${pagesToCheckpoint};
       CREATE TABLE IF NOT EXISTS notes(id INTEGER PRIMARY KEY, body TEXT NOT NULL)`,
    );
    database.code = failed;
    if (failed === 0) database.mode = must(connection, 'PRAGMA journal_mode');
  }
  return database;
}

export const addNote = (id, size = 200) =>
  `INSERT INTO notes VALUES(${id}, '${String(id).repeat(size).slice(0, size)}')`;
