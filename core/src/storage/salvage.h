// What can still be read of a damaged file. Thread rule: as Storage.
#pragma once

#include "twinstore/sqlite_storage.h"

namespace twinstore {

// Copies each row of `damaged` that can be read into `target`, a file that is not there yet, in one
// transaction; `damaged` is left as it is. Errors: StorageCorrupt when not one of the store's own
// records can be read, so that nothing would be known of what was to be sent; else as
// SqliteStorage::open of the target.
[[nodiscard]] Result<void> salvage_rows(const Schema& schema, const SqliteOptions& damaged,
                                        const SqliteOptions& target);

}  // namespace twinstore
