// What DataRefreshManager and DataRefreshScheduler promise, as facts that hold over every storage.
#pragma once

#include "service_world.h"
#include "twinstore/refresh_manager.h"
#include "twinstore/refresh_scheduler.h"

namespace twinstore::test {

template <class Engine>
struct RefreshWorld : ServiceWorld<Engine> {
  static constexpr int64_t hour = 3'600'000;

  RefreshWorld() {
    for (const std::string_view branch : {std::string_view("main"), strange_branch}) {
      this->store_branch(strange_repo, branch);
      this->store_analysis(strange_repo, branch, "c1", "2024-06-01T12:00:00Z");
    }
  }
  static DataRefreshManager made(DataPersistenceService& persistence, double hours) {
    auto manager = DataRefreshManager::make(persistence, hours);
    TWINSTORE_CHECK(manager.ok());
    return std::move(manager).value();
  }
  std::string stale() {
    std::string out;
    const StaleBranches found = this->must(manager.get_stale_branches(strange_repo));
    for (const auto& [name, staleness] : found.branches()) {
      out += name + ":";
      for (const StaleReason reason : staleness.reasons) out += stale_reason_text(reason);
      out += " ";
    }
    return out;
  }
  // "state@minutes until it is due" of each.
  std::string tasks() {
    std::string out;
    for (const RefreshTask& task : this->must(scheduler.get_scheduled_tasks())) {
      out += std::string(task_state_text(task.state)) + "@" +
             std::to_string((task.due_ms - this->clock.now_ms()) / 60'000) + " ";
    }
    return out;
  }

  DataRefreshManager manager = made(this->persistence, 2);
  DataRefreshScheduler scheduler{this->persistence, this->ids};
};

TEST_CASE_TEMPLATE_DEFINE("refresh: a branch is fresh up to its threshold, and stale after it",
                          Engine, refresh_threshold) {
  RefreshWorld<Engine> world;
  world.clock.advance(2 * world.hour);
  CHECK_FALSE(world.must(world.manager.is_branch_stale(strange_repo, strange_branch)));
  CHECK_FALSE(world.must(world.manager.is_analysis_stale(strange_repo, "main", "c1")));
  CHECK(world.stale() == "");
  world.clock.advance(1);
  CHECK(world.must(world.manager.is_branch_stale(strange_repo, strange_branch)));
  CHECK(world.must(world.manager.is_analysis_stale(strange_repo, "main", "c1")));
  const Staleness info = world.must(world.manager.get_staleness_info(strange_repo, strange_branch));
  CHECK(info.stale_threshold_hours == 2);
  CHECK(info.last_analyzed_commit == "c1");
  CHECK(info.reasons == std::vector<StaleReason>{StaleReason::TooOld});
  world.store_analysis(strange_repo, "main", "c2", "2024-06-01T14:00:00Z");
  CHECK(world.stale() == std::string(strange_branch) + ":too_old ");
  CHECK(world
            .must(RefreshWorld<Engine>::made(world.persistence, stale_threshold_hours_default)
                      .get_stale_branches(strange_repo))
            .branches()
            .empty());
}

TEST_CASE_TEMPLATE_DEFINE("refresh: a marked branch is stale until it is analysed", Engine,
                          refresh_mark) {
  RefreshWorld<Engine> world;
  world.clock.advance(60'000);
  world.must(world.manager.mark_for_refresh(strange_repo, strange_branch));
  CHECK(world.stale() == std::string(strange_branch) + ":refresh_requested ");
  world.store_analysis(strange_repo, strange_branch, "c1", "2024-06-01T12:01:00Z");
  CHECK(world.stale() == "");
}

TEST_CASE_TEMPLATE_DEFINE("refresh: what is not stored is not found, and a bad threshold refused",
                          Engine, refresh_refused) {
  RefreshWorld<Engine> world;
  DataRefreshManager& manager = world.manager;
  CHECK(world.refused(manager.is_branch_stale(strange_repo, "none")) == ErrorCode::NotFound);
  CHECK(world.refused(manager.get_staleness_info("none", "main")) == ErrorCode::NotFound);
  CHECK(world.refused(manager.is_analysis_stale(strange_repo, "main", "c9")) ==
        ErrorCode::NotFound);
  const auto marked = manager.mark_for_refresh(strange_repo, "none");
  REQUIRE_FALSE(marked.ok());
  CHECK(marked.error().code == ErrorCode::NotFound);
  CHECK(world.refused(DataRefreshManager::make(world.persistence, -1)) ==
        ErrorCode::InvalidArgument);
}

TEST_CASE_TEMPLATE_DEFINE("refresh: tasks are scheduled, listed, given up and cleaned up", Engine,
                          refresh_schedule) {
  RefreshWorld<Engine> world;
  DataRefreshScheduler& scheduler = world.scheduler;
  const std::string late = world.must(scheduler.schedule_refresh(strange_repo, "main", 10));
  world.must(scheduler.schedule_refresh(strange_repo, strange_branch));
  CHECK(world.tasks() == "queued@0 queued@10 ");
  world.must(scheduler.cancel_refresh(late));
  CHECK(world.tasks() == "queued@0 cancelled@10 ");
  const auto again = scheduler.cancel_refresh(late);
  REQUIRE_FALSE(again.ok());
  CHECK(again.error().code == ErrorCode::PreconditionFailed);
  const auto unknown = scheduler.cancel_refresh("none");
  REQUIRE_FALSE(unknown.ok());
  CHECK(unknown.error().code == ErrorCode::NotFound);
  CHECK(world.refused(scheduler.schedule_refresh(strange_repo, "main",
                                                 limits::refresh_delay_minutes_max + 1)) ==
        ErrorCode::InvalidArgument);
  CHECK(world.refused(scheduler.schedule_refresh("", "main")) == ErrorCode::MissingField);
  CHECK(world.must(scheduler.cleanup_completed_tasks()) == 1);
  CHECK(world.must(scheduler.cleanup_completed_tasks()) == 0);
  CHECK(world.tasks() == "queued@0 ");
}

TEST_CASE_TEMPLATE_DEFINE("refresh: tasks outlive the services", Engine, refresh_outlives) {
  RefreshWorld<Engine> world;
  world.must(world.scheduler.schedule_refresh(strange_repo, "main", 10));
  const auto again = world.opened(world.schema, world.storage(), world.clock, world.ids);
  AuthorityTransactions transactions(*again);
  auto persistence = ServiceWorld<Engine>::made(world.schema, world.clock, transactions);
  DataRefreshScheduler reopened(persistence, world.ids);
  const auto tasks = world.must(reopened.get_scheduled_tasks());
  REQUIRE(tasks.size() == 1);
  CHECK(tasks[0].branch_name == "main");
  CHECK(tasks[0].due_ms == world.clock.now_ms() + 600'000);
}

}  // namespace twinstore::test

// Every case above, over the engines named.
#define TWINSTORE_REFRESH_SUITE(...)                         \
  TEST_CASE_TEMPLATE_INVOKE(refresh_threshold, __VA_ARGS__); \
  TEST_CASE_TEMPLATE_INVOKE(refresh_mark, __VA_ARGS__);      \
  TEST_CASE_TEMPLATE_INVOKE(refresh_refused, __VA_ARGS__);   \
  TEST_CASE_TEMPLATE_INVOKE(refresh_schedule, __VA_ARGS__);  \
  TEST_CASE_TEMPLATE_INVOKE(refresh_outlives, __VA_ARGS__)
