// Refresh tasks: rows of `_refresh_tasks` in the scope of their repository. A client asks for one
// or gives it up, offline as well; everything else about a task is written by the server that runs
// it. docs/freshness.md draws the states.
// Thread rule: pure functions. Next: refresh_task_writer.h runs them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "twinstore/edit.h"

namespace twinstore {

// queued → running → done | failed, back to queued for another attempt, or cancelled.
enum class TaskState : uint8_t { Queued, Running, Done, Failed, Cancelled };
[[nodiscard]] std::string_view task_state_text(TaskState state);
// Nothing for a text that names no state.
[[nodiscard]] std::optional<TaskState> parse_task_state(std::string_view text);
[[nodiscard]] inline bool is_open_task(TaskState state) { return state <= TaskState::Running; }

// Why a task was made: somebody asked for it; the branch was marked; the periodic check found it.
namespace task_cause {
inline constexpr std::string_view asked = "asked";
inline constexpr std::string_view marked = "marked";
inline constexpr std::string_view stale = "stale";
}  // namespace task_cause

// The fields of `_refresh_tasks`, in the order of core/schema/system.json.
namespace task_field {
enum : uint16_t {
  id,
  repo_id,
  branch_name,
  cause,
  state,
  requested_at,
  due_at,
  started_at,
  finished_at,
  attempts,
  last_error,
  analyzed_commit,
  lease_owner,
  lease_expires_at
};
}  // namespace task_field

[[nodiscard]] const Collection& refresh_tasks_of(const Schema& schema);
// The state of a stored task; nothing for a tombstone.
[[nodiscard]] std::optional<TaskState> state_of_task(const RowVersion& task);
[[nodiscard]] std::string task_text(const RowVersion& task, uint16_t field);

// The edit that inserts a queued task. Requires an accepted delay.
[[nodiscard]] Edit schedule_edit(const Schema& schema, std::string_view id,
                                 std::string_view repo_id, std::string_view branch_name,
                                 std::string_view cause, int64_t now_ms, int64_t delay_minutes);

// What an edit of kind Mark, Schedule or Cancel asks for, as an ordinary edit made at `now_ms`;
// nothing when the task it gives up is over already. `stored` is the row that it names. Errors:
// RowMissing for a task that is not there.
[[nodiscard]] Result<std::optional<Edit>> refresh_edit(const Schema& schema, const Edit& asked,
                                                       const RowVersion* stored, int64_t now_ms);

// Judges what a client pushed for a task that is stored as `stored`. False: it comes too late and
// changes nothing. Errors: Forbidden for anything but asking for a task and giving one up;
// InvalidArgument for a time further ahead than limits::refresh_delay_minutes_max.
[[nodiscard]] Result<bool> accept_task_change(const Change& change, const RowVersion* stored,
                                              int64_t now_ms);

}  // namespace twinstore
