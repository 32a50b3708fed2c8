// Brings a database to this build's form (migration.h). Nodes that start at once take turns, and
// nodes of an earlier build go on meanwhile: nothing that they use is taken away.
// Thread rule: the connection's.
#pragma once

#include "storage_postgres/connection.h"
#include "twinstore/migration.h"
#include "twinstore/schema.h"

namespace twinstore::postgres {

// The form this build writes.
[[nodiscard]] int storage_version();

// The steps that migrate() would take, in their order; none when the database is in this build's
// form. Reads alone. Errors: StorageTooNew when a newer build or a newer schema wrote the database;
// SchemaMismatch when the schema changed in a way that cannot be carried over; else as Connection.
[[nodiscard]] Result<std::vector<MigrationStep>> plan_migration(Connection& connection,
                                                                const Schema& schema);
// Errors: the same.
[[nodiscard]] Result<void> migrate(Connection& connection, const Schema& schema,
                                   const BeforeMigrationStep& before_step = {});

// Lets a role that owns nothing read and write rows, and nothing else: what a server runs as.
// Errors: InvalidArgument for a name; Unavailable for who is not the owner; as postgres_error.
[[nodiscard]] Result<void> grant(Connection& connection, const Schema& schema,
                                 std::string_view role);

}  // namespace twinstore::postgres
