// RefreshTaskWriter: the tasks of refreshing, their leases and their retries. Tasks are rows, so
// that they outlive the server and every client sees them; whoever runs one holds a lease that
// stands in its row, so that of several nodes over one database one runs it.
// Invariants: (1) a branch has at most one running task whose lease holds; (2) only the owner of a
// lease that holds moves a running task on; (3) a task that is over never changes again.
// Thread rule: the authority's thread, inside a transaction that the caller has begun.
// Next: refresh_task.h for what clients write, refresh_tasks.h for reading.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "twinstore/clock.h"
#include "twinstore/limits.h"
#include "twinstore/own_writes.h"
#include "twinstore/refresh_tasks.h"

namespace twinstore {

struct RefreshPolicy {
  int64_t attempts_max = 5;
  int64_t first_wait_ms = 60'000;   // doubled for each attempt after the second
  int64_t wait_max_ms = 3'600'000;  // and never longer
  int64_t lease_ms = 120'000;       // a node that died is replaced after this; renewed meanwhile
};

class RefreshTaskWriter {
 public:
  // All references outlive the scheduler.
  RefreshTaskWriter(OwnWrites& writes, IdSource& ids, const RefreshPolicy& policy)
      : writes_(writes), ids_(ids), policy_(policy) {}

  // Queues a task and returns its id. Errors: InvalidArgument unless the delay is 0 to
  // limits::refresh_delay_minutes_max; MissingField and ValueTooLong for names; as Storage.
  [[nodiscard]] Result<std::string> schedule_refresh(std::string_view repo_id,
                                                     std::string_view branch_name,
                                                     int64_t delay_minutes,
                                                     std::string_view cause = task_cause::asked);
  // Waiting or running, it is over now; what it still does is thrown away. Errors: NotFound;
  // PreconditionFailed when it is over already.
  [[nodiscard]] Result<void> cancel_refresh(std::string_view task_id);
  // As RefreshTasks.
  [[nodiscard]] Result<std::vector<RefreshTask>> get_scheduled_tasks(size_t tasks_max) {
    return tasks().list(tasks_max);
  }
  // Deletes tasks that ended before `finished_before_ms`, at most `tasks_max`, from 1; returns how
  // many.
  [[nodiscard]] Result<size_t> cleanup_completed_tasks(int64_t finished_before_ms,
                                                       size_t tasks_max);

  // Takes leases on tasks that are due, and on running ones whose owner let its lease expire; the
  // earliest due first. A task that was started too often without an end fails instead.
  [[nodiscard]] Result<std::vector<RefreshTask>> claim_due(std::string_view owner,
                                                           size_t tasks_max);
  // What the owner of a lease says. False: the task is not its any more, because it was given up or
  // the lease expired and another took it; what it made must not be stored.
  [[nodiscard]] Result<bool> renew(std::string_view task_id, std::string_view owner);
  // Ends, with it, waiting tasks of the branch that were asked for before this one started.
  [[nodiscard]] Result<bool> finish(std::string_view task_id, std::string_view owner,
                                    std::string_view analyzed_commit);
  // Queued again after a wait if `may_retry` and an attempt is left, else failed.
  [[nodiscard]] Result<bool> fail(std::string_view task_id, std::string_view owner,
                                  std::string_view why, bool may_retry);
  // Puts it back as if it had not been claimed: the owner stops.
  [[nodiscard]] Result<bool> release(std::string_view task_id, std::string_view owner);

  // True for one caller in each interval, over all nodes and restarts: it is the one to look for
  // stale branches.
  [[nodiscard]] Result<bool> claim_check(int64_t interval_ms);
  // The same tasks, to be read.
  [[nodiscard]] RefreshTasks tasks() {
    return {writes_.authority().schema(), storage(), writes_.authority().clock()};
  }

 private:
  using Fields = std::vector<std::pair<uint16_t, Value>>;
  [[nodiscard]] int64_t now_ms();
  [[nodiscard]] Storage& storage() { return writes_.authority().storage(); }
  [[nodiscard]] const Collection& collection();
  [[nodiscard]] std::string new_id();
  [[nodiscard]] int64_t wait_before_attempt(int64_t attempts);
  Result<void> change(std::string_view task_id, Fields fields);
  Result<std::optional<RefreshTask>> owned(std::string_view task_id, std::string_view owner);
  Result<bool> start(RefreshTask& task, std::string_view owner);

  OwnWrites& writes_;
  IdSource& ids_;
  RefreshPolicy policy_;
};

}  // namespace twinstore
