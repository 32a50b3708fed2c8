// Writes of this device that the authority refused: rows of `_rejected_writes`, which stay here
// until somebody decides. docs/sync.md describes their fields. Thread rule: pure functions. Next:
// edit.h for deciding about one.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "twinstore/edit.h"

namespace twinstore {

// The fields of `_rejected_writes`, in the order of core/schema/system.json.
namespace rejected_field {
enum : uint16_t { id, scope, code, message, made_at, rejected_at, changes };
}  // namespace rejected_field

[[nodiscard]] const Collection& rejected_writes_of(const Schema& schema);

// The row that tells of a refused mutation: what each change saw, what it wrote, and what stands
// there. `read` gives the authority's row as it is known here. Errors: those of reading.
using ReadRow = std::function<Result<std::optional<RowVersion>>(const RowId&)>;
[[nodiscard]] Result<RowVersion> rejected_write(const Schema& schema, const Mutation& mutation,
                                                const Outcome& outcome, int64_t now_ms,
                                                const ReadRow& read);

// The edits that a decision about `rejected`, the row that it names, asks for: those of the refused
// write with "local" and "merged", none with "remote". Errors: NotFound; InvalidArgument for merged
// values of a write that deletes, or that changes several rows; those of the values.
[[nodiscard]] Result<std::vector<Edit>> edits_of_rejected(const Schema& schema,
                                                          const Edit& decision,
                                                          const RowVersion* rejected);

}  // namespace twinstore
