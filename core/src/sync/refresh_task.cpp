#include "twinstore/refresh_task.h"

#include <algorithm>
#include <array>

#include "twinstore/limits.h"
#include "twinstore/time_text.h"

namespace twinstore {
namespace {

constexpr std::array<std::string_view, 5> state_texts{"queued", "running", "done", "failed",
                                                      "cancelled"};
constexpr int64_t minute_ms = 60'000;

std::string_view text_after(const Change& change, uint16_t field) {
  const auto found = std::ranges::find(change.fields, field, &FieldChange::field);
  const auto* text =
      found == change.fields.end() ? nullptr : std::get_if<std::string>(&found->after);
  return text == nullptr ? std::string_view() : std::string_view(*text);
}

bool names_only(const Change& change, std::initializer_list<uint16_t> fields) {
  return std::ranges::all_of(change.fields, [&](const FieldChange& field) {
    return std::ranges::find(fields, field.field) != fields.end();
  });
}

// The name of a task is chosen by whoever asks, so it is bounded like the name of an operation.
bool is_accepted_name(const Change& change) {
  const auto* id = std::get_if<std::string>(&change.key[0]);
  return id != nullptr && !id->empty() && id->size() <= limits::refresh_id_bytes_max;
}

Result<bool> accept_new_task(const Change& change, const RowVersion* stored, int64_t now_ms) {
  const bool is_request =
      is_accepted_name(change) && text_after(change, task_field::cause) == task_cause::asked &&
      names_only(change, {task_field::repo_id, task_field::branch_name, task_field::cause,
                          task_field::requested_at, task_field::due_at});
  if (!is_request) return Error{ErrorCode::Forbidden, "a client only asks for a refresh"};
  const auto due = parse_time(text_after(change, task_field::due_at));
  const int64_t latest = now_ms + limits::refresh_delay_minutes_max * minute_ms;
  if (!due.ok() || due.value() > latest + limits::clock_ahead_max_ms) {
    return Error{ErrorCode::InvalidArgument, "a refresh is at most 366 days ahead"};
  }
  // Known already: it was sent before, or the name is taken.
  return stored == nullptr;
}

}  // namespace

std::string_view task_state_text(TaskState state) {
  return state_texts[static_cast<size_t>(state)];
}

std::optional<TaskState> parse_task_state(std::string_view text) {
  const auto found = std::ranges::find(state_texts, text);
  if (found == state_texts.end()) return std::nullopt;
  return static_cast<TaskState>(found - state_texts.begin());
}

const Collection& refresh_tasks_of(const Schema& schema) {
  const Collection* collection = schema.find("_refresh_tasks");
  TWINSTORE_CHECK(collection != nullptr);
  return *collection;
}

std::optional<TaskState> state_of_task(const RowVersion& task) {
  if (task.is_deleted()) return std::nullopt;
  return parse_task_state(task_text(task, task_field::state));
}

std::string task_text(const RowVersion& task, uint16_t field) {
  const auto* text = std::get_if<std::string>(&task.values[field]);
  return text == nullptr ? std::string() : *text;
}

Edit schedule_edit(const Schema& schema, std::string_view id, std::string_view repo_id,
                   std::string_view branch_name, std::string_view cause, int64_t now_ms,
                   int64_t delay_minutes) {
  Edit edit;
  edit.collection = refresh_tasks_of(schema).position;
  edit.kind = EditKind::Insert;
  edit.key = {std::string(id)};
  edit.fields = {{task_field::repo_id, std::string(repo_id)},
                 {task_field::branch_name, std::string(branch_name)},
                 {task_field::cause, std::string(cause)},
                 {task_field::requested_at, time_text(now_ms)},
                 {task_field::due_at, time_text(now_ms + delay_minutes * minute_ms)}};
  return edit;
}

Result<std::optional<Edit>> refresh_edit(const Schema& schema, const Edit& asked,
                                         const RowVersion* stored, int64_t now_ms) {
  Edit edit = asked;
  edit.kind = EditKind::Update;
  if (asked.kind == EditKind::Mark) {
    edit.fields[0].second = time_text(now_ms);
    return std::optional(std::move(edit));
  }
  if (asked.kind == EditKind::Schedule) {
    const auto text = [&](size_t i) { return std::get<std::string>(asked.fields[i].second); };
    return std::optional(schedule_edit(schema, std::get<std::string>(asked.key[0]), text(0),
                                       text(1), task_cause::asked, now_ms, asked.delay_minutes));
  }
  const auto state = stored == nullptr ? std::nullopt : state_of_task(*stored);
  if (!state) return Error{ErrorCode::RowMissing, "there is no such refresh task"};
  if (!is_open_task(*state)) return std::optional<Edit>{};
  edit.fields = {{task_field::state, std::string(task_state_text(TaskState::Cancelled))},
                 {task_field::finished_at, time_text(now_ms)}};
  return std::optional(std::move(edit));
}

Result<bool> accept_task_change(const Change& change, const RowVersion* stored, int64_t now_ms) {
  if (change.kind == ChangeKind::Insert) return accept_new_task(change, stored, now_ms);
  const bool is_cancel =
      change.kind == ChangeKind::Update &&
      names_only(change, {task_field::state, task_field::finished_at}) &&
      text_after(change, task_field::state) == task_state_text(TaskState::Cancelled);
  if (!is_cancel) return Error{ErrorCode::Forbidden, "a client only gives a refresh up"};
  const auto state = stored == nullptr ? std::nullopt : state_of_task(*stored);
  return state && is_open_task(*state);
}

}  // namespace twinstore
