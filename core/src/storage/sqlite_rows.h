// Rows out of SQLite: of a collection's table, whose columns tables.h lists, and of the tombstones.
// Thread rule: as the Statement passed in, which stands on a row.
#pragma once

#include "storage/sqlite.h"
#include "twinstore/schema.h"

namespace twinstore {

// Errors: StorageCorrupt for a malformed time or stamps.
[[nodiscard]] Result<RowVersion> read_row(const Collection& collection, const Statement& statement);

// All columns that read_tombstone reads, the first of them the collection's name; `rest` is a WHERE
// and an ORDER BY.
[[nodiscard]] std::string select_tombstones(std::string_view rest);
[[nodiscard]] Result<RowVersion> read_tombstone(const Collection& collection,
                                                const Statement& statement);

}  // namespace twinstore
