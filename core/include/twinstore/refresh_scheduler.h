// DataRefreshScheduler: asking for refreshes, giving them up, and seeing what became of them. Tasks
// are rows: they outlive the program, and every replica of the repository sees them. An
// AutoRefreshService over the same database runs them.
// Thread rule: that of the persistence service.
// Next: refresh_task_writer.h for what happens in a transaction.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "twinstore/persistence.h"
#include "twinstore/refresh_task_writer.h"

namespace twinstore {

class DataRefreshScheduler {
 public:
  // Both outlive the scheduler.
  DataRefreshScheduler(DataPersistenceService& persistence, IdSource& ids)
      : persistence_(&persistence), ids_(&ids) {}

  // Returns the task's id. Errors: InvalidArgument unless the delay is 0 to
  // limits::refresh_delay_minutes_max; MissingField and ValueTooLong for names; as Storage.
  [[nodiscard]] Result<std::string> schedule_refresh(std::string_view repo_id,
                                                     std::string_view branch_name,
                                                     int64_t delay_minutes = 0);
  // Waiting or running, it is over now. Errors: NotFound; PreconditionFailed when it was already.
  [[nodiscard]] Result<void> cancel_refresh(std::string_view task_id);
  // Running ones, waiting ones by when they are due, then those that are over, the last to end
  // first; at most `tasks_max`, from 1.
  [[nodiscard]] Result<std::vector<RefreshTask>> get_scheduled_tasks(size_t tasks_max = 1'000);
  // Deletes all that are over; returns how many.
  [[nodiscard]] Result<size_t> cleanup_completed_tasks();

 private:
  template <class Work>
  auto write(const Work& work) -> decltype(work(std::declval<RefreshTaskWriter&>()));

  DataPersistenceService* persistence_;
  IdSource* ids_;
};

}  // namespace twinstore
