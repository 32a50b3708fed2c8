// What a replica shows and sends: its outbox, scopes that come and go, and answers that are lost.
#include "base/json.h"
#include "world.h"

using namespace twinstore;
using twinstore::test::Device;
using twinstore::test::edit;
using twinstore::test::succeeded;
using twinstore::test::World;

namespace {

std::string hit(int by) {
  return edit(
      "upsert", "cache_entries", R"("c")",
      R"({"cache_key":"c","repo_id":"r","hit_count":{"increment":)" + std::to_string(by) + "}}");
}

std::string hits_of(Device& device) { return device.rows("SELECT hit_count FROM cache_entries"); }

std::string branch(std::string_view repo, std::string_view name, std::string_view rest = "") {
  return edit("upsert", "branches",
              R"([")" + std::string(repo) + R"(",")" + std::string(name) + R"("])",
              R"({"repo_id":")" + std::string(repo) + R"(","name":")" + std::string(name) + "\"" +
                  std::string(rest) + "}");
}

size_t count_of(const std::string& text, std::string_view part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

}  // namespace

TEST_CASE_FIXTURE(World,
                  "replica: what a page contains is not counted twice while its answer is lost") {
  Device a(schema_json, clock, 10);
  a.sync(server);
  REQUIRE(a.write(hit(1)));
  server.answer(a.replica().next_message().value().value());  // applied; the answer is lost
  a.replica().lost();
  a.replica().mark_behind();
  const std::string push = a.replica().next_message().value().value();
  CHECK(push.find("\"type\":\"push\"") != std::string::npos);
  const std::string pull = a.replica().next_message().value().value();
  REQUIRE(succeeded(a.replica().receive(server.answer(pull))));
  CHECK(hits_of(a) == "1");
  CHECK(a.replica().status().pending == 1);
  REQUIRE(succeeded(a.replica().receive(server.answer(push))));
  CHECK(hits_of(a) == "1");
  CHECK(a.replica().status().pending == 0);
}

TEST_CASE_FIXTURE(World, "replica: edits of one row join while they are not sent") {
  Device a(schema_json, clock, 10);
  Device b(schema_json, clock, 20);
  REQUIRE(a.write(branch("r", "main")));
  a.sync(server);
  for (int i = 1; i <= 5; ++i) {
    REQUIRE(a.write(branch("r", "main", R"(,"ahead":)" + std::to_string(i))));
  }
  CHECK(a.replica().status().pending == 1);
  const std::string push = a.replica().next_message().value().value();
  CHECK(push.find(R"("fields":{"ahead":[null,5]})") != std::string::npos);
  REQUIRE(a.write(branch("r", "main", R"(,"ahead":9)")));
  CHECK(a.replica().status().pending == 2);  // what is sent never changes
  a.replica().lost();
  a.sync(server);
  b.sync(server);
  CHECK(b.rows("SELECT ahead FROM branches") == "9");
}

TEST_CASE_FIXTURE(World, "replica: joined increments add up") {
  Device a(schema_json, clock, 10);
  REQUIRE(a.write(hit(2)));
  for (int i = 0; i < 9; ++i) REQUIRE(a.write(hit(2)));
  CHECK(a.replica().status().pending == 2);
  CHECK(hits_of(a) == "20");
  a.sync(server);
  CHECK(hits_of(a) == "20");
}

TEST_CASE_FIXTURE(World, "replica: edits do not join across another row's, nor in batches") {
  Device a(schema_json, clock, 10);
  REQUIRE(a.write(branch("r", "main")));
  REQUIRE(a.write(branch("r", "other")));
  REQUIRE(a.write(branch("r", "main", R"(,"ahead":1)")));
  CHECK(a.replica().status().pending == 3);
  REQUIRE(a.write(edit("delete", "branches", R"(["r","main"])", "")));
  CHECK(a.replica().status().pending == 4);
}

TEST_CASE_FIXTURE(World, "replica: joining never makes an earlier change of another field later") {
  Device a(schema_json, clock, 10);
  Device b(schema_json, clock, 20);
  REQUIRE(a.write(branch("r", "main")));
  a.sync(server);
  b.sync(server);
  REQUIRE(b.write(branch("r", "main", R"(,"ahead":1)")));
  clock.advance(10);
  REQUIRE(a.write(branch("r", "main", R"(,"ahead":2)")));
  a.sync(server);
  clock.advance(10);
  REQUIRE(b.write(branch("r", "main", R"(,"behind":3)")));
  b.sync(server);
  CHECK(b.rows("SELECT ahead, behind FROM branches") == "2 3");
  a.sync(server);
  CHECK(a.rows("SELECT ahead, behind FROM branches") == "2 3");
}

TEST_CASE_FIXTURE(World, "replica: a dropped scope leaves once its writes are confirmed") {
  Device a(schema_json, clock, 10, "r");
  REQUIRE(succeeded(a.replica().subscribe("s")));
  REQUIRE(a.write(branch("r", "main")));
  REQUIRE(a.write(branch("s", "main")));
  REQUIRE(succeeded(a.replica().unsubscribe("s")));
  CHECK(a.rows("SELECT count(*) FROM branches") == "2");
  a.sync(server);
  CHECK(a.rows("SELECT repo_id FROM branches") == "r");
  CHECK(a.replica().status().scopes.size() == 1);
  REQUIRE(succeeded(a.replica().subscribe("s")));
  a.sync(server);
  CHECK(a.rows("SELECT count(*) FROM branches") == "2");
}

TEST_CASE_FIXTURE(World, "replica: rows of a dropped scope stay where another scope holds them") {
  Device a(schema_json, clock, 10);
  REQUIRE(succeeded(a.replica().subscribe("r")));
  REQUIRE(a.write(branch("r", "main")));
  a.sync(server);
  REQUIRE(succeeded(a.replica().unsubscribe("r")));
  CHECK(a.rows("SELECT count(*) FROM branches") == "1");
}

TEST_CASE_FIXTURE(World,
                  "a push that begins with known mutations is answered up to the first other") {
  Device a(schema_json, clock, 10);
  REQUIRE(a.write(branch("r", "one")));
  REQUIRE(a.write(branch("r", "two")));
  std::string push = a.replica().next_message().value().value();
  server.answer(push);
  const Rev head = server.authority().head();
  push.replace(push.find("\"two\""), 5, "\"six\"");
  const std::string answer = server.answer(push);
  CHECK(count_of(answer, "\"status\":\"applied\"") == 1);
  CHECK(answer.find("\"seq\":1,") != std::string::npos);
  CHECK(server.authority().head() == head);
}

TEST_CASE_FIXTURE(World,
                  "replica: a mutation that the authority cannot place is kept, not repeated") {
  Device a(schema_json, clock, 10);
  REQUIRE(a.write(hit(1)));
  REQUIRE(a.write(branch("r", "main")));
  REQUIRE(succeeded(a.replica().next_message()));
  const std::string forgotten =
      R"({"type":"error","code":"client_forked","message":"answered long ago","retryable":false})";
  REQUIRE(succeeded(a.replica().receive(forgotten)));
  CHECK(a.replica().status().rejected == 1);
  CHECK(a.replica().status().pending == 1);
  CHECK(a.rows("SELECT count(*) FROM cache_entries") == "0");
}

TEST_CASE_FIXTURE(World,
                  "replica: a write in two scopes, of which one is held, is counted there once") {
  Device a(schema_json, clock, 10, "r");
  const auto entry = [](std::string_view key, std::string_view scope) {
    return R"({"op":"upsert","collection":"cache_entries","key":")" + std::string(key) +
           R"(","fields":{"repo_id":")" + std::string(scope) + R"(","hit_count":{"increment":1}}})";
  };
  REQUIRE(a.write(R"({"edits":[)" + entry("c", "r") + "," + entry("d", "elsewhere") + "]}"));
  a.sync(server);
  CHECK(a.replica().status().pending == 0);
  CHECK(a.rows("SELECT hit_count FROM cache_entries ORDER BY cache_key") == "1\n1");
}
