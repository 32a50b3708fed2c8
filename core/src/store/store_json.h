// What a store tells of itself, as JSON texts. Thread rule: pure functions.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "twinstore/replica.h"

namespace twinstore {

// A row's values by field name, documents as JSON.
[[nodiscard]] JsonValue row_json(const Collection& collection, const Record& values);

// As Store::preview_json.
[[nodiscard]] std::string preview_json(const Schema& schema,
                                       const std::vector<PreviewedWrite>& writes);

}  // namespace twinstore
