// The authority's side of `_conflicts`: which conflicts of a row are open, how a decision closes
// one, and how many closed ones a scope keeps.
// Invariants: (1) a conflict is open if and only if it stands in the index of open ones; (2) the
// index in memory is the stored one as long as its mark is the stored mark, which changes with it.
// Thread rule: the authority's.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sync/conflict_rows.h"
#include "twinstore/clock.h"
#include "twinstore/storage.h"

namespace twinstore {

// A writer's decision about a stored conflict.
struct Closing {
  RowVersion conflict;
  std::string resolution;  // local, remote, merged
  bool is_seen = false;    // the writer decided about the conflict as it is stored
};

// Reads a change of `_conflicts`; `stored` is the conflict that it names. Nothing when that is gone
// or already resolved. Errors: Forbidden for a change that is not a decision.
[[nodiscard]] Result<std::optional<Closing>> read_closing(const Change& change,
                                                          const HybridTime& stamp,
                                                          const RowVersion* stored);

class ConflictLog {
 public:
  ConflictLog(const Schema& schema, Storage& storage, Clock& clock);

  // Reads the index again. Errors: as Storage.
  [[nodiscard]] Result<void> reload();
  // Reads it again when somebody else has changed it. Errors: as Storage.
  [[nodiscard]] Result<void> catch_up();

  // The rows of `_conflicts` that one mutation makes or changes, for the caller to save with the
  // next revs, the first of them after `head`. `saved` are the rows that the mutation changed, as
  // they are now. A closing whose row met a conflict again, or that was made without having seen
  // the conflict, stays open.
  [[nodiscard]] Result<std::vector<RowVersion>> update(const std::vector<Meeting>& meetings,
                                                       const std::vector<Closing>& closings,
                                                       const std::map<RowId, RowVersion>& saved,
                                                       const HybridTime& stamp, Rev head);

 private:
  using Rows = std::map<std::string, RowVersion>;  // by id
  [[nodiscard]] std::vector<std::string> open_ids(const std::string& row) const;
  Result<RowVersion> conflict(const Rows& rows, const std::string& id) const;
  Result<void> open(const Meeting& meeting, const std::vector<Closing>& closings, Rows& rows);
  Result<void> close(const Closing& closing, const HybridTime& stamp, Rows& rows);
  Result<void> refresh(const RowId& id, const RowVersion& row, const HybridTime& stamp, Rows& rows);
  Result<void> keep_closed(const RowVersion& conflict, Rows& rows);

  const Schema& schema_;
  Storage& storage_;
  Clock& clock_;
  std::set<std::string, std::less<>> open_;  // keys of the index
  std::optional<std::string> mark_;
  bool is_changed_ = false;  // by the update under way
};

}  // namespace twinstore
