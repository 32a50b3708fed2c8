// What every VFS of the WebAssembly build shares: time, randomness and paths.
// Thread rule: the module's only thread.
#pragma once

#include <sqlite3.h>

namespace twinstore {

inline constexpr int os_path_bytes_max = 512;

int os_randomness(sqlite3_vfs* vfs, int count, char* out);
int os_sleep(sqlite3_vfs* vfs, int microseconds);
int os_current_time(sqlite3_vfs* vfs, sqlite3_int64* out);
int os_full_path(sqlite3_vfs* vfs, const char* name, int size, char* out);

}  // namespace twinstore
