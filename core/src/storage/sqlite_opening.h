// From a file to a database that can be worked with. Thread rule: as Database.
#pragma once

#include "storage/sqlite.h"
#include "twinstore/sqlite_storage.h"

namespace twinstore {

// With its tables in the form of this build and of the schema. Errors: as SqliteStorage::open.
[[nodiscard]] Result<Database> open_database(const Schema& schema, const SqliteOptions& options);

}  // namespace twinstore
