#include "refresh/auto_refresh_service.h"

#include <algorithm>
#include <array>

#include "base/log.h"
#include "refresh/refresh_check.h"
#include "refresh/refresh_limits.h"
#include "refresh/refresh_run.h"

namespace twinstore {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr int64_t ms_per_minute = 60'000;
// A look may take at most this share of a thread's time, however often it is woken.
constexpr int rest_per_look = 9;
constexpr milliseconds rest_max{1'000};

std::string new_owner() {
  SystemIdSource ids;
  return std::string(client_text(new_client_id(ids)));
}

}  // namespace

AutoRefreshService::AutoRefreshService(DataPersistenceService& persistence,
                                       DataRefreshManager& manager, const RefreshSources& sources,
                                       const AutoRefreshOptions& options)
    : context_{persistence,
               manager,
               sources,
               ids_,
               new_owner(),
               options.policy,
               options.check_interval_minutes * ms_per_minute,
               options.auto_refresh_enabled} {
  TWINSTORE_CHECK(options.check_interval_minutes >= 1 &&
                  options.check_interval_minutes <= limits::check_interval_minutes_max);
}

void AutoRefreshService::start() {
  const std::scoped_lock lifecycle(lifecycle_);
  if (watcher_.joinable()) return;
  {
    const std::scoped_lock lock(mutex_);
    is_running_ = true;
    is_awake_ = true;
  }
  watcher_ = std::jthread([this](const std::stop_token& stop) { watch(stop); });
  for (size_t i = 0; i < limits::refresh_runners; ++i) {
    runners_.emplace_back([this](const std::stop_token& stop) { do_jobs(stop); });
  }
}

void AutoRefreshService::stop() {
  const std::scoped_lock lifecycle(lifecycle_);
  if (!watcher_.joinable()) return;
  {
    const std::scoped_lock lock(mutex_);
    is_running_ = false;
    for (auto& [id, stop] : running_) stop.request_stop();
    if (checking_) checking_->request_stop();
  }
  // The watcher first: what it has claimed by then is for the runners to put back.
  watcher_.request_stop();
  watcher_.join();
  for (std::jthread& runner : runners_) runner.request_stop();
  runners_.clear();  // joins
}

Result<void> AutoRefreshService::set_enabled(bool is_enabled) {
  TWINSTORE_TRY_VOID(context_.persistence.transactions().run([&](OwnWrites& writes) {
    return set_auto_refresh_enabled(writes.authority().storage(), is_enabled);
  }));
  wake();
  return {};
}

Result<AutoRefreshStatus> AutoRefreshService::get_status() {
  return read_in(context_.persistence.transactions(),
                 [&](Storage& storage) { return status_from(storage); });
}

Result<AutoRefreshStatus> AutoRefreshService::status_from(Storage& storage) {
  AutoRefreshStatus status;
  {
    const std::scoped_lock lock(mutex_);
    status.is_running = is_running_;
  }
  status.check_interval_minutes = context_.interval_ms / ms_per_minute;
  status.stale_threshold_hours = context_.manager.stale_threshold_hours();
  DataPersistenceService& persistence = context_.persistence;
  TWINSTORE_TRY(status.state,
                read_auto_refresh_state(persistence.schema(), storage, persistence.clock(),
                                        context_.interval_ms, context_.is_enabled_default));
  if (context_.sources.is_empty()) status.idle = RefreshIdle::NoSource;
  if (!status.state.is_enabled) status.idle = RefreshIdle::Disabled;
  if (!status.is_running) status.idle = RefreshIdle::Stopped;
  return status;
}

void AutoRefreshService::wake() {
  {
    const std::scoped_lock lock(mutex_);
    is_awake_ = true;
  }
  changed_.notify_all();
}

void AutoRefreshService::watch(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const auto began = steady_clock::now();
    const milliseconds wait = look_once();
    const auto took = std::chrono::duration_cast<milliseconds>(steady_clock::now() - began);
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, stop, std::min(took * rest_per_look, rest_max), [] { return false; });
    changed_.wait_for(lock, stop, wait, [&] { return is_awake_; });
  }
}

milliseconds AutoRefreshService::look_once() {
  const RefreshWork work = work_now();
  auto found = look(context_, work);
  if (!found.ok()) {
    log_warn("refresh look failed code=" + std::string(error_text(found.error().code)) +
             " detail=" + found.error().message);
    return limits::refresh_look_interval;
  }
  const int64_t wait_ms = found.value().next_ms - context_.persistence.clock().now_ms();
  hand_out(std::move(found).value());
  const milliseconds longest = limits::refresh_look_interval;
  return milliseconds(std::clamp<int64_t>(wait_ms, 0, longest.count()));
}

RefreshWork AutoRefreshService::work_now() {
  const std::scoped_lock lock(mutex_);
  is_awake_ = false;
  RefreshWork work;
  for (const auto& [id, stop] : running_) work.running.insert(id);
  work.is_checking = checking_.has_value();
  const size_t busy = running_.size() + (checking_ ? 1 : 0);
  work.idle = limits::refresh_runners - std::min(busy, limits::refresh_runners);
  return work;
}

void AutoRefreshService::hand_out(RefreshLook look) {
  {
    const std::scoped_lock lock(mutex_);
    for (const std::string& id : look.lost) {
      const auto task = running_.find(id);
      if (task != running_.end()) task->second.request_stop();
    }
    if (look.is_check_due) {
      checking_.emplace();
      jobs_.emplace_back(Check{});
    }
    for (RefreshTask& task : look.started) {
      // One whose lease this node let expire, and took again, runs still.
      const bool is_new = running_.emplace(task.id, std::stop_source()).second;
      if (is_new) jobs_.emplace_back(std::move(task));
    }
    // stop() may have asked before these were here to be asked.
    if (!is_running_) {
      for (auto& [id, stop] : running_) stop.request_stop();
      if (checking_) checking_->request_stop();
    }
  }
  changed_.notify_all();
}

// What is left when a stop is asked for is taken still, so that it is put back.
void AutoRefreshService::do_jobs(const std::stop_token& stop) {
  for (;;) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait(lock, stop, [&] { return !jobs_.empty(); })) return;
    const Job job = std::move(jobs_.front());
    jobs_.pop_front();
    const auto* task = std::get_if<RefreshTask>(&job);
    const std::stop_token asked =
        task == nullptr ? checking_->get_token() : running_.at(task->id).get_token();
    lock.unlock();
    if (task == nullptr) {
      run_check(context_, asked);
    } else {
      run_task(context_, *task, asked);
    }
    lock.lock();
    if (task == nullptr) {
      checking_.reset();
    } else {
      running_.erase(task->id);
    }
    is_awake_ = true;
    changed_.notify_all();
  }
}

}  // namespace twinstore
