#include "refresh/auto_refresh_status.h"

#include "base/json.h"
#include "twinstore/time_text.h"

namespace twinstore {
namespace {

JsonValue idle_reason(RefreshIdle idle) {
  switch (idle) {
    case RefreshIdle::No: return nullptr;
    case RefreshIdle::Stopped: return "the service is stopped";
    case RefreshIdle::Disabled: return "auto-refresh is off";
    case RefreshIdle::NoSource: return "no repository is configured to be refreshed";
  }
  return nullptr;
}

}  // namespace

std::string AutoRefreshStatus::last_error() const {
  return state.last_check.error.empty() ? state.last_task_error : state.last_check.error;
}

std::string auto_refresh_status_json(const AutoRefreshStatus& status) {
  const AutoRefreshState& state = status.state;
  JsonValue counts{{"checks", state.checks}, {"stale_branches", state.last_check.stale_branches}};
  for (const auto& [name, count] : state.tasks) counts[name] = count;
  const std::string error = status.last_error();
  const bool has_next = status.is_running && state.is_enabled;
  const JsonValue root{
      {"running", status.is_running},
      {"auto_refresh_enabled", state.is_enabled},
      {"check_interval_minutes", status.check_interval_minutes},
      {"stale_threshold_hours", status.stale_threshold_hours},
      {"last_check_at",
       state.last_check_ms ? JsonValue(time_text(*state.last_check_ms)) : JsonValue(nullptr)},
      {"next_check_at", has_next ? JsonValue(time_text(state.next_check_ms)) : JsonValue(nullptr)},
      {"counts", std::move(counts)},
      {"last_error", error.empty() ? JsonValue(nullptr) : JsonValue(error)},
      {"idle_reason", idle_reason(status.idle)}};
  return root.dump(-1, ' ', false, JsonValue::error_handler_t::replace);
}

}  // namespace twinstore
