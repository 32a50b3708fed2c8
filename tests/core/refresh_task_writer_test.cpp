// Tasks, leases and retries, with a clock that is moved by hand.
#include "twinstore/refresh_task_writer.h"

#include <functional>

#include "world.h"

using namespace twinstore;
using twinstore::test::code_of;
using twinstore::test::Device;
using twinstore::test::succeeded;

namespace {

constexpr int64_t minute = 60'000;

struct Scheduling : test::World {
  // One transaction of the server.
  template <class Action>
  auto run(const Action& action) {
    std::set<std::string> scopes;
    OwnWrites writes(server.authority(), scopes);
    RefreshTaskWriter scheduler(writes, ids, policy);
    CHECK(server.storage().begin().ok());
    auto result = action(scheduler);
    CHECK(server.storage().commit().ok());
    return result;
  }
  std::string schedule(std::string_view branch, int64_t delay_minutes = 0) {
    const auto id = run([&](RefreshTaskWriter& scheduler) {
      return scheduler.schedule_refresh("o/r", branch, delay_minutes);
    });
    return succeeded(id) ? id.value() : std::string();
  }
  // The branches of what is claimed, in order.
  std::string claim(std::string_view owner, size_t tasks_max = 10) {
    const auto claimed =
        run([&](RefreshTaskWriter& scheduler) { return scheduler.claim_due(owner, tasks_max); });
    std::string out;
    if (!succeeded(claimed)) return out;
    for (const RefreshTask& task : claimed.value()) out += task.branch_name + " ";
    return out;
  }
  bool said(const std::function<Result<bool>(RefreshTaskWriter&)>& what) {
    const auto answer = run(what);
    return succeeded(answer) && answer.value();
  }
  bool finish(const std::string& id, std::string_view owner) {
    return said([&](auto& scheduler) { return scheduler.finish(id, owner, "c1"); });
  }
  bool fail(const std::string& id, std::string_view owner, bool may_retry = true) {
    return said(
        [&](auto& scheduler) { return scheduler.fail(id, owner, "no network", may_retry); });
  }
  RefreshTask task(const std::string& id) {
    const auto found = run([&](auto& scheduler) { return scheduler.tasks().get(id); });
    return succeeded(found) ? found.value() : RefreshTask{};
  }
  std::string state(const std::string& id) { return std::string(task_state_text(task(id).state)); }
  std::optional<int64_t> next_due_in() {
    const auto next = run([&](auto& scheduler) { return scheduler.tasks().next_due(); });
    if (!succeeded(next) || !next.value()) return std::nullopt;
    return *next.value() - clock.now_ms();
  }

  RefreshPolicy policy;
  FakeIdSource ids{5};
};

}  // namespace

TEST_CASE_FIXTURE(Scheduling, "a task is claimed when it is due, and the earliest first") {
  schedule("later", 10);
  clock.advance(1);
  schedule("b", 2);
  schedule("a", 1);
  CHECK(claim("n").empty());
  CHECK(next_due_in() == minute);
  clock.advance(minute - 1);
  CHECK(claim("n").empty());
  clock.advance(1);
  CHECK(claim("n") == "a ");
  clock.advance(minute + 1);
  CHECK(claim("n", 1) == "b ");
  clock.advance(8 * minute);
  CHECK(claim("n") == "a b later ");  // what was claimed first has expired by now
}

TEST_CASE_FIXTURE(Scheduling, "a device that holds the repository sees a task go on") {
  Device device(schema_json, clock, 10, "o/r");
  const auto seen = [&] {
    device.sync(server);
    return device.rows("SELECT state, attempts, analyzed_commit, lease_owner FROM _refresh_tasks");
  };
  const std::string id = schedule("main");
  CHECK(seen() == "queued 0  ");
  claim("n");
  CHECK(seen() == "running 1  n");
  CHECK(finish(id, "n"));
  CHECK(seen() == "done 1 c1 ");
}

TEST_CASE_FIXTURE(Scheduling, "of two nodes one runs a task, until its lease expires") {
  const std::string id = schedule("main");
  CHECK(claim("first") == "main ");
  CHECK(claim("second").empty());
  CHECK(next_due_in() == policy.lease_ms);
  clock.advance(policy.lease_ms - 1);
  CHECK(said([&](auto& scheduler) { return scheduler.renew(id, "first"); }));
  clock.advance(policy.lease_ms - 1);
  CHECK(claim("second").empty());
  clock.advance(1);
  CHECK(claim("second") == "main ");
  CHECK(task(id).attempts == 2);
  CHECK_FALSE(said([&](auto& scheduler) { return scheduler.renew(id, "first"); }));
  CHECK_FALSE(finish(id, "first"));
  CHECK_FALSE(fail(id, "first"));
  CHECK(state(id) == "running");
  CHECK(finish(id, "second"));
  CHECK_FALSE(finish(id, "second"));
  CHECK_FALSE(next_due_in());
}

TEST_CASE_FIXTURE(Scheduling, "one branch is not refreshed twice at a time") {
  const std::string first = schedule("main");
  CHECK(claim("n") == "main ");
  clock.advance(1);
  const std::string second = schedule("main");
  schedule("other");
  CHECK(claim("n") == "other ");
  CHECK(finish(first, "n"));
  CHECK(state(second) == "queued");  // asked for after the first began: it may know of more
  CHECK(claim("n") == "main ");
}

TEST_CASE_FIXTURE(Scheduling, "one refresh answers all who asked before it began") {
  const std::string early = schedule("main");
  const std::string timed = schedule("main", 30);
  clock.advance(minute);
  const std::string late = schedule("main");
  clock.advance(minute);
  CHECK(claim("n") == "main ");
  CHECK(finish(early, "n"));
  CHECK(state(late) == "done");
  CHECK(task(late).analyzed_commit == "c1");
  CHECK(state(timed) == "queued");  // asked for another time
}

TEST_CASE_FIXTURE(Scheduling, "what failed is tried again, later each time, and then given up") {
  const std::string id = schedule("main");
  int64_t longest = policy.first_wait_ms;
  for (int64_t attempt = 1; attempt < policy.attempts_max; ++attempt) {
    CAPTURE(attempt);
    REQUIRE(claim("n") == "main ");
    REQUIRE(fail(id, "n"));
    CHECK(state(id) == "queued");
    CHECK(task(id).last_error == "no network");
    const int64_t wait = task(id).due_ms - clock.now_ms();
    CHECK(wait >= longest / 2);
    CHECK(wait <= longest);
    longest *= 2;
    clock.advance(wait);
  }
  REQUIRE(claim("n") == "main ");
  REQUIRE(fail(id, "n"));
  CHECK(state(id) == "failed");
  CHECK(task(id).finished_ms == clock.now_ms());
  CHECK_FALSE(next_due_in());
}

TEST_CASE_FIXTURE(Scheduling, "waits end at their bound, and are drawn apart") {
  policy.attempts_max = 20;
  policy.wait_max_ms = 3 * minute;
  std::set<int64_t> waits;
  const std::string id = schedule("main");
  for (int i = 0; i < 12; ++i) {
    REQUIRE(claim("n") == "main ");
    REQUIRE(fail(id, "n"));
    const int64_t wait = task(id).due_ms - clock.now_ms();
    CHECK(wait <= 3 * minute);
    waits.insert(wait);
    clock.advance(wait);
  }
  CHECK(waits.size() > 8);
}

TEST_CASE_FIXTURE(Scheduling, "what cannot get better by waiting fails at once") {
  const std::string id = schedule("main");
  claim("n");
  CHECK(fail(id, "n", false));
  CHECK(state(id) == "failed");
}

TEST_CASE_FIXTURE(Scheduling, "a task whose owners die again and again is not run for ever") {
  const std::string id = schedule("main");
  for (int64_t i = 0; i < policy.attempts_max; ++i) {
    CHECK(claim("n") == "main ");
    clock.advance(policy.lease_ms);
  }
  CHECK(claim("n").empty());
  CHECK(state(id) == "failed");
  CHECK(task(id).last_error == "the server stopped each time while it ran");
}

TEST_CASE_FIXTURE(Scheduling,
                  "a task is given up while it waits, while it is due and while it runs") {
  const auto cancel = [&](const std::string& id) {
    return run([&](auto& scheduler) { return scheduler.cancel_refresh(id); });
  };
  const std::string waiting = schedule("a", 5);
  const std::string due = schedule("b");
  const std::string running = schedule("c");
  CHECK(cancel(waiting).ok());
  CHECK(cancel(due).ok());
  CHECK(claim("n") == "c ");
  CHECK(cancel(running).ok());
  CHECK_FALSE(said([&](auto& scheduler) { return scheduler.renew(running, "n"); }));
  CHECK_FALSE(finish(running, "n"));
  clock.advance(10 * minute);
  CHECK(claim("n").empty());
  for (const std::string& id : {waiting, due, running}) CHECK(state(id) == "cancelled");
  CHECK(code_of(cancel(due)) == ErrorCode::PreconditionFailed);
  CHECK(code_of(cancel("none")) == ErrorCode::NotFound);
}

TEST_CASE_FIXTURE(Scheduling, "a node that stops hands its tasks back, and that is no attempt") {
  const std::string id = schedule("main");
  CHECK(claim("first") == "main ");
  CHECK(said([&](auto& scheduler) { return scheduler.release(id, "first"); }));
  CHECK(task(id).attempts == 0);
  CHECK(claim("second") == "main ");
  CHECK_FALSE(said([&](auto& scheduler) { return scheduler.release(id, "first"); }));
}

TEST_CASE_FIXTURE(Scheduling, "over days there is one check an interval, whoever asks") {
  const int64_t interval = 30 * minute;
  int checks = 0;
  // Two nodes that ask every minute, and at times twice.
  for (int64_t i = 0; i < 3 * 24 * 60; ++i) {
    for (int node = 0; node < 2 + (i % 7 == 0 ? 1 : 0); ++node) {
      const bool is_mine = said([&](auto& scheduler) { return scheduler.claim_check(interval); });
      if (is_mine) ++checks;
    }
    clock.advance(minute);
  }
  CHECK(checks == 3 * 24 * 2);
}

TEST_CASE_FIXTURE(Scheduling,
                  "a check that was missed is made up for once, whatever the clock did") {
  const int64_t interval = 30 * minute;
  const auto check = [&] {
    return said([&](auto& scheduler) { return scheduler.claim_check(interval); });
  };
  const auto next_in = [&] {
    const auto next = run([&](auto& scheduler) { return scheduler.tasks().next_check(interval); });
    return succeeded(next) ? next.value() - clock.now_ms() : -1;
  };
  CHECK(next_in() == 0);
  CHECK(check());
  CHECK(next_in() == interval);
  clock.advance(interval + 7 * minute);
  CHECK(check());
  CHECK(next_in() == interval - 7 * minute);  // in step
  clock.advance(10 * interval);
  CHECK(check());
  CHECK_FALSE(check());
  CHECK(next_in() == interval);
  clock.advance(-100 * interval);
  CHECK(next_in() == interval);
}

TEST_CASE_FIXTURE(Scheduling, "tasks that are over are deleted when they are old, some at a time") {
  for (const char* branch : {"a", "b", "c"}) {
    const std::string id = schedule(branch);
    claim("n");
    CHECK(finish(id, "n"));
    clock.advance(minute);
  }
  schedule("waiting", 60);
  const auto cleanup = [&](int64_t before_ms, size_t tasks_max) {
    const auto count = run(
        [&](auto& scheduler) { return scheduler.cleanup_completed_tasks(before_ms, tasks_max); });
    return succeeded(count) ? count.value() : 99;
  };
  CHECK(cleanup(clock.now_ms() - 3 * minute, 10) == 0);
  CHECK(cleanup(clock.now_ms(), 1) == 1);
  CHECK(cleanup(clock.now_ms(), 10) == 2);
  Device device(schema_json, clock, 10);
  device.sync(server);
  CHECK(device.rows("SELECT branch_name, state FROM _refresh_tasks") == "waiting queued");
}

TEST_CASE_FIXTURE(Scheduling,
                  "the list has what runs, what waits and what is over, up to a bound") {
  const std::string done = schedule("done");
  claim("n");
  finish(done, "n");
  schedule("runs");
  claim("n");
  schedule("waits", 5);
  schedule("waits-less", 1);
  const auto list = [&](size_t tasks_max) {
    const auto found =
        run([&](auto& scheduler) { return scheduler.get_scheduled_tasks(tasks_max); });
    std::string out;
    if (!succeeded(found)) return out;
    for (const RefreshTask& task : found.value()) out += task.branch_name + " ";
    return out;
  };
  CHECK(list(10) == "runs waits-less waits done ");
  for (size_t count = 1; count < 4; ++count) {
    const std::string all = list(10);
    size_t end = 0;
    for (size_t i = 0; i < count; ++i) end = all.find(' ', end) + 1;
    CHECK(list(count) == all.substr(0, end));
  }
}

TEST_CASE_FIXTURE(Scheduling, "what is asked for is checked") {
  const auto code = [&](std::string_view repo, std::string_view branch, int64_t delay) {
    return code_of(run([&](RefreshTaskWriter& scheduler) {
      return scheduler.schedule_refresh(repo, branch, delay);
    }));
  };
  CHECK(code("o/r", "main", -1) == ErrorCode::InvalidArgument);
  CHECK(code("o/r", "main", limits::refresh_delay_minutes_max + 1) == ErrorCode::InvalidArgument);
  CHECK(code("", "main", 0) == ErrorCode::MissingField);
  CHECK(code("o/r", "", 0) == ErrorCode::MissingField);
  CHECK(code("o/r", std::string(limits::indexed_bytes_max + 1, 'x'), 0) == ErrorCode::ValueTooLong);
  CHECK_FALSE(
      schedule(std::string(limits::indexed_bytes_max, 'x'), limits::refresh_delay_minutes_max)
          .empty());
}

TEST_CASE_FIXTURE(Scheduling, "a failure's text is kept up to its bound, cut at a character") {
  const auto kept = [&](const std::string& why) {
    const std::string id = schedule("main");
    claim("n");
    CHECK(said([&](auto& scheduler) { return scheduler.fail(id, "n", why, false); }));
    return task(id).last_error;
  };
  const std::string longest(limits::refresh_error_bytes_max, 'e');
  CHECK(kept(longest) == longest);
  CHECK(kept(longest + "x") == longest);
  const std::string letters = longest.substr(1) + "é";
  CHECK(kept(letters) == longest.substr(1));
  CHECK(kept("\xff") == "the failure has no readable text");
}
