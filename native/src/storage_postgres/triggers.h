// The triggers that capture what other programs write straight into the tables: a function for each
// collection, which knows its columns, over those of external_writes.sql.
// Thread rule: pure functions.
#pragma once

#include <string>

#include "twinstore/schema.h"

namespace twinstore::postgres {

// Idempotent: replaces what an earlier schema made.
[[nodiscard]] std::string create_triggers(const Collection& collection);

}  // namespace twinstore::postgres
