// The tables that a statement reads, as its compiled program says: SQLite's authorizer is not asked
// about every one of them (a table named only by USING, for one).
// Thread rule: the connection's thread.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "storage/sqlite.h"

namespace twinstore {

// Names of tables, also of those read through an index alone; sqlite_schema stands for SQLite's own
// table. Virtual and temporary tables are left out. `sql` is one statement. Errors: as
// sqlite_error.
[[nodiscard]] Result<std::set<std::string>> tables_read(Database& database, std::string_view sql);

}  // namespace twinstore
