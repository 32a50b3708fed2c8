// Three-way merge of JSON documents, member by member (docs/sync.md, "json"). Thread rule: pure.
#pragma once

#include "base/json.h"

namespace twinstore {

struct MergedDocument {
  JsonValue value;
  bool is_lost = false;  // a member that local changed took the remote value
};

// Requires documents at most limits::json_depth_max deep; the result is no deeper.
[[nodiscard]] MergedDocument merge_json(const JsonValue& base, const JsonValue& local,
                                        const JsonValue& remote, bool is_local_later);

}  // namespace twinstore
