// From the schema to SQLite's tables: the SQL text of every statement the storage runs.
// A column's declared type names the field's type (TEXT_JSON, INT_BOOL, …), so that a reader of
// any query knows how to decode it; SQLite only takes the affinity from it
// (sqlite.org/datatype3.html#determination_of_column_affinity).
// Thread rule: pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "twinstore/schema.h"

namespace twinstore {

// Columns after a collection's own: the version of the row. Names that begin with an underscore
// are the store's; results leave them out unless a query renames them.
inline constexpr int version_columns = 3;  // _rev, _hlc, _stamps

// The declared type of a field's column.
[[nodiscard]] std::string_view column_type(FieldType type);
// ALTER TABLE for a field that a newer schema added.
[[nodiscard]] std::string add_column(const Collection& collection, const Field& field);
[[nodiscard]] std::string create_table(const Collection& collection);
struct TableIndex {
  std::string name;
  std::string create_sql;
};
// `has_feed`: whether others pull from this storage.
[[nodiscard]] std::vector<TableIndex> indexes_of(const Collection& collection, bool has_feed);
[[nodiscard]] std::string select_by_key(const Collection& collection);
[[nodiscard]] std::string replace_row(const Collection& collection);
[[nodiscard]] std::string delete_by_key(const Collection& collection);
// Parameters: rev, then the scope unless `is_all`.
[[nodiscard]] std::string select_changes(const Collection& collection, bool is_all);
[[nodiscard]] std::string select_scope(const Collection& collection, bool is_all);

}  // namespace twinstore
