#include "opfs_file.h"

#include <cstring>
#include <memory>

namespace twinstore {
namespace {

// A page of SQLite and a page of every file system that browsers run on; the pool's header takes
// one such page, so a database page never straddles two.
constexpr int sector_bytes = 4096;

constexpr size_t gathered_bytes_max = 256 * 1024;

OpfsFile& opfs_file(sqlite3_file* file) { return *reinterpret_cast<OpfsFile*>(file); }

// `io_code` is the kind of I/O error that the caller would report.
int sqlite_code(PoolAnswer answer, int io_code) {
  switch (answer) {
    case PoolAnswer::Ok: return SQLITE_OK;
    case PoolAnswer::Full: return SQLITE_FULL;
    case PoolAnswer::Busy: return SQLITE_BUSY;
    case PoolAnswer::Missing:
    case PoolAnswer::NoSlot: return SQLITE_CANTOPEN;
    case PoolAnswer::Io: break;
  }
  return io_code;
}

sqlite3_int64 end_of_gathered(const OpfsFile& file) {
  return file.gathered_at + static_cast<sqlite3_int64>(file.gathered.size());
}

// After a failure the bytes are dropped: they count as a write that failed.
int hand_over(OpfsFile& file) {
  if (file.gathered.empty()) return SQLITE_OK;
  const PoolAnswer answer = file.pool.write(
      file.fd, file.gathered.data(), static_cast<int>(file.gathered.size()), file.gathered_at);
  file.gathered.clear();
  return sqlite_code(answer, SQLITE_IOERR_WRITE);
}

int file_close(sqlite3_file* file) {
  (void)hand_over(opfs_file(file));
  opfs_file(file).pool.close(opfs_file(file).fd);
  std::destroy_at(&opfs_file(file));
  return SQLITE_OK;
}

int file_read(sqlite3_file* file, void* out, int size, sqlite3_int64 offset) {
  OpfsFile& opened = opfs_file(file);
  if (offset < end_of_gathered(opened) && offset + size > opened.gathered_at) {
    if (const int code = hand_over(opened); code != SQLITE_OK) return code;
  }
  const int bytes = opfs_file(file).pool.read(opfs_file(file).fd, out, size, offset);
  if (bytes == size) return SQLITE_OK;
  if (bytes < 0 || bytes > size) return SQLITE_IOERR_READ;
  // sqlite.org/c3ref/io_methods.html: the rest of a short read is zeroes, or corruption follows.
  std::memset(static_cast<std::byte*>(out) + bytes, 0, static_cast<size_t>(size - bytes));
  return SQLITE_IOERR_SHORT_READ;
}

int file_write(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
  OpfsFile& opened = opfs_file(file);
  const bool continues = offset == end_of_gathered(opened);
  const size_t bytes = opened.gathered.size() + static_cast<size_t>(size);
  if (!continues || bytes > gathered_bytes_max) {
    if (const int code = hand_over(opened); code != SQLITE_OK) return code;
  }
  if (opened.gathered.empty()) opened.gathered_at = offset;
  const auto* const first = static_cast<const std::byte*>(data);
  opened.gathered.insert(opened.gathered.end(), first, first + size);
  return SQLITE_OK;
}

int file_truncate(sqlite3_file* file, sqlite3_int64 size) {
  if (const int code = hand_over(opfs_file(file)); code != SQLITE_OK) return code;
  return sqlite_code(opfs_file(file).pool.truncate(opfs_file(file).fd, size),
                     SQLITE_IOERR_TRUNCATE);
}

int file_sync(sqlite3_file* file, int) {
  if (const int code = hand_over(opfs_file(file)); code != SQLITE_OK) return code;
  return sqlite_code(opfs_file(file).pool.sync(opfs_file(file).fd), SQLITE_IOERR_FSYNC);
}

int file_size(sqlite3_file* file, sqlite3_int64* out) {
  if (const int code = hand_over(opfs_file(file)); code != SQLITE_OK) return code;
  *out = opfs_file(file).pool.size(opfs_file(file).fd);
  return *out < 0 ? SQLITE_IOERR_FSTAT : SQLITE_OK;
}

// Locks do nothing: the worker that leads holds the Web Lock, the handles are exclusive, and
// open_opfs_file refuses a second connection.
int file_lock(sqlite3_file*, int) { return SQLITE_OK; }

int file_check_reserved(sqlite3_file*, int* out) {
  *out = 0;
  return SQLITE_OK;
}

// SQLITE_FCNTL_SIZE_HINT is not answered: growing a file ahead by truncate() would count against
// the quota before there is data, and Chromium reserves its quota in blocks anyway.
int file_control(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }

int file_sector_size(sqlite3_file*) { return sector_bytes; }

// UNDELETABLE_WHEN_OPEN holds: the pool owns the handle, and OPFS refuses to remove a file with
// one. SAFE_APPEND does not: nothing says that a file grows only after its new bytes are stored.
// POWERSAFE_OVERWRITE does not: nothing says what a browser's storage does to the neighbours of
// the bytes it was writing when the power went. Without it SQLite fills a committed WAL up to the
// next sector, so that no later write touches the sector of an acknowledged one.
int file_characteristics(sqlite3_file*) { return SQLITE_IOCAP_UNDELETABLE_WHEN_OPEN; }

constexpr sqlite3_io_methods io_methods = {
    .iVersion = 1,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_lock,
    .xCheckReservedLock = file_check_reserved,
    .xFileControl = file_control,
    .xSectorSize = file_sector_size,
    .xDeviceCharacteristics = file_characteristics,
    .xShmMap = nullptr,
    .xShmLock = nullptr,
    .xShmBarrier = nullptr,
    .xShmUnmap = nullptr,
    .xFetch = nullptr,
    .xUnfetch = nullptr,
};

}  // namespace

int open_opfs_file(OpfsPool pool, const char* name, int flags, sqlite3_file* file) {
  file->pMethods = nullptr;
  const int fd = pool.open(name, (flags & SQLITE_OPEN_CREATE) != 0);
  if (fd < 0) return sqlite_code(PoolAnswer{-fd}, SQLITE_IOERR);
  std::construct_at(&opfs_file(file), OpfsFile{.base = {&io_methods}, .pool = pool, .fd = fd});
  return SQLITE_OK;
}

}  // namespace twinstore
