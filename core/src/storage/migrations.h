// Brings a SQLite file to this build's form: numbered, append-only steps for the store's own
// tables, then the schema's collections, which only grow.
// Thread rule: runs on the connection's thread, inside one transaction.
#pragma once

#include "storage/sqlite.h"
#include "twinstore/schema.h"

namespace twinstore {

// The form this build writes; PRAGMA user_version of the file.
[[nodiscard]] int storage_version();

// Writes nothing when the file has this form already. Errors: StorageTooNew, SchemaMismatch, and
// SQLite's own.
[[nodiscard]] Result<void> migrate(Database& database, const Schema& schema, bool has_feed);

}  // namespace twinstore
