#include "twinstore/refresh_scheduler.h"

namespace twinstore {

template <class Work>
auto DataRefreshScheduler::write(const Work& work)
    -> decltype(work(std::declval<RefreshTaskWriter&>())) {
  return run_in(persistence_->transactions(), [&](OwnWrites& writes) {
    RefreshTaskWriter tasks(writes, *ids_, {});
    return work(tasks);
  });
}

Result<std::string> DataRefreshScheduler::schedule_refresh(std::string_view repo_id,
                                                           std::string_view branch_name,
                                                           int64_t delay_minutes) {
  return write([&](RefreshTaskWriter& tasks) {
    return tasks.schedule_refresh(repo_id, branch_name, delay_minutes);
  });
}

Result<void> DataRefreshScheduler::cancel_refresh(std::string_view task_id) {
  return write([&](RefreshTaskWriter& tasks) { return tasks.cancel_refresh(task_id); });
}

Result<std::vector<RefreshTask>> DataRefreshScheduler::get_scheduled_tasks(size_t tasks_max) {
  return read_in(persistence_->transactions(), [&](Storage& storage) {
    return RefreshTasks(persistence_->schema(), storage, persistence_->clock()).list(tasks_max);
  });
}

Result<size_t> DataRefreshScheduler::cleanup_completed_tasks() {
  const int64_t end = persistence_->clock().now_ms() + 1;
  size_t deleted = 0;
  for (size_t step = limits::delete_batch_rows; step == limits::delete_batch_rows;) {
    TWINSTORE_TRY(step, write([&](RefreshTaskWriter& tasks) {
                    return tasks.cleanup_completed_tasks(end, limits::delete_batch_rows);
                  }));
    deleted += step;
  }
  return deleted;
}

}  // namespace twinstore
