// resolve: the one pure function that decides what a change does to a row. The server calls it on
// push, a replica on replay, and services for data from a backend, so all of them agree.
// The full table of outcomes stands in docs/sync.md. Thread rule: pure.
// Next: conflict_rows.h for what becomes of its losers.
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
  // Fields of the change, ascending: those that did not take effect; those that replaced a value
  // that the writer had not seen; those that a rule made of both sides; those that wait for a
  // decision while the row keeps the stored value.
  std::vector<uint16_t> lost;
  std::vector<uint16_t> replaced;
  std::vector<uint16_t> merged;
  std::vector<uint16_t> conflicts;
  // A deletion met a version, or an edit a deletion, that its writer had not seen.
  bool is_whole_row = false;
};

// `stamp` is the time at which the change counts as made. `stored` is null when the row never
// existed here. Errors (a rejection, the row stays): RowMissing for an update of a row that never
// existed; AppendOnly; ScopeChanged; MissingField for an insert without a required field;
// ValueTooLong for a row of more than 2 MiB.
[[nodiscard]] Result<Resolution> resolve(const Collection& collection, const Change& change,
                                         const HybridTime& stamp, const RowVersion* stored);

}  // namespace twinstore
