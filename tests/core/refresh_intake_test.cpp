// Marks become tasks, once each, and go when they are answered.
#include "twinstore/refresh_intake.h"

#include "twinstore/time_text.h"
#include "world.h"

using namespace twinstore;
using twinstore::test::code_of;
using twinstore::test::Device;
using twinstore::test::edit;
using twinstore::test::succeeded;

namespace {

constexpr int64_t minute = 60'000;
constexpr int64_t hour = 60 * minute;

struct Intake : test::World {
  Intake() {
    for (const char* name : {"main", "feature/x"}) {
      REQUIRE(device.write(edit("insert", "branches", R"(["o/r",")" + std::string(name) + "\"]",
                                R"({"commit_sha":"c1"})")));
      analyse(name);
    }
    device.sync(server);
  }
  void analyse(const std::string& branch) {
    server.ingest("git", "analyses",
                  R"({"repo_id":"o/r","commit_sha":"c1","branch_name":")" + branch +
                      R"(","analysis_timestamp":")" + time_text(clock.now_ms()) + "\"}");
  }
  void mark(const std::string& branch) {
    REQUIRE(device.write(R"({"edits":[{"op":"mark_for_refresh","repo_id":"o/r","branch_name":")" +
                         branch + "\"}]}"));
  }
  size_t take(size_t branches_max = 100) {
    std::set<std::string> scopes;
    OwnWrites writes(server.authority(), scopes);
    RefreshTaskWriter scheduler(writes, ids, {});
    CHECK(server.storage().begin().ok());
    const auto count = take_marks(writes, scheduler, branches_max);
    CHECK(server.storage().commit().ok());
    device.sync(server);
    return succeeded(count) ? count.value() : 99;
  }
  std::string tasks() {
    return device.rows("SELECT branch_name, cause, state FROM _refresh_tasks ORDER BY id");
  }
  std::string marks() {
    return device.rows(
        "SELECT refresh_requested_at FROM branches WHERE refresh_requested_at IS NOT NULL");
  }
  size_t unread() {
    const auto found = read_marks(schema, server.storage(), clock, 100);
    return succeeded(found) ? found.value().size() : 99;
  }

  FakeIdSource ids{5};
  Device device{schema_json, clock, 10};
};

}  // namespace

TEST_CASE_FIXTURE(Intake, "a mark made offline becomes one task when it arrives") {
  CHECK(unread() == 0);
  clock.advance(minute);
  mark("main");
  CHECK(take() == 0);  // it has not arrived; take() carries it
  CHECK(unread() == 1);
  CHECK(take() == 1);
  CHECK(take() == 0);
  CHECK(tasks() == "main marked queued");
  clock.advance(minute);
  mark("main");
  device.sync(server);
  CHECK(take() == 1);  // a mark made since asks anew
}

TEST_CASE_FIXTURE(Intake, "a mark goes when the branch was analysed after it") {
  clock.advance(minute);
  mark("main");
  device.sync(server);
  CHECK(take() == 1);
  CHECK(marks() == time_text(clock.now_ms()));
  clock.advance(minute);
  analyse("main");
  CHECK(take() == 0);
  CHECK(marks().empty());
  CHECK(unread() == 0);
}

TEST_CASE_FIXTURE(Intake, "a mark that arrives after it was answered asks for nothing") {
  clock.advance(minute);
  mark("main");
  clock.advance(minute);
  analyse("main");
  device.sync(server);
  CHECK(take() == 0);
  CHECK(tasks().empty());
  CHECK(marks().empty());
}

TEST_CASE_FIXTURE(Intake, "a mark whose task failed is not tried for ever") {
  clock.advance(minute);
  mark("main");
  device.sync(server);
  CHECK(take() == 1);
  clock.advance(hour);
  CHECK(take() == 0);
  CHECK(unread() == 0);
}

TEST_CASE_FIXTURE(Intake, "a mark from a clock that runs ahead is set back to now") {
  const int64_t now = clock.now_ms() + minute;
  clock.set(now + 5 * hour);
  mark("main");
  clock.set(now);
  device.sync(server);
  CHECK(take() == 1);
  CHECK(marks() == time_text(now));
  CHECK(take() == 0);
  clock.advance(minute);
  analyse("main");
  CHECK(take() == 0);
  CHECK(marks().empty());
}

TEST_CASE_FIXTURE(Intake, "many marks are taken some at a time") {
  clock.advance(minute);
  mark("main");
  clock.advance(minute);
  mark("feature/x");
  device.sync(server);
  CHECK(take(1) == 1);
  CHECK(tasks() == "main marked queued");
  CHECK(take(1) == 1);
  CHECK(take(1) == 0);
}

TEST_CASE_FIXTURE(Intake, "a stale branch gets a task unless one waits or runs") {
  const auto take_all = [&] {
    std::set<std::string> scopes;
    OwnWrites writes(server.authority(), scopes);
    RefreshTaskWriter scheduler(writes, ids, {});
    CHECK(server.storage().begin().ok());
    const std::vector<std::string> names{"main", "feature/x"};
    const auto count = take_stale(scheduler, "o/r", names);
    CHECK(server.storage().commit().ok());
    return succeeded(count) ? count.value() : 99;
  };
  CHECK(take_all() == 2);
  CHECK(take_all() == 0);
}

TEST_CASE_FIXTURE(Intake, "the server marks a branch as anybody does") {
  clock.advance(1);
  const auto mark_by_server = [&](std::string_view branch) {
    std::set<std::string> scopes;
    OwnWrites writes(server.authority(), scopes);
    CHECK(server.storage().begin().ok());
    auto marked = mark_for_refresh(writes, "o/r", branch);
    CHECK(server.storage().commit().ok());
    return marked;
  };
  CHECK(mark_by_server("main").ok());
  device.sync(server);
  CHECK(marks() == time_text(clock.now_ms()));
  CHECK(code_of(mark_by_server("none")) == ErrorCode::NotFound);
}
