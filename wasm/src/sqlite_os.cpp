#include "sqlite_os.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>

namespace twinstore {
namespace {

constexpr int getentropy_bytes_max = 256;                        // POSIX getentropy()
constexpr sqlite3_int64 julian_unix_epoch_ms = 210866760000000;  // 1970-01-01 as a Julian time

int refuse_to_open(sqlite3_vfs*, const char*, sqlite3_file* file, int, int*) {
  file->pMethods = nullptr;
  return SQLITE_CANTOPEN;
}

int refuse_to_delete(sqlite3_vfs*, const char*, int) { return SQLITE_IOERR_DELETE_NOENT; }

int nothing_exists(sqlite3_vfs*, const char*, int, int* out) {
  *out = 0;
  return SQLITE_OK;
}

int keep_path(sqlite3_vfs*, const char* path, int size, char* out) {
  sqlite3_snprintf(size, out, "%s", path);
  return SQLITE_OK;
}

int no_last_error(sqlite3_vfs*, int, char*) { return 0; }

}  // namespace

int vfs_randomness(sqlite3_vfs*, int size, char* out) {
  for (int done = 0; done < size; done += getentropy_bytes_max) {
    const int bytes = std::min(size - done, getentropy_bytes_max);
    if (getentropy(out + done, static_cast<size_t>(bytes)) != 0) return done;
  }
  return size;
}

int vfs_sleep(sqlite3_vfs*, int) { return 0; }

int vfs_current_time_ms(sqlite3_vfs*, sqlite3_int64* out) {
  const auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
  *out = julian_unix_epoch_ms +
         std::chrono::duration_cast<std::chrono::milliseconds>(since_1970).count();
  return SQLITE_OK;
}

int vfs_current_time_days(sqlite3_vfs* vfs, double* out) {
  sqlite3_int64 ms = 0;
  vfs_current_time_ms(vfs, &ms);
  *out = static_cast<double>(ms) / 86400000.0;
  return SQLITE_OK;
}

}  // namespace twinstore

// SQLite calls these in a build with SQLITE_OS_OTHER=1 (sqlite.org/c3ref/initialize.html). Even a
// ":memory:" database asks for a default VFS.
int sqlite3_os_init() {
  static sqlite3_vfs memory_only = [] {
    sqlite3_vfs vfs = {};
    vfs.iVersion = 2;
    vfs.szOsFile = sizeof(sqlite3_file);
    vfs.mxPathname = 512;
    vfs.zName = "twinstore-memory";
    vfs.xOpen = twinstore::refuse_to_open;
    vfs.xDelete = twinstore::refuse_to_delete;
    vfs.xAccess = twinstore::nothing_exists;
    vfs.xFullPathname = twinstore::keep_path;
    vfs.xRandomness = twinstore::vfs_randomness;
    vfs.xSleep = twinstore::vfs_sleep;
    vfs.xCurrentTime = twinstore::vfs_current_time_days;
    vfs.xGetLastError = twinstore::no_last_error;
    vfs.xCurrentTimeInt64 = twinstore::vfs_current_time_ms;
    return vfs;
  }();
  return sqlite3_vfs_register(&memory_only, 1);
}

int sqlite3_os_end() { return SQLITE_OK; }
