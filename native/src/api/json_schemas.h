// JSON Schemas (2020-12) of what the API takes and gives. Those of collections follow from the
// schema of the data, which is written once. Thread rule: pure functions.
#pragma once

#include <nlohmann/json.hpp>

#include "api/route.h"
#include "twinstore/schema.h"

namespace twinstore {

using JsonSchema = nlohmann::ordered_json;

[[nodiscard]] JsonSchema parameter_schema(const Parameter& parameter);
// An object with these members and no others.
[[nodiscard]] JsonSchema members_schema(const std::vector<Parameter>& members);

// A stored row: every field, and "rev".
[[nodiscard]] JsonSchema row_schema(const Collection& collection);
// A record that is handed in: any fields of the collection, and "base_rev". Those of `from_path`
// may be left out, since the path names them.
[[nodiscard]] JsonSchema record_schema(const Collection& collection,
                                       const std::vector<std::string>& from_path);

// RFC 9457, with "code", "request_id" and, where one is to blame, "field".
[[nodiscard]] JsonSchema problem_schema();
// Counts by collection; what statistics.h and persistence_reader.h count.
[[nodiscard]] JsonSchema row_counts_schema(const Schema& schema);
[[nodiscard]] JsonSchema sync_stats_schema();
[[nodiscard]] JsonSchema persistence_stats_schema(const Schema& schema);
[[nodiscard]] JsonSchema array_of(std::string_view schema_name);
[[nodiscard]] JsonSchema reference(std::string_view schema_name);
// An object whose members are all required, from [name, schema] pairs.
[[nodiscard]] JsonSchema object_of(const std::vector<std::pair<std::string, JsonSchema>>& members);

}  // namespace twinstore
