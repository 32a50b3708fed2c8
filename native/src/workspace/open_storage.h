// Which engine a database URL names. Nobody above it knows. Thread rule: as Storage.
#pragma once

#include <memory>
#include <vector>

#include "config/database_url.h"
#include "twinstore/migration.h"
#include "twinstore/storage.h"

namespace twinstore {

// With its tables in this build's form, unless `is_read_only`. `schema` outlives the storage.
// Errors: as SqliteStorage::open and PostgresStorage::open.
[[nodiscard]] Result<std::unique_ptr<Storage>> open_storage(const Schema& schema,
                                                            const DatabaseLocation& location,
                                                            bool is_read_only);

// The steps by which open_storage() would bring the database to this build's form; none when it has
// it. Writes nothing, and makes no file where there is none. Errors: as the engines'
// plan_migration; Unavailable for a server that does not answer.
[[nodiscard]] Result<std::vector<MigrationStep>> plan_storage(const Schema& schema,
                                                              const DatabaseLocation& location);

}  // namespace twinstore
