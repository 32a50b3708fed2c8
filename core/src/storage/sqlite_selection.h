// A Selection as statements of SQLite, bound and ready to be stepped.
// Thread rule: the database's thread.
#pragma once

#include "storage/sqlite.h"
#include "twinstore/schema.h"
#include "twinstore/selection.h"

namespace twinstore {

// Each row: the fields of the collection, then _rev, _hlc, _stamps. Errors: as sqlite_error.
[[nodiscard]] Result<Statement> select_statement(Database& database, const Collection& collection,
                                                 const Selection& selection);
// One row with one number. Errors: as sqlite_error.
[[nodiscard]] Result<Statement> count_statement(Database& database, const Collection& collection,
                                                const Selection& selection);

}  // namespace twinstore
