// Rows between their columns and RowVersion, and statements that carry many of them.
// Thread rule: pure functions.
#pragma once

#include <span>

#include "storage_postgres/connection.h"

namespace twinstore::postgres {

// The fields from `column` on, then _rev, _hlc, _stamps. Errors: StorageCorrupt.
[[nodiscard]] Result<RowVersion> read_row(const Collection& collection, const Rows& result, int row,
                                          int column);
// Adds to the parameters one array for each field, then those of the version.
void add_rows(Parameters& parameters, const Collection& collection,
              std::span<const RowVersion* const> rows);
// Adds one array for each key field.
void add_keys(Parameters& parameters, const Collection& collection,
              std::span<const Key* const> keys);

// Tombstones: the queries, and the row that a result of `load` or of a walk describes.
inline constexpr int tombstone_columns = 8;
struct TombstoneQueries {
  Query load;    // $2 the collection, $3 keys as index_text
  Query save;    // $2… arrays: collection, key, scope, rev, deleted_at, hlc, stamps, image
  Query remove;  // $2 collections, $3 keys
  Query by_rev;  // $2 revs
  Query scope_all;
  Query scope;  // $2
  Query old;    // deleted before $2
};
[[nodiscard]] const TombstoneQueries& tombstone_queries();
// Nothing for a collection that the schema does not know.
[[nodiscard]] const Collection* tombstone_collection(const Schema& schema, const Rows& result,
                                                     int row);
[[nodiscard]] Result<RowVersion> read_tombstone(const Collection& collection, const Rows& result,
                                                int row);
void add_tombstones(Parameters& parameters, const Schema& schema,
                    std::span<const std::pair<RowId, const RowVersion*>> rows);
// One array of collections, one of keys.
void add_tombstone_keys(Parameters& parameters, const Schema& schema, std::span<const RowId> rows);

}  // namespace twinstore::postgres
