// Copies what one storage holds into another, of whichever engine: rows and tombstones with their
// versions, and records. Both are in a transaction of the caller's, `from` in one consistent state.
// Thread rule: both storages' thread. Next: backup.h for what is made of it.
#pragma once

#include "twinstore/storage.h"

namespace twinstore {

struct CopyCounts {
  int64_t rows = 0;
  int64_t tombstones = 0;
  int64_t records = 0;
};

// Requires of `to` that it holds nothing. Errors: as Storage, of either.
[[nodiscard]] Result<CopyCounts> copy_everything(Storage& from, Storage& to);

// Requires of `to` that it is a copy of an earlier state of `from`, with the head `after`. Counts
// what differed. Errors: as Storage, of either.
[[nodiscard]] Result<CopyCounts> copy_changes(const Schema& schema, Storage& from, Storage& to,
                                              Rev after);

}  // namespace twinstore
