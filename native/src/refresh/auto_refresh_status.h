// What an AutoRefreshService says of itself. Thread rule: plain values.
#pragma once

#include <string>
#include <string_view>

#include "twinstore/auto_refresh_state.h"

namespace twinstore {

// Why stale branches are not refreshed by themselves.
enum class RefreshIdle : uint8_t { No, Stopped, Disabled, NoSource };

struct AutoRefreshStatus {
  bool is_running = false;  // on this node
  int64_t check_interval_minutes = 0;
  double stale_threshold_hours = 0;
  RefreshIdle idle = RefreshIdle::No;
  AutoRefreshState state;  // of all nodes

  // The newest failure: of the last check, else of a task; empty: there is none.
  [[nodiscard]] std::string last_error() const;
};

// {"running","auto_refresh_enabled","check_interval_minutes","stale_threshold_hours",
// "last_check_at","next_check_at","counts":{"checks","stale_branches","queued","running","done",
// "failed","cancelled"},"last_error","idle_reason"}
[[nodiscard]] std::string auto_refresh_status_json(const AutoRefreshStatus& status);

}  // namespace twinstore
