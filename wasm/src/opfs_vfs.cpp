#include "opfs_vfs.h"

#include <emscripten.h>
#include <sqlite3.h>

#include <cstring>
#include <map>
#include <memory>

#include "sqlite_os.h"

// The heap is looked up at each call: it moves when memory grows.
// clang-format off
EM_JS(int, pool_open, (int pool, const char* name, int create), {
  return Module.twinstorePools[pool].open(UTF8ToString(name), create !== 0);
});
EM_JS(void, pool_close, (int pool, int fd), { Module.twinstorePools[pool].close(fd); });
EM_JS(int, pool_read, (int pool, int fd, void* out, int count, double offset), {
  return Module.twinstorePools[pool].read(fd, HEAPU8.subarray(out, out + count), offset);
});
EM_JS(int, pool_write, (int pool, int fd, const void* data, int count, double offset), {
  return Module.twinstorePools[pool].write(fd, HEAPU8.subarray(data, data + count), offset);
});
EM_JS(int, pool_truncate, (int pool, int fd, double size), {
  return Module.twinstorePools[pool].truncate(fd, size);
});
EM_JS(int, pool_sync, (int pool, int fd), { return Module.twinstorePools[pool].sync(fd); });
EM_JS(double, pool_size, (int pool, int fd), { return Module.twinstorePools[pool].size(fd); });
EM_JS(int, pool_remove, (int pool, const char* name), {
  return Module.twinstorePools[pool].remove(UTF8ToString(name));
});
EM_JS(int, pool_exists, (int pool, const char* name), {
  return Module.twinstorePools[pool].exists(UTF8ToString(name)) ? 1 : 0;
});
// clang-format on

namespace twinstore {
namespace {

// What a pool's call answers besides a count; the same numbers stand in handlePool.ts.
constexpr int pool_failed = -1;
constexpr int pool_full = -2;

constexpr int sector_bytes = 4096;

struct File {
  sqlite3_file base;
  int pool;
  int fd;
};

File& file_of(sqlite3_file* file) { return *reinterpret_cast<File*>(file); }
int pool_of(sqlite3_vfs* vfs) { return static_cast<int>(reinterpret_cast<intptr_t>(vfs->pAppData)); }

int result_of(int answer, int failure) {
  if (answer == pool_full) return SQLITE_FULL;
  return answer < 0 ? failure : SQLITE_OK;
}

int close_file(sqlite3_file* file) {
  pool_close(file_of(file).pool, file_of(file).fd);
  return SQLITE_OK;
}

int read_file(sqlite3_file* file, void* out, int count, sqlite3_int64 offset) {
  const File& at = file_of(file);
  const int got = pool_read(at.pool, at.fd, out, count, static_cast<double>(offset));
  if (got == count) return SQLITE_OK;
  if (got < 0) return SQLITE_IOERR_READ;
  std::memset(static_cast<char*>(out) + got, 0, static_cast<size_t>(count - got));
  return SQLITE_IOERR_SHORT_READ;
}

// A write that is not whole is a failed one. Over quota Chromium answers with a huge number
// instead of an exception, which the pool turns into pool_full.
int write_file(sqlite3_file* file, const void* data, int count, sqlite3_int64 offset) {
  const File& at = file_of(file);
  const int written = pool_write(at.pool, at.fd, data, count, static_cast<double>(offset));
  if (written == count) return SQLITE_OK;
  return written == pool_full ? SQLITE_FULL : SQLITE_IOERR_WRITE;
}

int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  const File& at = file_of(file);
  return result_of(pool_truncate(at.pool, at.fd, static_cast<double>(size)),
                   SQLITE_IOERR_TRUNCATE);
}

int sync_file(sqlite3_file* file, int) {
  return result_of(pool_sync(file_of(file).pool, file_of(file).fd), SQLITE_IOERR_FSYNC);
}

int file_size(sqlite3_file* file, sqlite3_int64* out) {
  const double size = pool_size(file_of(file).pool, file_of(file).fd);
  if (size < 0) return SQLITE_IOERR_FSTAT;
  *out = static_cast<sqlite3_int64>(size);
  return SQLITE_OK;
}

// One owner by construction: the worker that holds the Web Lock of the store.
int lock_file(sqlite3_file*, int) { return SQLITE_OK; }
int check_reserved(sqlite3_file*, int* out) {
  *out = 0;
  return SQLITE_OK;
}
int file_control(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
int sector_size(sqlite3_file*) { return sector_bytes; }

// Beneath OPFS lies the same kind of file system that SQLite's own unix layer assumes to be safe
// for overwrites (sqlite.org/psow.html).
int device_characteristics(sqlite3_file*) {
  return SQLITE_IOCAP_POWERSAFE_OVERWRITE | SQLITE_IOCAP_UNDELETABLE_WHEN_OPEN;
}

const sqlite3_io_methods& file_methods() {
  static const sqlite3_io_methods methods = [] {
    sqlite3_io_methods out{};
    out.iVersion = 1;
    out.xClose = close_file;
    out.xRead = read_file;
    out.xWrite = write_file;
    out.xTruncate = truncate_file;
    out.xSync = sync_file;
    out.xFileSize = file_size;
    out.xLock = lock_file;
    out.xUnlock = lock_file;
    out.xCheckReservedLock = check_reserved;
    out.xFileControl = file_control;
    out.xSectorSize = sector_size;
    out.xDeviceCharacteristics = device_characteristics;
    return out;
  }();
  return methods;
}

int open_file(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  file->pMethods = nullptr;
  if (name == nullptr) return SQLITE_CANTOPEN;  // temporary files stay in memory
  const int fd = pool_open(pool_of(vfs), name, (flags & SQLITE_OPEN_CREATE) != 0 ? 1 : 0);
  if (fd < 0) return fd == pool_full ? SQLITE_FULL : SQLITE_CANTOPEN;
  File& at = file_of(file);
  at.pool = pool_of(vfs);
  at.fd = fd;
  at.base.pMethods = &file_methods();
  if (out_flags != nullptr) *out_flags = flags;
  return SQLITE_OK;
}

int delete_file(sqlite3_vfs* vfs, const char* name, int) {
  const int answer = pool_remove(pool_of(vfs), name);
  return answer == pool_failed ? SQLITE_IOERR_DELETE : SQLITE_OK;
}

int access_file(sqlite3_vfs* vfs, const char* name, int, int* out) {
  *out = pool_exists(pool_of(vfs), name);
  return SQLITE_OK;
}

struct Registered {
  std::string name;
  sqlite3_vfs vfs{};
};

}  // namespace

Result<void> register_opfs_vfs(int pool, const std::string& name) {
  static std::map<std::string, std::unique_ptr<Registered>> registered;
  auto& entry = registered[name];
  if (entry == nullptr) entry = std::make_unique<Registered>();
  entry->name = name;
  sqlite3_vfs& vfs = entry->vfs;
  vfs.iVersion = 2;
  vfs.szOsFile = sizeof(File);
  vfs.mxPathname = os_path_bytes_max;
  vfs.zName = entry->name.c_str();
  vfs.pAppData = reinterpret_cast<void*>(static_cast<intptr_t>(pool));
  vfs.xOpen = open_file;
  vfs.xDelete = delete_file;
  vfs.xAccess = access_file;
  vfs.xFullPathname = os_full_path;
  vfs.xRandomness = os_randomness;
  vfs.xSleep = os_sleep;
  vfs.xCurrentTimeInt64 = os_current_time;
  sqlite3_initialize();
  if (sqlite3_vfs_register(&vfs, 0) != SQLITE_OK) {
    return Error{ErrorCode::Internal, "SQLite refused the VFS " + name};
  }
  return {};
}

}  // namespace twinstore
