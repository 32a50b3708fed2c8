#include "twinstore/refresh_task_writer.h"

#include <algorithm>
#include <array>
#include <set>

#include "base/json.h"
#include "base/sha256.h"
#include "services/refresh_task_row.h"
#include "twinstore/time_text.h"

namespace twinstore {
namespace {

namespace at = task_field;
constexpr size_t id_hash_bytes = 16;

// Cut at a character, as an error may hold any text.
std::string bounded(std::string_view why) {
  if (!is_accepted_text(why)) return "the failure has no readable text";
  if (why.size() <= limits::refresh_error_bytes_max) return std::string(why);
  size_t end = limits::refresh_error_bytes_max;
  while ((static_cast<unsigned char>(why[end]) & 0xC0) == 0x80) --end;
  return std::string(why.substr(0, end));
}

}  // namespace

int64_t RefreshTaskWriter::now_ms() { return writes_.authority().clock().now_ms(); }

const Collection& RefreshTaskWriter::collection() {
  return refresh_tasks_of(writes_.authority().schema());
}

std::string RefreshTaskWriter::new_id() {
  std::array<uint8_t, id_hash_bytes> bytes{};
  ids_.fill(bytes);
  return hex_text(sha256({reinterpret_cast<const char*>(bytes.data()), bytes.size()}),
                  id_hash_bytes);
}

Result<std::string> RefreshTaskWriter::schedule_refresh(std::string_view repo_id,
                                                        std::string_view branch_name,
                                                        int64_t delay_minutes,
                                                        std::string_view cause) {
  if (delay_minutes < 0 || delay_minutes > limits::refresh_delay_minutes_max) {
    return Error{ErrorCode::InvalidArgument, "a delay is 0 to 527,040 minutes"};
  }
  for (const auto& [field, name] :
       {std::pair(at::repo_id, repo_id), {at::branch_name, branch_name}}) {
    const Field& type = collection().fields[field];
    if (name.empty()) return Error{ErrorCode::MissingField, type.name + " is empty"};
    if (name.size() > type.bytes_max) {
      return Error{ErrorCode::ValueTooLong, type.name + " is longer than a task can name"};
    }
  }
  std::string id = new_id();
  TWINSTORE_TRY_VOID(writes_.write(schedule_edit(writes_.authority().schema(), id, repo_id,
                                                 branch_name, cause, now_ms(), delay_minutes)));
  return id;
}

Result<void> RefreshTaskWriter::change(std::string_view task_id, Fields fields) {
  Edit edit;
  edit.collection = collection().position;
  edit.key = {std::string(task_id)};
  edit.fields = std::move(fields);
  std::ranges::sort(edit.fields, {}, &std::pair<uint16_t, Value>::first);
  TWINSTORE_TRY_VOID(writes_.write(edit));
  return {};
}

Result<void> RefreshTaskWriter::cancel_refresh(std::string_view task_id) {
  TWINSTORE_TRY(const RefreshTask task, tasks().get(task_id));
  if (!is_open_task(task.state)) {
    return Error{ErrorCode::PreconditionFailed, "the refresh task is over already"};
  }
  return change(task_id, {{at::state, state_value(TaskState::Cancelled)},
                          {at::finished_at, time_text(now_ms())}});
}

Result<size_t> RefreshTaskWriter::cleanup_completed_tasks(int64_t finished_before_ms,
                                                          size_t tasks_max) {
  Selection old;
  old.bounds = {{at::finished_at, Selection::Side::Below, time_text(finished_before_ms)}};
  old.order = {at::finished_at};
  old.rows_max = tasks_max;
  TWINSTORE_TRY(const auto found, tasks().select(old));
  for (const RefreshTask& task : found) {
    Edit edit;
    edit.collection = collection().position;
    edit.kind = EditKind::Delete;
    edit.key = {task.id};
    TWINSTORE_TRY_VOID(writes_.write(edit));
  }
  return found.size();
}

Result<std::vector<RefreshTask>> RefreshTaskWriter::claim_due(std::string_view owner,
                                                              size_t tasks_max) {
  const int64_t now = now_ms();
  Selection running;
  running.equal = {{at::state, state_value(TaskState::Running)}};
  running.order = {at::due_at};
  TWINSTORE_TRY(auto candidates, tasks().select(running));
  std::set<std::pair<std::string, std::string>> busy;
  std::erase_if(candidates, [&](const RefreshTask& task) {
    if (task.lease_expires_ms.value_or(0) <= now) return false;
    busy.emplace(task.repo_id, task.branch_name);
    return true;
  });
  Selection due;
  due.equal = {{at::state, state_value(TaskState::Queued)}};
  due.bounds = {{at::due_at, Selection::Side::Below, time_text(now + 1)}};
  due.order = {at::due_at};
  due.rows_max = tasks_max + busy.size() + candidates.size();
  TWINSTORE_TRY(auto queued, tasks().select(due));
  std::ranges::move(queued, std::back_inserter(candidates));
  std::vector<RefreshTask> claimed;
  for (RefreshTask& task : candidates) {
    if (claimed.size() >= tasks_max) break;
    if (!busy.emplace(task.repo_id, task.branch_name).second) continue;
    TWINSTORE_TRY(const bool is_started, start(task, owner));
    if (is_started) claimed.push_back(std::move(task));
  }
  return claimed;
}

Result<bool> RefreshTaskWriter::start(RefreshTask& task, std::string_view owner) {
  const int64_t now = now_ms();
  if (task.attempts >= policy_.attempts_max) {
    TWINSTORE_TRY_VOID(
        change(task.id, {{at::state, state_value(TaskState::Failed)},
                         {at::finished_at, time_text(now)},
                         {at::last_error, std::string("the server stopped each time while it ran")},
                         {at::lease_owner, Value()},
                         {at::lease_expires_at, Value()}}));
    return false;
  }
  task.state = TaskState::Running;
  task.started_ms = now;
  ++task.attempts;
  task.lease_owner = owner;
  task.lease_expires_ms = now + policy_.lease_ms;
  TWINSTORE_TRY_VOID(change(task.id, {{at::state, state_value(TaskState::Running)},
                                      {at::started_at, time_text(now)},
                                      {at::attempts, task.attempts},
                                      {at::lease_owner, task.lease_owner},
                                      {at::lease_expires_at, time_text(*task.lease_expires_ms)}}));
  return true;
}

Result<std::optional<RefreshTask>> RefreshTaskWriter::owned(std::string_view task_id,
                                                            std::string_view owner) {
  TWINSTORE_TRY(const auto row, load_row(storage(), collection(), {std::string(task_id)}));
  if (!row || row->is_deleted()) return std::optional<RefreshTask>{};
  RefreshTask task = task_of(*row);
  if (task.state != TaskState::Running || task.lease_owner != owner) {
    return std::optional<RefreshTask>{};
  }
  return std::optional(std::move(task));
}

Result<bool> RefreshTaskWriter::renew(std::string_view task_id, std::string_view owner) {
  TWINSTORE_TRY(const auto task, owned(task_id, owner));
  if (!task) return false;
  TWINSTORE_TRY_VOID(
      change(task_id, {{at::lease_expires_at, time_text(now_ms() + policy_.lease_ms)}}));
  return true;
}

Result<bool> RefreshTaskWriter::finish(std::string_view task_id, std::string_view owner,
                                       std::string_view analyzed_commit) {
  TWINSTORE_TRY(const auto task, owned(task_id, owner));
  if (!task) return false;
  const Fields done{{at::state, state_value(TaskState::Done)},
                    {at::finished_at, time_text(now_ms())},
                    {at::last_error, Value()},
                    {at::analyzed_commit, std::string(analyzed_commit)},
                    {at::lease_owner, Value()},
                    {at::lease_expires_at, Value()}};
  TWINSTORE_TRY_VOID(change(task_id, done));
  Selection answered;
  answered.equal = {{at::repo_id, task->repo_id}, {at::branch_name, task->branch_name}};
  answered.bounds = {
      {at::requested_at, Selection::Side::Below, time_text(task->started_ms.value_or(0))}};
  answered.order = {at::requested_at};
  TWINSTORE_TRY(const auto others, tasks().select(answered));
  for (const RefreshTask& other : others) {
    const bool is_answered = other.state == TaskState::Queued && other.due_ms <= *task->started_ms;
    if (is_answered) TWINSTORE_TRY_VOID(change(other.id, done));
  }
  return true;
}

int64_t RefreshTaskWriter::wait_before_attempt(int64_t attempts) {
  int64_t wait = policy_.first_wait_ms;
  for (int64_t i = 1; i < attempts && wait < policy_.wait_max_ms; ++i) wait *= 2;
  wait = std::min(wait, policy_.wait_max_ms);
  std::array<uint8_t, 2> random{};
  ids_.fill(random);
  const int64_t draw = random[0] * 256 + random[1];
  // Between half of it and all of it, so that what failed together does not come back together.
  return wait / 2 + (wait - wait / 2) * draw / 65'535;
}

Result<bool> RefreshTaskWriter::fail(std::string_view task_id, std::string_view owner,
                                     std::string_view why, bool may_retry) {
  TWINSTORE_TRY(const auto task, owned(task_id, owner));
  if (!task) return false;
  Fields fields{
      {at::last_error, bounded(why)}, {at::lease_owner, Value()}, {at::lease_expires_at, Value()}};
  if (may_retry && task->attempts < policy_.attempts_max) {
    fields.emplace_back(at::state, state_value(TaskState::Queued));
    fields.emplace_back(at::due_at, time_text(now_ms() + wait_before_attempt(task->attempts)));
  } else {
    fields.emplace_back(at::state, state_value(TaskState::Failed));
    fields.emplace_back(at::finished_at, time_text(now_ms()));
  }
  TWINSTORE_TRY_VOID(change(task_id, std::move(fields)));
  return true;
}

Result<bool> RefreshTaskWriter::release(std::string_view task_id, std::string_view owner) {
  TWINSTORE_TRY(const auto task, owned(task_id, owner));
  if (!task) return false;
  TWINSTORE_TRY_VOID(change(task_id, {{at::state, state_value(TaskState::Queued)},
                                      {at::attempts, task->attempts - 1},
                                      {at::lease_owner, Value()},
                                      {at::lease_expires_at, Value()}}));
  return true;
}

Result<bool> RefreshTaskWriter::claim_check(int64_t interval_ms) {
  TWINSTORE_TRY(const int64_t next, tasks().next_check(interval_ms));
  const int64_t now = now_ms();
  if (now < next) return false;
  // In step with the interval, unless a check was missed altogether.
  const int64_t counted_from = now - next < interval_ms ? next : now;
  TWINSTORE_TRY_VOID(storage().put(refresh_record::space, refresh_record::last_check_ms,
                                   std::to_string(counted_from)));
  TWINSTORE_TRY_VOID(storage().erase(refresh_record::space, refresh_record::check_at_once));
  return true;
}

}  // namespace twinstore
