// What is remembered of auto-refresh beside its tasks: whether it is on, and what its checks found.
// It stands in the database, so that it outlives a server and all nodes say the same.
// Thread rule: the storage's thread; the functions that write need a transaction.
// Next: refresh_tasks.h, native's refresh/auto_refresh_service.h.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "twinstore/clock.h"
#include "twinstore/schema.h"
#include "twinstore/storage.h"

namespace twinstore {

// What one look at all branches came to.
struct CheckReport {
  int64_t stale_branches = 0;
  int64_t queued = 0;  // tasks that it made
  std::string error;   // the first failure; empty: none
};

struct AutoRefreshState {
  bool is_enabled = false;
  std::optional<int64_t> last_check_ms;
  int64_t next_check_ms = 0;
  int64_t checks = 0;
  CheckReport last_check;                // its last result
  std::map<std::string, int64_t> tasks;  // how many are in each state
  std::string last_task_error;           // of a task that failed; empty: there is none
};

// Errors of each: as Storage.

// `is_enabled_default`: while nobody has said.
[[nodiscard]] Result<bool> is_auto_refresh_enabled(Storage& storage, bool is_enabled_default);
// Switched on, its next check is due at once.
[[nodiscard]] Result<void> set_auto_refresh_enabled(Storage& storage, bool is_enabled);
[[nodiscard]] Result<void> note_check(Storage& storage, const CheckReport& report);
[[nodiscard]] Result<AutoRefreshState> read_auto_refresh_state(const Schema& schema,
                                                               Storage& storage, Clock& clock,
                                                               int64_t interval_ms,
                                                               bool is_enabled_default);

}  // namespace twinstore
