// One open file of the OPFS VFS: SQLite's sqlite3_io_methods over a slot of the pool.
// Writes to a WAL, and a checkpoint's to the database, continue each other: they are gathered and
// cross to JavaScript as one, because a call costs more than its bytes. Reads and the size see
// them; a sync, a write elsewhere and the close hand them over. Until a sync they were no promise.
// Version 1 of the methods: no shared memory, so WAL needs locking_mode=EXCLUSIVE first.
// Thread rule: the worker that opened the pool.
#pragma once

#include <sqlite3.h>

#include <cstddef>
#include <vector>

#include "opfs_pool.h"

namespace twinstore {

// SQLite allocates szOsFile bytes and hands them to open_opfs_file.
struct OpfsFile {
  sqlite3_file base;  // first: SQLite sees only this
  OpfsPool pool;
  int fd;
  bool gathers;
  std::vector<std::byte> gathered{};
  sqlite3_int64 gathered_at = 0;  // the offset of its first byte
};

// Opens `name` in `pool` and makes `file` ready. On failure `file` has no methods, so that SQLite
// does not close it. Errors: SQLITE_BUSY (already open: there are no locks to share it by),
// SQLITE_CANTOPEN (missing and not to be created, or no free slot), SQLITE_FULL, SQLITE_IOERR.
int open_opfs_file(OpfsPool pool, const char* name, int flags, sqlite3_file* file);

}  // namespace twinstore
