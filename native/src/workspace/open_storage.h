// Which engine a database URL names. Nobody above it knows. Thread rule: as Storage.
#pragma once

#include <memory>

#include "config/database_url.h"
#include "twinstore/storage.h"

namespace twinstore {

// With its tables in this build's form, unless `is_read_only`. `schema` outlives the storage.
// Errors: as SqliteStorage::open and PostgresStorage::open.
[[nodiscard]] Result<std::unique_ptr<Storage>> open_storage(const Schema& schema,
                                                            const DatabaseLocation& location,
                                                            bool is_read_only);

}  // namespace twinstore
