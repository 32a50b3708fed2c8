// Brings a SQLite file to this build's form (migration.h). Thread rule: the connection's.
#pragma once

#include "storage/sqlite.h"
#include "twinstore/migration.h"
#include "twinstore/schema.h"

namespace twinstore {

// The form this build writes; PRAGMA user_version of the file.
[[nodiscard]] int storage_version();

// The steps that migrate() would take, in their order; none when the file has this form already.
// Reads alone. Errors: StorageTooNew when a newer build or a newer schema wrote the file;
// SchemaMismatch when the schema changed in a way that cannot be carried over; SQLite's own.
[[nodiscard]] Result<std::vector<MigrationStep>> plan_migration(Database& database,
                                                                const Schema& schema,
                                                                bool has_feed);
// Errors: the same.
[[nodiscard]] Result<void> migrate(Database& database, const Schema& schema, bool has_feed,
                                   const BeforeMigrationStep& before_step = {});

}  // namespace twinstore
