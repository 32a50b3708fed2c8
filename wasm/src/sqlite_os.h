// What SQLite needs from its surroundings beside files: randomness, time, rest. Every VFS of the
// module uses these. The module's default VFS holds no files: it serves ":memory:" databases only.
// Thread rule: any thread; no state.
// Next: opfs_vfs.h, the VFS that keeps a database.
#pragma once

#include <sqlite3.h>

namespace twinstore {

// Fills `out` from the platform's generator (crypto.getRandomValues). Returns the bytes filled.
int vfs_randomness(sqlite3_vfs* vfs, int size, char* out);
// Returns 0 at once: nobody else holds the files, so there is nothing to wait for, and a worker
// cannot rest without spinning.
int vfs_sleep(sqlite3_vfs* vfs, int microseconds);
// The Julian day number, in milliseconds and in days.
int vfs_current_time_ms(sqlite3_vfs* vfs, sqlite3_int64* out);
int vfs_current_time_days(sqlite3_vfs* vfs, double* out);

}  // namespace twinstore
