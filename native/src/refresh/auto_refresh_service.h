// AutoRefreshService: sees to it that analyses are refreshed. Marks, schedules and triggers are
// seen to whenever it runs; when auto-refresh is on, so are the branches that its periodic check
// finds stale. Of several nodes over one database one runs each task and makes each check.
// One thread looks at what is to be done, a few more do it.
// Thread rule: any thread, also at the same time; not from inside a refresher.
// Next: refresh_look.h, refresh_run.h, refresh_check.h; docs/freshness.md.
#pragma once

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "base/system.h"
#include "refresh/auto_refresh_status.h"
#include "refresh/refresh_look.h"

namespace twinstore {

struct AutoRefreshOptions {
  int64_t check_interval_minutes = 30;
  bool auto_refresh_enabled = false;  // until somebody says otherwise; that is remembered
  RefreshPolicy policy{};
};

class AutoRefreshService {
 public:
  // All references outlive the service; the transactions of `persistence` are called from threads
  // of its own. Requires an interval from 1 to limits::check_interval_minutes_max.
  AutoRefreshService(DataPersistenceService& persistence, DataRefreshManager& manager,
                     const RefreshSources& sources, const AutoRefreshOptions& options = {});
  ~AutoRefreshService() { stop(); }
  AutoRefreshService(const AutoRefreshService&) = delete;
  AutoRefreshService& operator=(const AutoRefreshService&) = delete;

  // Begins. Running already, it goes on.
  void start();
  // Ends what is under way: a task that runs is put back as if it had not begun. Returns once
  // nothing of it runs; it may be started again.
  void stop();

  // For all nodes, and remembered. Errors: as Transactions.
  [[nodiscard]] Result<void> enable_auto_refresh() { return set_enabled(true); }
  [[nodiscard]] Result<void> disable_auto_refresh() { return set_enabled(false); }
  [[nodiscard]] Result<AutoRefreshStatus> get_status();

  // Something may have been written that it should see to: a hint, since it looks now and then.
  void wake();
  // get_status() for whoever reads by itself.
  [[nodiscard]] Result<AutoRefreshStatus> status_from(Storage& storage);

 private:
  struct Check {};
  using Job = std::variant<RefreshTask, Check>;

  [[nodiscard]] Result<void> set_enabled(bool is_enabled);
  void watch(const std::stop_token& stop);
  // Looks once; returns how long to wait for the next look.
  std::chrono::milliseconds look_once();
  void do_jobs(const std::stop_token& stop);
  [[nodiscard]] RefreshWork work_now();
  void hand_out(RefreshLook look);

  SystemIdSource ids_;
  RefreshContext context_;

  std::mutex lifecycle_;  // held by start() and stop(), never by a thread of the service
  std::jthread watcher_;
  std::vector<std::jthread> runners_;

  std::mutex mutex_;  // of everything below
  std::condition_variable_any changed_;
  bool is_running_ = false;
  bool is_awake_ = false;
  std::deque<Job> jobs_;
  std::map<std::string, std::stop_source> running_;  // by task
  std::optional<std::stop_source> checking_;
};

}  // namespace twinstore
