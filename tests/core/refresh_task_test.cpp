// Asking for a refresh as a client does: tasks are rows that everybody sees, and the server alone
// moves them on.
#include "twinstore/refresh_task.h"

#include "world.h"

using namespace twinstore;
using twinstore::test::code_of;
using twinstore::test::Device;
using twinstore::test::edit;
using twinstore::test::succeeded;

namespace {

std::string schedule(std::string_view id, int64_t delay_minutes = 0) {
  return R"({"edits":[{"op":"schedule_refresh","task":")" + std::string(id) +
         R"(","repo_id":"o/r","branch_name":"feature/x","delay_minutes":)" +
         std::to_string(delay_minutes) + "}]}";
}
std::string cancel(std::string_view id) {
  return R"({"edits":[{"op":"cancel_refresh","task":")" + std::string(id) + "\"}]}";
}

struct Tasks : test::World {
  void exchange() {
    for (int turn = 0; turn < 3; ++turn) {
      a.sync(server);
      b.sync(server);
    }
  }
  std::string states(Device& device) {
    return device.rows("SELECT id, state FROM _refresh_tasks ORDER BY id");
  }
  // As the server moves a task on.
  void server_sets(std::string_view id, std::vector<std::pair<uint16_t, Value>> fields) {
    Edit edit;
    edit.collection = refresh_tasks_of(schema).position;
    edit.key = {std::string(id)};
    edit.fields = std::move(fields);
    Authority& authority = server.authority();
    const auto stored = load_row(authority.storage(), refresh_tasks_of(schema), edit.key);
    REQUIRE(succeeded(stored));
    REQUIRE(stored.value().has_value());
    auto change = make_change(refresh_tasks_of(schema), edit, &*stored.value());
    REQUIRE((change.ok() && change.value()));
    Mutation mutation;
    mutation.hlc = hybrid_time_at(clock.now_ms(), new_client_id(ids));
    mutation.changes.push_back(*change.value());
    std::set<std::string> scopes;
    REQUIRE(server.storage().begin().ok());
    const auto outcome = authority.apply(mutation, scopes);
    REQUIRE(outcome.ok());
    CHECK(outcome.value().status == OutcomeStatus::Applied);
    REQUIRE(server.storage().commit().ok());
  }
  // A change of a task as a client of any kind could send it.
  void push(Device& device, const Edit& edit) {
    CHECK(device.replica().write({{edit}, {}, false}).ok());
    device.sync(server);
  }
  Edit update_of(std::string_view id, std::vector<std::pair<uint16_t, Value>> fields) {
    Edit edit;
    edit.collection = refresh_tasks_of(schema).position;
    edit.key = {std::string(id)};
    edit.fields = std::move(fields);
    return edit;
  }
  size_t rejected(Device& device) { return device.replica().status().rejected; }

  FakeIdSource ids{30};
  Device a{schema_json, clock, 10};
  Device b{schema_json, clock, 20};
};

}  // namespace

TEST_CASE_FIXTURE(Tasks, "a refresh asked for offline is queued at once, and everywhere later") {
  REQUIRE(a.write(schedule("t1", 5)));
  CHECK(a.rows("SELECT state, cause, branch_name, requested_at, due_at FROM _refresh_tasks") ==
        "queued asked feature/x 2023-11-14T22:13:20.000Z 2023-11-14T22:18:20.000Z");
  exchange();
  CHECK(states(b) == "t1 queued");
  CHECK(a.replica().status().pending == 0);
}

TEST_CASE_FIXTURE(Tasks, "what the server makes of a task reaches the one who asked") {
  REQUIRE(a.write(schedule("t1")));
  exchange();
  server_sets("t1",
              {{task_field::state, std::string("running")}, {task_field::attempts, int64_t{1}}});
  exchange();
  CHECK(states(a) == "t1 running");
  server_sets("t1", {{task_field::state, std::string("failed")},
                     {task_field::last_error, std::string("no such branch")}});
  exchange();
  CHECK(a.rows("SELECT state, attempts, last_error FROM _refresh_tasks") ==
        "failed 1 no such branch");
}

TEST_CASE_FIXTURE(Tasks, "giving up wins over a start that it did not see, and not over the end") {
  REQUIRE(a.write(schedule("t1")));
  REQUIRE(a.write(schedule("t2")));
  exchange();
  REQUIRE(b.write(cancel("t1")));  // offline, before the server starts it
  REQUIRE(b.write(cancel("t2")));
  clock.advance(60'000);
  server_sets("t1", {{task_field::state, std::string("running")}});
  server_sets("t2", {{task_field::state, std::string("running")}});
  server_sets("t2", {{task_field::state, std::string("done")}});
  exchange();
  CHECK(states(a) == "t1 cancelled\nt2 done");
  CHECK(states(b) == states(a));
  CHECK(rejected(b) == 0);
  CHECK(a.rows("SELECT count(*) FROM _conflicts") == "0");
}

TEST_CASE_FIXTURE(Tasks,
                  "giving up what is over changes nothing, and what is not there is an error") {
  REQUIRE(a.write(schedule("t1")));
  REQUIRE(a.write(cancel("t1")));
  const auto again = a.store().write(cancel("t1"));
  REQUIRE(succeeded(again));
  CHECK(again.value().rows.empty());
  CHECK(code_of(a.store().write(cancel("t2"))) == ErrorCode::RowMissing);
}

TEST_CASE_FIXTURE(Tasks, "a task that is asked for and given up in one transaction is given up") {
  REQUIRE(a.write(
      R"({"edits":[{"op":"schedule_refresh","task":"t1","repo_id":"o/r","branch_name":"b"},)"
      R"({"op":"cancel_refresh","task":"t1"}]})"));
  exchange();
  CHECK(states(a) == "t1 cancelled");
  CHECK(states(b) == "t1 cancelled");
}

TEST_CASE_FIXTURE(Tasks, "a client cannot move a task on, take another's name, or delete one") {
  REQUIRE(a.write(schedule("t1")));
  exchange();
  SUBCASE("it cannot say that a task is done") {
    push(b, update_of("t1", {{task_field::state, std::string("done")}}));
  }
  SUBCASE("it cannot give up and change the error as well") {
    push(b, update_of("t1", {{task_field::state, std::string("cancelled")},
                             {task_field::last_error, std::string("x")}}));
  }
  SUBCASE("it cannot take a lease") {
    push(b, update_of("t1", {{task_field::lease_owner, std::string("me")}}));
  }
  SUBCASE("it cannot delete a task") {
    Edit edit = update_of("t1", {});
    edit.kind = EditKind::Delete;
    push(b, edit);
  }
  SUBCASE("it cannot make a task that names a state") {
    Edit edit = schedule_edit(schema, "t2", "o/r", "b", task_cause::asked, clock.now_ms(), 0);
    edit.fields.insert(edit.fields.begin() + 3, {task_field::state, std::string("done")});
    push(b, edit);
  }
  SUBCASE("it cannot make a task for the server's causes") {
    push(b, schedule_edit(schema, "t2", "o/r", "b", task_cause::stale, clock.now_ms(), 0));
  }
  SUBCASE("it cannot ask for more than a year ahead") {
    push(b, schedule_edit(schema, "t2", "o/r", "b", task_cause::asked, clock.now_ms(),
                          limits::refresh_delay_minutes_max + 2));
  }
  CHECK(rejected(b) == 1);
  CHECK(states(b) == "t1 queued");
}

TEST_CASE_FIXTURE(Tasks, "two devices that take the same name for a task have one task") {
  REQUIRE(a.write(schedule("t1", 1)));
  REQUIRE(b.write(schedule("t1", 2)));
  exchange();
  CHECK(a.rows("SELECT id, due_at FROM _refresh_tasks") == "t1 2023-11-14T22:14:20.000Z");
  CHECK(b.rows("SELECT id, due_at FROM _refresh_tasks") == "t1 2023-11-14T22:14:20.000Z");
  CHECK(rejected(b) == 0);
}

TEST_CASE_FIXTURE(Tasks, "what asks for a refresh is checked before anything is written") {
  const auto code = [&](const std::string& edit) {
    return code_of(a.store().write(R"({"edits":[)" + edit + "]}"));
  };
  CHECK(code_of(a.store().write(schedule(std::string(65, 'x')))) == ErrorCode::ValueTooLong);
  CHECK(code_of(a.store().write(schedule(""))) == ErrorCode::ValueTooLong);
  CHECK(code_of(a.store().write(schedule("t", -1))) == ErrorCode::InvalidArgument);
  CHECK(code_of(a.store().write(schedule("t", limits::refresh_delay_minutes_max + 1))) ==
        ErrorCode::InvalidArgument);
  CHECK(a.write(schedule("t", limits::refresh_delay_minutes_max)));
  CHECK(a.write(schedule(std::string(64, 'x'))));
  CHECK(code(R"({"op":"schedule_refresh","task":"u","repo_id":"","branch_name":"b"})") ==
        ErrorCode::MissingField);
  CHECK(code(R"({"op":"schedule_refresh","task":"u","repo_id":"r"})") == ErrorCode::InvalidJson);
  CHECK(code(R"({"op":"schedule_refresh","task":"u","repo_id":"r","branch_name":7})") ==
        ErrorCode::InvalidJson);
  CHECK(code(R"({"op":"mark_for_refresh","repo_id":"r","branch_name":"none"})") ==
        ErrorCode::RowMissing);
  CHECK(code(R"({"op":"mark_for_refresh","repo_id":"r"})") == ErrorCode::MissingField);
  CHECK(code(R"({"op":"insert","collection":"_refresh_tasks","fields":{"id":"u"}})") ==
        ErrorCode::Forbidden);
}
