// The auto-refresh service from many threads at once: under the thread sanitizer in the suite tsan.
#include <random>
#include <thread>

#include "refresh_world.h"

using namespace twinstore;
using namespace twinstore::test;

namespace {

constexpr int threads = 16;
constexpr int turns = 25;

// Answers at once, and counts: what it is asked is the service's business.
class CountingRefresher final : public Refresher {
 public:
  explicit CountingRefresher(std::atomic<int>& count) : count_(count) {}
  [[nodiscard]] std::string_view source() const override { return "counting"; }
  [[nodiscard]] Result<Refreshed> refresh(const RefreshRequest& request,
                                          const CallBounds& bounds) override {
    ++count_;
    if (bounds.is_over()) return Error{ErrorCode::Unavailable, "stopped"};
    Refreshed out;
    out.analyzed_commit = "c1";
    out.rows.push_back({"analyses",
                        {{"repo_id", request.repo_id},
                         {"branch_name", request.branch_name},
                         {"commit_sha", "c1"},
                         {"analysis_timestamp", "2024-06-01T12:00:00Z"}}});
    return out;
  }

 private:
  std::atomic<int>& count_;
};

}  // namespace

TEST_CASE_FIXTURE(RefreshWorld,
                  "auto-refresh: enabled, disabled, started and stopped from 16 threads") {
  store_branch("o/r", "main");
  std::atomic<int> asked{0};
  const RefreshSources by = sources(std::make_unique<CountingRefresher>(asked));
  AutoRefreshService service(persistence, manager, by);
  std::vector<std::thread> running;
  for (int number = 0; number < threads; ++number) {
    running.emplace_back([&, number] {
      std::minstd_rand random(static_cast<unsigned>(number) + 1);
      for (int turn = 0; turn < turns; ++turn) {
        switch (random() % 6) {
          case 0: CHECK(service.enable_auto_refresh().ok()); break;
          case 1: CHECK(service.disable_auto_refresh().ok()); break;
          case 2: service.start(); break;
          case 3: service.stop(); break;
          case 4: CHECK(service.get_status().ok()); break;
          default: clock.advance(minute_ms); service.wake();
        }
      }
    });
  }
  for (std::thread& thread : running) thread.join();
  service.stop();
  const AutoRefreshStatus after = status(service);
  CHECK_FALSE(after.is_running);
  CHECK(after.state.tasks.at("running") == 0);
  CHECK(after.state.tasks.at("failed") == 0);
  must(service.enable_auto_refresh());
  CHECK(status(service).state.is_enabled);
}

TEST_CASE_FIXTURE(RefreshWorld,
                  "auto-refresh: of schedules given up while they run, each ends one way") {
  std::atomic<int> asked{0};
  const RefreshSources by = sources(std::make_unique<CountingRefresher>(asked));
  AutoRefreshService service(persistence, manager, by);
  service.start();
  std::mutex mutex;
  std::vector<std::string> all;
  std::atomic<int> given_up{0};
  std::vector<std::thread> running;
  for (int number = 0; number < threads; ++number) {
    running.emplace_back([&, number] {
      for (int turn = 0; turn < 5; ++turn) {
        const std::string branch = std::to_string(number) + "/" + std::to_string(turn);
        const auto id = scheduler.schedule_refresh("o/r", branch);
        CHECK(id.ok());
        if (!id.ok()) return;
        service.wake();
        if (turn % 2 == 0 && scheduler.cancel_refresh(id.value()).ok()) ++given_up;
        const std::scoped_lock lock(mutex);
        all.push_back(id.value());
      }
    });
  }
  for (std::thread& thread : running) thread.join();
  int done = 0;
  int cancelled = 0;
  for (const std::string& id : all) {
    while (is_open_task(state(id))) service.wake();
    const RefreshTask ended = task(id);
    const bool is_stored = !latest_commit(ended.branch_name).empty();
    CHECK(is_stored == (ended.state == TaskState::Done));
    ++(ended.state == TaskState::Done ? done : cancelled);
  }
  CHECK(cancelled == given_up);
  CHECK(done + cancelled == static_cast<int>(all.size()));
  service.stop();
}
