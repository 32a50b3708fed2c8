// SQLite's operating system layer for WebAssembly (SQLITE_OS_OTHER=1): time, randomness, and a
// default VFS that opens no file, which is all that ":memory:" needs. Files come from opfs_vfs.
#include <emscripten.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cstring>

#include "sqlite_os.h"

namespace twinstore {

int os_randomness(sqlite3_vfs*, int count, char* out) {
  constexpr int entropy_bytes_max = 256;  // getentropy's own bound
  for (int at = 0; at < count; at += entropy_bytes_max) {
    const int part = count - at < entropy_bytes_max ? count - at : entropy_bytes_max;
    if (getentropy(out + at, static_cast<size_t>(part)) != 0) return at;
  }
  return count;
}

// SQLite asks only when it waits for a lock, and this store's files have one owner.
int os_sleep(sqlite3_vfs*, int microseconds) { return microseconds; }

// Milliseconds since noon in Greenwich on November 24, 4714 B.C. (sqlite.org/c3ref/vfs.html).
int os_current_time(sqlite3_vfs*, sqlite3_int64* out) {
  constexpr sqlite3_int64 unix_epoch = 210866760000000;
  *out = unix_epoch + static_cast<sqlite3_int64>(emscripten_date_now());
  return SQLITE_OK;
}

int os_full_path(sqlite3_vfs*, const char* name, int size, char* out) {
  const size_t length = std::strlen(name);
  if (static_cast<int>(length) >= size) return SQLITE_CANTOPEN;
  std::memcpy(out, name, length + 1);
  return SQLITE_OK;
}

}  // namespace twinstore

namespace {

int open_nothing(sqlite3_vfs*, const char*, sqlite3_file* file, int, int*) {
  file->pMethods = nullptr;
  return SQLITE_CANTOPEN;
}
int delete_nothing(sqlite3_vfs*, const char*, int) { return SQLITE_OK; }
int access_nothing(sqlite3_vfs*, const char*, int, int* out) {
  *out = 0;
  return SQLITE_OK;
}

}  // namespace

extern "C" int sqlite3_os_init() {
  static sqlite3_vfs memory_only{};
  memory_only.iVersion = 2;
  memory_only.szOsFile = sizeof(sqlite3_file);
  memory_only.mxPathname = twinstore::os_path_bytes_max;
  memory_only.zName = "memory-only";
  memory_only.xOpen = open_nothing;
  memory_only.xDelete = delete_nothing;
  memory_only.xAccess = access_nothing;
  memory_only.xFullPathname = twinstore::os_full_path;
  memory_only.xRandomness = twinstore::os_randomness;
  memory_only.xSleep = twinstore::os_sleep;
  memory_only.xCurrentTimeInt64 = twinstore::os_current_time;
  return sqlite3_vfs_register(&memory_only, 1);
}

extern "C" int sqlite3_os_end() { return SQLITE_OK; }
