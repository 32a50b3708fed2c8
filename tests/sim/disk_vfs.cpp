// SQLite's view of a Disk. Methods of version 1 only: without shared memory, as in the browser.
// sqlite.org/c3ref/io_methods.html
#include <sqlite3.h>

#include <cstring>
#include <new>

#include "disk.h"
#include "sim_clock.h"

namespace twinstore::sim {
namespace {

struct Handle : sqlite3_file {
  Disk* disk = nullptr;
  std::shared_ptr<DiskFile> file;
};

Handle& handle_of(sqlite3_file* file) { return *static_cast<Handle*>(file); }
Disk& disk_of(sqlite3_vfs* vfs) { return *static_cast<Disk*>(vfs->pAppData); }

int close_file(sqlite3_file* file) {
  handle_of(file).~Handle();
  return SQLITE_OK;
}

int read_file(sqlite3_file* file, void* out, int size, sqlite3_int64 offset) {
  Handle& handle = handle_of(file);
  if (handle.disk->next_fault(false, false) != DiskFault::None) return SQLITE_IOERR_READ;
  const Bytes& bytes = handle.file->current;
  const auto at = static_cast<size_t>(offset);
  const auto wanted = static_cast<size_t>(size);
  const size_t there = at >= bytes.size() ? 0 : std::min(wanted, bytes.size() - at);
  if (there > 0) std::memcpy(out, bytes.data() + at, there);
  if (there == wanted) return SQLITE_OK;
  std::memset(static_cast<char*>(out) + there, 0, wanted - there);
  return SQLITE_IOERR_SHORT_READ;
}

int write_file(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
  Handle& handle = handle_of(file);
  const auto* bytes = static_cast<const uint8_t*>(data);
  switch (handle.disk->next_fault(true, false)) {
    case DiskFault::None: break;
    case DiskFault::Full: return SQLITE_FULL;
    case DiskFault::ShortWrite:
      handle.file->write(static_cast<size_t>(offset), bytes, static_cast<size_t>(size) / 3);
      return SQLITE_FULL;
    default: return SQLITE_IOERR_WRITE;
  }
  handle.file->write(static_cast<size_t>(offset), bytes, static_cast<size_t>(size));
  return SQLITE_OK;
}

int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  Handle& handle = handle_of(file);
  if (handle.disk->next_fault(true, false) != DiskFault::None) return SQLITE_IOERR_TRUNCATE;
  handle.file->truncate(static_cast<size_t>(size));
  return SQLITE_OK;
}

int sync_file(sqlite3_file* file, int) {
  Handle& handle = handle_of(file);
  if (handle.disk->next_fault(false, true) != DiskFault::None) return SQLITE_IOERR_FSYNC;
  handle.disk->sync(*handle.file);
  return SQLITE_OK;
}

int file_size(sqlite3_file* file, sqlite3_int64* size) {
  *size = static_cast<sqlite3_int64>(handle_of(file).file->current.size());
  return SQLITE_OK;
}

int lock_file(sqlite3_file*, int) { return SQLITE_OK; }
int check_lock(sqlite3_file*, int* is_locked) {
  *is_locked = 0;
  return SQLITE_OK;
}
int control_file(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
int sector_size(sqlite3_file*) { return 512; }
int characteristics(sqlite3_file*) { return 0; }

const sqlite3_io_methods methods{
    1,         close_file, read_file,  write_file,   truncate_file, sync_file,       file_size,
    lock_file, lock_file,  check_lock, control_file, sector_size,   characteristics, nullptr,
    nullptr,   nullptr,    nullptr,    nullptr,      nullptr};

int open_file(sqlite3_vfs* vfs, const char* path, sqlite3_file* out, int flags, int* out_flags) {
  Disk& disk = disk_of(vfs);
  out->pMethods = nullptr;
  auto file = path == nullptr ? std::make_shared<DiskFile>()
                              : disk.open(path, (flags & SQLITE_OPEN_CREATE) != 0);
  if (!file) return SQLITE_CANTOPEN;
  auto* handle = new (out) Handle();
  handle->pMethods = &methods;
  handle->disk = &disk;
  handle->file = std::move(file);
  if (out_flags != nullptr) *out_flags = flags;
  return SQLITE_OK;
}

int delete_file(sqlite3_vfs* vfs, const char* path, int is_synced) {
  Disk& disk = disk_of(vfs);
  if (disk.next_fault(true, false) != DiskFault::None) return SQLITE_IOERR_DELETE;
  if (!disk.exists(path)) return SQLITE_IOERR_DELETE_NOENT;
  disk.remove(path, is_synced != 0);
  return SQLITE_OK;
}

int access_file(sqlite3_vfs* vfs, const char* path, int, int* exists) {
  *exists = disk_of(vfs).exists(path) ? 1 : 0;
  return SQLITE_OK;
}

int full_path(sqlite3_vfs*, const char* path, int size, char* out) {
  sqlite3_snprintf(size, out, "%s", path);
  return SQLITE_OK;
}

int random_bytes(sqlite3_vfs*, int size, char* out) {
  std::memset(out, 7, static_cast<size_t>(size));
  return size;
}

int sleep_for(sqlite3_vfs*, int) { return 0; }

int current_time(sqlite3_vfs*, double* days) {
  *days = 2440587.5 + static_cast<double>(world_start_ms) / 86'400'000.0;
  return SQLITE_OK;
}

int last_error(sqlite3_vfs*, int, char*) { return 0; }

}  // namespace

Disk::Disk(const std::string& name) : name_(name), vfs_(std::make_unique<sqlite3_vfs>()) {
  vfs_->iVersion = 1;
  vfs_->szOsFile = sizeof(Handle);
  vfs_->mxPathname = 255;
  vfs_->zName = name_.c_str();
  vfs_->pAppData = this;
  vfs_->xOpen = open_file;
  vfs_->xDelete = delete_file;
  vfs_->xAccess = access_file;
  vfs_->xFullPathname = full_path;
  vfs_->xRandomness = random_bytes;
  vfs_->xSleep = sleep_for;
  vfs_->xCurrentTime = current_time;
  vfs_->xGetLastError = last_error;
  sqlite3_vfs_register(vfs_.get(), 0);
}

Disk::~Disk() { sqlite3_vfs_unregister(vfs_.get()); }

}  // namespace twinstore::sim
