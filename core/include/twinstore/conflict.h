// resolve: the one pure function that decides what a change does to a row. The server calls it on
// push, a replica on replay, and services for data from a backend, so all of them agree.
// The full table of outcomes stands in docs/sync.md. Thread rule: pure.
#pragma once

#include <optional>
#include <vector>

#include "twinstore/change.h"
#include "twinstore/result.h"
#include "twinstore/schema.h"

namespace twinstore {

struct Resolution {
  OutcomeStatus status = OutcomeStatus::Applied;
  // The row as it is to be stored; nothing when the stored one stays as it is. Its rev is that of
  // the stored row: whoever commits gives it the next.
  std::optional<RowVersion> row;
  // Fields of the change that did not take effect.
  std::vector<uint16_t> lost;
};

// `stamp` is the time at which the change counts as made. `stored` is null when the row never
// existed here. Errors (a rejection, the row stays): RowMissing for an update of a row that never
// existed; AppendOnly; ScopeChanged; MissingField for an insert without a required field.
[[nodiscard]] Result<Resolution> resolve(const Collection& collection, const Change& change,
                                         const HybridTime& stamp, const RowVersion* stored);

}  // namespace twinstore
