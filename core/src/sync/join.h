// Two transactions of the same row as one, before either is sent. Thread rule: pure.
#pragma once

#include <optional>

#include "twinstore/change.h"
#include "twinstore/schema.h"

namespace twinstore {

// What the first saw and what the second left, counters summed; at the second's time. Nothing when
// they are not edits of the same one row, or the first changed a field that the second did not.
[[nodiscard]] std::optional<Mutation> join_mutations(const Schema& schema, const Mutation& first,
                                                     const Mutation& second);

}  // namespace twinstore
