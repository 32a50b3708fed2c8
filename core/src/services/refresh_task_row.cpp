#include "services/refresh_task_row.h"

#include "base/json.h"
#include "twinstore/time_text.h"

namespace twinstore {
namespace {

namespace at = task_field;

std::optional<int64_t> time_of(const RowVersion& row, uint16_t field) {
  const auto parsed = parse_time(task_text(row, field));
  return parsed.ok() ? std::optional(parsed.value()) : std::nullopt;
}

JsonValue text_or_null(const std::string& text) {
  return text.empty() ? JsonValue(nullptr) : JsonValue(text);
}

JsonValue time_or_null(const std::optional<int64_t>& ms) {
  return ms ? JsonValue(time_text(*ms)) : JsonValue(nullptr);
}

}  // namespace

RefreshTask task_of(const RowVersion& row) {
  RefreshTask task;
  task.id = task_text(row, at::id);
  task.repo_id = task_text(row, at::repo_id);
  task.branch_name = task_text(row, at::branch_name);
  task.cause = task_text(row, at::cause);
  task.state = parse_task_state(task_text(row, at::state)).value_or(TaskState::Failed);
  task.requested_ms = time_of(row, at::requested_at).value_or(0);
  task.due_ms = time_of(row, at::due_at).value_or(0);
  task.started_ms = time_of(row, at::started_at);
  task.finished_ms = time_of(row, at::finished_at);
  if (const auto* count = std::get_if<int64_t>(&row.values[at::attempts])) task.attempts = *count;
  task.last_error = task_text(row, at::last_error);
  task.analyzed_commit = task_text(row, at::analyzed_commit);
  task.lease_owner = task_text(row, at::lease_owner);
  task.lease_expires_ms = time_of(row, at::lease_expires_at);
  return task;
}

std::string task_json(const RefreshTask& task) {
  const JsonValue root{{"task_id", task.id},
                       {"repo_id", task.repo_id},
                       {"branch_name", task.branch_name},
                       {"cause", task.cause},
                       {"state", task_state_text(task.state)},
                       {"requested_at", time_text(task.requested_ms)},
                       {"due", time_text(task.due_ms)},
                       {"started_at", time_or_null(task.started_ms)},
                       {"finished_at", time_or_null(task.finished_ms)},
                       {"attempts", task.attempts},
                       {"last_error", text_or_null(task.last_error)},
                       {"analyzed_commit", text_or_null(task.analyzed_commit)}};
  return root.dump();
}

Value state_value(TaskState state) { return std::string(task_state_text(state)); }

}  // namespace twinstore
