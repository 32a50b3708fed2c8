// The tasks of refreshing as values, read from a database.
// Thread rule: the storage's thread; it may be read-only. Next: refresh_task_writer.h, which moves
// them on.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "twinstore/clock.h"
#include "twinstore/refresh_task.h"
#include "twinstore/storage.h"

namespace twinstore {

struct RefreshTask {
  std::string id;
  std::string repo_id;
  std::string branch_name;
  std::string cause;
  TaskState state = TaskState::Queued;
  int64_t requested_ms = 0;
  int64_t due_ms = 0;
  std::optional<int64_t> started_ms;
  std::optional<int64_t> finished_ms;
  int64_t attempts = 0;
  std::string last_error;
  std::string analyzed_commit;
  std::string lease_owner;
  std::optional<int64_t> lease_expires_ms;
};

// {"task_id","repo_id","branch_name","cause","state","requested_at","due","started_at",
// "finished_at","attempts","last_error","analyzed_commit"}
[[nodiscard]] std::string task_json(const RefreshTask& task);

class RefreshTasks {
 public:
  // All references outlive it. Errors of each: as Storage.
  RefreshTasks(const Schema& schema, Storage& storage, Clock& clock)
      : schema_(schema), storage_(storage), clock_(clock) {}

  // Running ones, queued ones by when they are due, then those that are over, the last to end
  // first; at most `tasks_max`, from 1. `repo_id`: only of this repository; empty: of all.
  [[nodiscard]] Result<std::vector<RefreshTask>> list(size_t tasks_max,
                                                      std::string_view repo_id = {});
  // Errors: NotFound.
  [[nodiscard]] Result<RefreshTask> get(std::string_view task_id);
  [[nodiscard]] Result<std::vector<RefreshTask>> select(const Selection& selection);

  // When a task is due, or a lease expires, next; nothing: not before something is written.
  [[nodiscard]] Result<std::optional<int64_t>> next_due();
  // Whether the branch has a task that is queued or running.
  [[nodiscard]] Result<bool> has_open(std::string_view repo_id, std::string_view branch_name);
  // When the newest task of the branch was asked for; nothing: there is none.
  [[nodiscard]] Result<std::optional<int64_t>> newest_request(std::string_view repo_id,
                                                              std::string_view branch_name);

  // When the next check of all branches is due; now, when there was none since it was switched on.
  [[nodiscard]] Result<int64_t> next_check(int64_t interval_ms);

 private:
  const Schema& schema_;
  Storage& storage_;
  Clock& clock_;
};

// What is remembered beside the tasks: auto_refresh_state.h.
namespace refresh_record {
inline constexpr std::string_view space = "refresh";
inline constexpr std::string_view last_check_ms = "last_check_ms";
inline constexpr std::string_view is_enabled = "is_enabled";
inline constexpr std::string_view checks = "checks";
inline constexpr std::string_view check_at_once = "check_at_once";  // there until a check begins
}  // namespace refresh_record

}  // namespace twinstore
