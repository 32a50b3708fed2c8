// Brings a database to this build's form: numbered, append-only steps for the store's own tables,
// then the schema's collections, which only grow. Nodes that start at once take turns.
// Thread rule: the connection's.
#pragma once

#include "storage_postgres/connection.h"
#include "twinstore/schema.h"

namespace twinstore::postgres {

// The form this build writes.
[[nodiscard]] int storage_version();

// Errors: StorageTooNew when a newer build or a newer schema wrote the database; SchemaMismatch
// when the schema changed in a way that cannot be carried over; else as Connection.
[[nodiscard]] Result<void> migrate(Connection& connection, const Schema& schema);

}  // namespace twinstore::postgres
