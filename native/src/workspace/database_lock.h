// One process at a time writes a database: the authority counts revs in memory, so a second writer
// would give them twice. Thread rule: made and dropped by the thread that owns the database.
#pragma once

#include <string>

#include "twinstore/result.h"

namespace twinstore {

// An exclusive lock on PATH.lock, held until destruction. The kernel drops it with the process, so
// a killed server leaves nothing behind that has to be cleaned up. The file itself stays.
class DatabaseLock {
 public:
  // Errors: StorageBusy when another process holds it, named by its number; StorageIo when the
  // lock file cannot be made.
  [[nodiscard]] static Result<DatabaseLock> take(const std::string& database_path);

  DatabaseLock() = default;  // holds nothing
  DatabaseLock(DatabaseLock&& other) noexcept;
  DatabaseLock& operator=(DatabaseLock&& other) noexcept;
  ~DatabaseLock();

 private:
  explicit DatabaseLock(int file) : file_(file) {}
  int file_ = -1;
};

}  // namespace twinstore
