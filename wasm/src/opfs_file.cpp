#include "opfs_file.h"

#include <algorithm>
#include <cstring>
#include <memory>

namespace twinstore {
namespace {

// A page of SQLite and a page of every file system that browsers run on; the pool's header takes
// one such page, so a database page never straddles two.
constexpr int sector_bytes = 4096;

constexpr sqlite3_int64 gathered_bytes_max = 256 * 1024;

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

// After a failure the bytes stay: SQLite was told that they are written, and some may be the last
// of a transaction that is committed already. So they are read as written, and tried again.
int hand_over(OpfsFile& file) {
  if (file.gathered.empty()) return SQLITE_OK;
  const PoolAnswer answer = file.pool.write(
      file.fd, file.gathered.data(), static_cast<int>(file.gathered.size()), file.gathered_at);
  if (answer == PoolAnswer::Ok) file.gathered.clear();
  return sqlite_code(answer, SQLITE_IOERR_WRITE);
}

// Lays the gathered bytes over what was read; the number of bytes that are there then.
int overlay(const OpfsFile& file, std::byte* out, int bytes, int size, sqlite3_int64 offset) {
  const sqlite3_int64 first = std::max(offset, file.gathered_at);
  const sqlite3_int64 last = std::min(offset + size, end_of_gathered(file));
  if (file.gathered.empty() || first >= last) return bytes;
  std::memcpy(out + (first - offset), file.gathered.data() + (first - file.gathered_at),
              static_cast<size_t>(last - first));
  return std::max(bytes, static_cast<int>(last - offset));
}

int file_close(sqlite3_file* file) {
  (void)hand_over(opfs_file(file));
  opfs_file(file).pool.close(opfs_file(file).fd);
  std::destroy_at(&opfs_file(file));
  return SQLITE_OK;
}

int file_read(sqlite3_file* file, void* out, int size, sqlite3_int64 offset) {
  const OpfsFile& opened = opfs_file(file);
  const int stored = opened.pool.read(opened.fd, out, size, offset);
  if (stored < 0 || stored > size) return SQLITE_IOERR_READ;
  // sqlite.org/c3ref/io_methods.html: the rest of a short read is zeroes, or corruption follows.
  auto* const first = static_cast<std::byte*>(out);
  std::memset(first + stored, 0, static_cast<size_t>(size - stored));
  const int bytes = overlay(opened, first, stored, size, offset);
  return bytes == size ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

// A write that continues the gathered bytes or lies among them joins them.
int file_write(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
  OpfsFile& opened = opfs_file(file);
  if (!opened.gathers) {
    if (const int code = hand_over(opened); code != SQLITE_OK) return code;
    return sqlite_code(opened.pool.write(opened.fd, data, size, offset), SQLITE_IOERR_WRITE);
  }
  const bool joins = offset >= opened.gathered_at && offset <= end_of_gathered(opened) &&
                     offset + size <= opened.gathered_at + gathered_bytes_max;
  if (!joins) {
    if (const int code = hand_over(opened); code != SQLITE_OK) return code;
  }
  if (opened.gathered.empty()) opened.gathered_at = offset;
  const auto at = static_cast<size_t>(offset - opened.gathered_at);
  const size_t end = at + static_cast<size_t>(size);
  if (opened.gathered.size() < end) opened.gathered.resize(end);
  std::memcpy(opened.gathered.data() + at, data, static_cast<size_t>(size));
  return SQLITE_OK;
}

int file_truncate(sqlite3_file* file, sqlite3_int64 size) {
  OpfsFile& opened = opfs_file(file);
  if (end_of_gathered(opened) > size) {
    opened.gathered.resize(
        static_cast<size_t>(std::max(size - opened.gathered_at, sqlite3_int64{0})));
  }
  return sqlite_code(opened.pool.truncate(opened.fd, size), SQLITE_IOERR_TRUNCATE);
}

int file_sync(sqlite3_file* file, int) {
  if (const int code = hand_over(opfs_file(file)); code != SQLITE_OK) return code;
  // Also when the disk is full: whoever hears SQLITE_FULL knows that no sync failed.
  const PoolAnswer answer = opfs_file(file).pool.sync(opfs_file(file).fd);
  return answer == PoolAnswer::Ok ? SQLITE_OK : SQLITE_IOERR_FSYNC;
}

int file_size(sqlite3_file* file, sqlite3_int64* out) {
  const OpfsFile& opened = opfs_file(file);
  *out = opened.pool.size(opened.fd);
  if (*out < 0) return SQLITE_IOERR_FSTAT;
  if (!opened.gathered.empty()) *out = std::max(*out, end_of_gathered(opened));
  return SQLITE_OK;
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
int file_control(sqlite3_file* file, int what, void*) {
  OpfsFile& opened = opfs_file(file);
  if (what == SQLITE_FCNTL_CKPT_START) opened.gathers = true;
  if (what == SQLITE_FCNTL_CKPT_DONE) opened.gathers = false;
  return SQLITE_NOTFOUND;
}

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
  std::construct_at(&opfs_file(file), OpfsFile{.base = {&io_methods},
                                               .pool = pool,
                                               .fd = fd,
                                               .gathers = (flags & SQLITE_OPEN_WAL) != 0});
  return SQLITE_OK;
}

}  // namespace twinstore
