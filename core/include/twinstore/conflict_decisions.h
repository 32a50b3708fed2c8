// Open conflicts as a list, and deciding them on the server: for services and the REST API.
// Thread rule: reading, the storage's thread; deciding, the authority's, inside a transaction that
// the caller has begun. Next: synchronization.h, which has a transaction for each call.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "twinstore/own_writes.h"
#include "twinstore/storage.h"

namespace twinstore {

// Rows of `_conflicts` that are open, in the order of their detection (then by id); a conflict's
// index is its place here. Errors: as Storage.
[[nodiscard]] Result<std::vector<RowVersion>> open_conflict_rows(const Schema& schema,
                                                                 Storage& storage);

// One text for a list of them: another list, or the same with another side, has another one.
[[nodiscard]] std::string conflict_list_mark(const std::vector<RowVersion>& conflicts);

// By its place in the list as it is now, or by its stable id.
using ConflictName = std::variant<size_t, std::string>;

struct ConflictDecision {
  enum class Side : uint8_t { Local, Remote, Merged };
  Side side = Side::Local;
  std::string merged_json{};  // with Merged: an object with values by field name
};

// Decides as `source`, which is noted in the conflict: what was chosen is an ordinary change of the
// row as it is now. Errors, with nothing written: NotFound for an index past the end or an unknown
// id; PreconditionFailed when it is resolved already, or when `expected_mark` is not that of the
// list; InvalidArgument without a merged object; those of the merged values; as Storage.
[[nodiscard]] Result<Outcome> decide_conflict(
    OwnWrites& writes, const ConflictName& name, const ConflictDecision& decision,
    std::string_view source, const std::optional<std::string>& expected_mark = std::nullopt);

}  // namespace twinstore
