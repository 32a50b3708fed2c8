// Records in the bodies of requests, checked field by field, so that a refusal names its field.
// Thread rule: pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/arguments.h"
#include "base/json.h"
#include "twinstore/ingest.h"

namespace twinstore {

// Fields of a record that the path of its request names, with their values: a body may leave them
// out, and must not say otherwise.
using PathFields = std::vector<std::pair<std::string, std::string>>;

struct BodyRecord {
  std::optional<IngestRecord> record;  // or
  std::optional<ArgumentError> wrong;
};

// `where` stands before the names of fields: "branches[3].".
[[nodiscard]] BodyRecord read_body_record(const Schema& schema, std::string_view collection,
                                          JsonValue body, const PathFields& from_path,
                                          const std::string& where = {});

struct BodyRecords {
  std::vector<IngestRecord> records;
  std::optional<ArgumentError> wrong;
};

// {"NAME":[record…]}, from 1 to limits::rest_rows_max of them.
[[nodiscard]] BodyRecords read_body_records(const Schema& schema, std::string_view collection,
                                            JsonValue body, std::string_view name,
                                            const PathFields& from_path);

}  // namespace twinstore
