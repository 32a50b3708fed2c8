#include "twinstore/auto_refresh_state.h"

#include <cstdlib>

#include "base/json.h"
#include "twinstore/refresh_tasks.h"

namespace twinstore {
namespace {

namespace at = task_field;

Result<std::string> failure_of(RefreshTasks& tasks) {
  Selection failed;
  failed.equal = {{at::state, std::string(task_state_text(TaskState::Failed))}};
  failed.order = {at::due_at};
  failed.is_descending = true;
  failed.rows_max = 1;
  TWINSTORE_TRY(const auto found, tasks.select(failed));
  return found.empty() ? std::string() : found.front().last_error;
}

Result<void> read_checks(Storage& storage, AutoRefreshState& state) {
  TWINSTORE_TRY(const auto text, storage.get(refresh_record::space, refresh_record::checks));
  if (!text) return {};
  TWINSTORE_TRY(const JsonValue checks, parse_json(*text));
  TWINSTORE_TRY(state.checks, json_integer(checks, "checks"));
  TWINSTORE_TRY(state.last_check.stale_branches, json_integer(checks, "stale_branches"));
  TWINSTORE_TRY(state.last_check.queued, json_integer(checks, "queued"));
  TWINSTORE_TRY(state.last_check.error, json_text(checks, "error"));
  return {};
}

}  // namespace

Result<bool> is_auto_refresh_enabled(Storage& storage, bool is_enabled_default) {
  TWINSTORE_TRY(const auto said, storage.get(refresh_record::space, refresh_record::is_enabled));
  return said ? *said == "1" : is_enabled_default;
}

Result<void> set_auto_refresh_enabled(Storage& storage, bool is_enabled) {
  TWINSTORE_TRY(const bool was_enabled, is_auto_refresh_enabled(storage, false));
  if (is_enabled && !was_enabled) {
    TWINSTORE_TRY_VOID(storage.put(refresh_record::space, refresh_record::check_at_once, "1"));
  }
  return storage.put(refresh_record::space, refresh_record::is_enabled, is_enabled ? "1" : "0");
}

Result<void> note_check(Storage& storage, const CheckReport& report) {
  AutoRefreshState before;
  TWINSTORE_TRY_VOID(read_checks(storage, before));
  const JsonValue checks{{"checks", before.checks + 1},
                         {"stale_branches", report.stale_branches},
                         {"queued", report.queued},
                         {"error", report.error}};
  return storage.put(refresh_record::space, refresh_record::checks,
                     checks.dump(-1, ' ', false, JsonValue::error_handler_t::replace));
}

Result<AutoRefreshState> read_auto_refresh_state(const Schema& schema, Storage& storage,
                                                 Clock& clock, int64_t interval_ms,
                                                 bool is_enabled_default) {
  AutoRefreshState state;
  TWINSTORE_TRY(state.is_enabled, is_auto_refresh_enabled(storage, is_enabled_default));
  TWINSTORE_TRY(const auto last, storage.get(refresh_record::space, refresh_record::last_check_ms));
  if (last) state.last_check_ms = std::strtoll(last->c_str(), nullptr, 10);
  RefreshTasks tasks(schema, storage, clock);
  TWINSTORE_TRY(state.next_check_ms, tasks.next_check(interval_ms));
  TWINSTORE_TRY_VOID(read_checks(storage, state));
  for (const TaskState each : {TaskState::Queued, TaskState::Running, TaskState::Done,
                               TaskState::Failed, TaskState::Cancelled}) {
    Selection of_state;
    of_state.equal = {{at::state, std::string(task_state_text(each))}};
    TWINSTORE_TRY(state.tasks[std::string(task_state_text(each))],
                  storage.count(refresh_tasks_of(schema), of_state));
  }
  TWINSTORE_TRY(state.last_task_error, failure_of(tasks));
  return state;
}

}  // namespace twinstore
