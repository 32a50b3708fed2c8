// The C++ side of a HandlePool (web/src/worker/handlePool.ts): each call is one synchronous call
// into JavaScript on `Module.twinstorePools[id]`. Nothing throws; every failure is an answer.
// Thread rule: the worker that opened the pool.
// Next: opfs_file.h, which turns answers into SQLite's codes.
#pragma once

#include <cstdint>

namespace twinstore {

// The same numbers as PoolAnswer in handlePool.ts.
enum class PoolAnswer : int32_t { Ok = 0, Io = 1, Full = 2, Missing = 3, Busy = 4, NoSlot = 5 };

class OpfsPool {
 public:
  explicit OpfsPool(int id) : id_(id) {}

  // A descriptor >= 0, or a PoolAnswer made negative. Creates the file when `is_created` says so.
  [[nodiscard]] int open(const char* name, bool is_created) const;
  void close(int fd) const;
  // The bytes read, fewer at the end of the file; -1 when reading failed.
  [[nodiscard]] int read(int fd, void* out, int size, int64_t offset) const;
  // Full for every answer but "all bytes": see handlePool.ts for why.
  [[nodiscard]] PoolAnswer write(int fd, const void* data, int size, int64_t offset) const;
  [[nodiscard]] PoolAnswer truncate(int fd, int64_t size) const;
  [[nodiscard]] PoolAnswer sync(int fd) const;
  // The bytes of the file; -1 when the pool cannot tell.
  [[nodiscard]] int64_t size(int fd) const;
  [[nodiscard]] PoolAnswer remove(const char* name) const;
  [[nodiscard]] bool exists(const char* name) const;
  // Copies the sentence of the last failure, cut to `size` bytes with its end mark.
  void last_error(char* out, int size) const;

 private:
  int id_;
};

}  // namespace twinstore
