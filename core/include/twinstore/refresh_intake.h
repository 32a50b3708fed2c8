// Which branches need a task: marking them, and making tasks of marks and of what a check found.
// Thread rule: the storage's thread; the functions that write need the authority's, and a
// transaction. Next: refresh_task_writer.h.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "twinstore/refresh_task_writer.h"

namespace twinstore {

// The branch is stale from now until it is analysed. Errors: NotFound for one that is not stored;
// UnknownCollection; as Storage.
[[nodiscard]] Result<void> mark_for_refresh(OwnWrites& writes, std::string_view repo_id,
                                            std::string_view branch_name);

struct MarkedBranch {
  std::string repo_id;
  std::string branch_name;
  int64_t requested_ms = 0;
  bool is_answered = false;  // analysed since: the mark can go
};

// Marks that somebody must do something about, the oldest first, at most `branches_max`: they have
// been answered, or no task was made since. Errors: UnknownCollection for a schema without
// branches; as Storage.
[[nodiscard]] Result<std::vector<MarkedBranch>> read_marks(const Schema& schema, Storage& storage,
                                                           Clock& clock, size_t branches_max);

// Does it: removes marks that were answered, and queues a task for each of the others. A mark from
// a clock that runs ahead is set back to now, lest it outlive every analysis made before then.
// Returns how many tasks were queued. Errors: as read_marks.
[[nodiscard]] Result<size_t> take_marks(OwnWrites& writes, RefreshTaskWriter& scheduler,
                                        size_t branches_max);

// Queues a task for each branch that has none which waits or runs. Returns how many. Errors: as
// Storage.
[[nodiscard]] Result<size_t> take_stale(RefreshTaskWriter& scheduler, std::string_view repo_id,
                                        std::span<const std::string> branch_names);

}  // namespace twinstore
