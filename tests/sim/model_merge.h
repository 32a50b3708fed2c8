// What MERGE makes of three sides of one value, written down from docs/sync.md a second time.
// Thread rule: pure functions.
#pragma once

#include <optional>
#include <string>

#include "base/json.h"
#include "twinstore/schema.h"

namespace twinstore::sim {

struct ModelMerge {
  JsonValue value;
  bool is_lost = false;
};

[[nodiscard]] ModelMerge merge_three(MergeRule rule, const JsonValue& base, const JsonValue& local,
                                     const JsonValue& remote, bool is_local_later);

}  // namespace twinstore::sim
