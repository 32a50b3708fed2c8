#include "twinstore/refresh_tasks.h"

#include <algorithm>
#include <cstdlib>

#include "services/refresh_task_row.h"

namespace twinstore {
namespace {

namespace at = task_field;

}  // namespace

Result<RefreshTask> RefreshTasks::get(std::string_view task_id) {
  TWINSTORE_TRY(const auto row,
                load_row(storage_, refresh_tasks_of(schema_), {std::string(task_id)}));
  if (!row || row->is_deleted()) {
    return Error{ErrorCode::NotFound, "there is no such refresh task"};
  }
  return task_of(*row);
}

Result<std::vector<RefreshTask>> RefreshTasks::list(size_t tasks_max, std::string_view repo_id) {
  std::vector<RefreshTask> found;
  Selection of_repository;
  if (!repo_id.empty()) of_repository.equal = {{at::repo_id, std::string(repo_id)}};
  for (const TaskState state : {TaskState::Running, TaskState::Queued}) {
    Selection open = of_repository;
    open.equal.emplace_back(at::state, state_value(state));
    open.order = {at::due_at};
    open.rows_max = tasks_max - found.size();
    if (open.rows_max == 0) return found;
    TWINSTORE_TRY(auto some, select(open));
    std::ranges::move(some, std::back_inserter(found));
  }
  Selection over = of_repository;
  over.order = {at::finished_at};
  over.is_descending = true;
  over.rows_max = tasks_max - found.size();
  if (over.rows_max == 0) return found;
  TWINSTORE_TRY(auto some, select(over));
  std::ranges::move(some, std::back_inserter(found));
  return found;
}

Result<std::vector<RefreshTask>> RefreshTasks::select(const Selection& selection) {
  std::vector<RefreshTask> found;
  TWINSTORE_TRY_VOID(storage_.select(refresh_tasks_of(schema_), selection,
                                     [&](const Collection&, RowVersion&& row) {
                                       found.push_back(task_of(row));
                                       return true;
                                     }));
  return found;
}

Result<std::optional<int64_t>> RefreshTasks::next_due() {
  Selection queued;
  queued.equal = {{at::state, state_value(TaskState::Queued)}};
  queued.order = {at::due_at};
  queued.rows_max = 1;
  TWINSTORE_TRY(const auto first, select(queued));
  std::optional<int64_t> next;
  if (!first.empty()) next = first[0].due_ms;
  Selection running;
  running.equal = {{at::state, state_value(TaskState::Running)}};
  running.order = {at::due_at};
  TWINSTORE_TRY(const auto held, select(running));
  for (const RefreshTask& task : held) {
    const int64_t expires = task.lease_expires_ms.value_or(0);
    next = std::min(next.value_or(expires), expires);
  }
  return next;
}

Result<bool> RefreshTasks::has_open(std::string_view repo_id, std::string_view branch_name) {
  Selection selection;
  selection.equal = {{at::repo_id, std::string(repo_id)},
                     {at::branch_name, std::string(branch_name)}};
  selection.order = {at::requested_at};
  TWINSTORE_TRY(const auto found, select(selection));
  return std::ranges::any_of(found,
                             [](const RefreshTask& task) { return is_open_task(task.state); });
}

Result<std::optional<int64_t>> RefreshTasks::newest_request(std::string_view repo_id,
                                                            std::string_view branch_name) {
  Selection selection;
  selection.equal = {{at::repo_id, std::string(repo_id)},
                     {at::branch_name, std::string(branch_name)}};
  selection.order = {at::requested_at};
  selection.is_descending = true;
  selection.rows_max = 1;
  TWINSTORE_TRY(const auto found, select(selection));
  if (found.empty()) return std::optional<int64_t>{};
  return std::optional(found[0].requested_ms);
}

Result<int64_t> RefreshTasks::next_check(int64_t interval_ms) {
  TWINSTORE_TRY(const auto last,
                storage_.get(refresh_record::space, refresh_record::last_check_ms));
  TWINSTORE_TRY(const auto at_once,
                storage_.get(refresh_record::space, refresh_record::check_at_once));
  if (!last || at_once) return clock_.now_ms();
  // A clock that was put back must not put the next check off for as long.
  return std::min<int64_t>(std::strtoll(last->c_str(), nullptr, 10), clock_.now_ms()) + interval_ms;
}

}  // namespace twinstore
