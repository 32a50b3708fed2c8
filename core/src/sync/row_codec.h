// Rows to JSON and back: one block for each collection, with a column header and rows as arrays.
// Columns go by name, so that replicas with neighbouring schemas understand each other.
// Thread rule: pure functions.
#pragma once

#include "base/json.h"
#include "twinstore/protocol.h"

namespace twinstore {

// "blocks":[{"collection","columns":[…],"rows":[[rev,hlc,stamps,…values],…]},
//           {"collection","deleted":[[rev,deleted_at,scope,…key],…]}]
void append_blocks(std::string& out, const Schema& schema, const std::vector<RowChange>& rows);
[[nodiscard]] Result<std::vector<RowChange>> read_blocks(const Schema& schema,
                                                         const JsonValue& blocks);

// About how many bytes append_blocks writes for a row.
[[nodiscard]] size_t encoded_bytes(const RowVersion& row);

}  // namespace twinstore
