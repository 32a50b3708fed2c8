// What time does: deletions that are forgotten, copies that differ, schemas that move on.
#include "twinstore/time_text.h"
#include "world.h"

using namespace twinstore;
using twinstore::test::code_of;
using twinstore::test::Device;
using twinstore::test::edit;
using twinstore::test::succeeded;
using twinstore::test::World;

namespace {

std::string insert_branch(std::string_view name) {
  return edit("insert", "branches", R"(["r",")" + std::string(name) + R"("])",
              R"({"repo_id":"r","name":")" + std::string(name) + "\"}");
}

std::string delete_branch(std::string_view name) {
  return edit("delete", "branches", R"(["r",")" + std::string(name) + R"("])", "");
}

size_t collect_garbage(test::Server& server, size_t rows_max = 1'000) {
  TWINSTORE_CHECK(server.storage().begin().ok());
  const auto count = server.authority().collect_garbage(rows_max);
  TWINSTORE_CHECK(server.storage().commit().ok());
  return succeeded(count) ? count.value() : 0;
}

// A new version of a small schema has a field more.
std::string notes(int version) {
  const std::string more = version < 2 ? ""
                                       : R"(,{"name":"mood","type":"text"},)"
                                         R"({"name":"rank","type":"int","required":true,)"
                                         R"("default":7})";
  return R"({"name":"notes","version":)" + std::to_string(version) +
         R"(,"collections":[{"name":"notes","key":["id"],"scope":"id","fields":[)"
         R"({"name":"id","type":"text"},{"name":"title","type":"text"})" +
         more + "]}]}";
}

struct NewerServer : World {
  NewerServer() : World(notes(2)) {}
};
struct OlderServer : World {
  OlderServer() : World(notes(1)) {}
};

}  // namespace

TEST_CASE_FIXTURE(World,
                  "retention: a deletion is forgotten after 90 days and not a moment before") {
  Device a(schema_json, clock, 10);
  REQUIRE(a.write(insert_branch("main")));
  a.sync(server);
  REQUIRE(a.write(delete_branch("main")));
  a.sync(server);
  clock.advance(limits::tombstone_horizon_ms);
  CHECK(collect_garbage(server) == 0);
  clock.advance(1);
  CHECK(collect_garbage(server) == 1);
  CHECK(collect_garbage(server) == 0);
}

TEST_CASE_FIXTURE(World,
                  "retention: a device that missed a forgotten deletion reads its scope again") {
  Device a(schema_json, clock, 10);
  Device b(schema_json, clock, 20);
  REQUIRE(a.write(insert_branch("gone")));
  REQUIRE(a.write(insert_branch("kept")));
  a.sync(server);
  b.sync(server);
  REQUIRE(a.write(delete_branch("gone")));
  a.sync(server);
  clock.advance(limits::tombstone_horizon_ms + 1);
  REQUIRE(collect_garbage(server) == 1);
  REQUIRE(b.write(insert_branch("own")));
  b.sync(server);
  CHECK(b.rows("SELECT name FROM branches ORDER BY name") == "kept\nown");
  a.sync(server);
  CHECK(a.rows("SELECT name FROM branches ORDER BY name") == "kept\nown");
}

TEST_CASE_FIXTURE(World,
                  "retention: who reads from the beginning comes to the end past forgotten rows") {
  Device a(schema_json, clock, 10);
  for (int i = 0; i < 5; ++i) {
    REQUIRE(a.write(insert_branch("b" + std::to_string(i))));
  }
  REQUIRE(a.write(delete_branch("b4")));
  a.sync(server);
  clock.advance(limits::tombstone_horizon_ms + 1);
  REQUIRE(collect_garbage(server) == 1);
  PullRequest pull{{protocol_version, schema.name(), schema.version()}, {}, "*", "", 2};
  for (int pages = 0; pages < 2; ++pages) {
    const auto page = server.feed().page(pull);
    REQUIRE(succeeded(page));
    CHECK(page.value().is_checkpoint == (pages == 1));
    pull.cursor = page.value().cursor;
  }
  // What is deleted and forgotten while somebody reads must be read anew.
  pull.cursor.clear();
  pull.cursor = server.feed().page(pull).value().cursor;
  REQUIRE(a.write(delete_branch("b0")));
  a.sync(server);
  clock.advance(limits::tombstone_horizon_ms + 1);
  REQUIRE(collect_garbage(server) == 1);
  CHECK(test::code_of(server.feed().page(pull)) == ErrorCode::CursorExpired);
}

TEST_CASE_FIXTURE(World, "retention: garbage is collected in portions") {
  Device a(schema_json, clock, 10);
  for (const char* name : {"one", "two", "three"}) REQUIRE(a.write(insert_branch(name)));
  a.sync(server);
  for (const char* name : {"one", "two", "three"}) REQUIRE(a.write(delete_branch(name)));
  a.sync(server);
  clock.advance(limits::tombstone_horizon_ms + 1);
  CHECK(collect_garbage(server, 2) == 2);
  CHECK(collect_garbage(server, 2) == 1);
}

TEST_CASE_FIXTURE(World,
                  "digest: a row that is not what the authority has is noticed and read again") {
  Device a(schema_json, clock, 10);
  REQUIRE(a.write(insert_branch("main")));
  REQUIRE(a.write(insert_branch("other")));
  a.sync(server);
  const Collection& branches = *schema.find("branches");
  SqliteStorage& storage = a.store().storage();
  auto damaged = load_row(storage, branches, {std::string("r"), std::string("main")});
  REQUIRE(succeeded(damaged));
  damaged.value()->values[2] = std::string("damaged");
  TWINSTORE_CHECK(storage.begin().ok());
  TWINSTORE_CHECK(storage.save(branches, *damaged.value()).ok());
  TWINSTORE_CHECK(storage.commit().ok());
  Device b(schema_json, clock, 20);
  b.sync(server);
  REQUIRE(b.write(edit("update", "branches", R"(["r","main"])", R"({"ahead":1})")));
  b.sync(server);
  a.mismatches_expected = 1;
  a.sync(server);
  CHECK(a.rows("SELECT commit_sha IS NULL, ahead FROM branches WHERE name = 'main'") == "1 1");
  a.sync(server);  // and no more
}

TEST_CASE_FIXTURE(NewerServer,
                  "schema: an older client is served, and erases nothing it does not know") {
  Device older(notes(1), clock, 10);
  Device newer(notes(2), clock, 20);
  REQUIRE(newer.write(edit("insert", "notes", R"("n")", R"({"id":"n","mood":"good","rank":1})")));
  newer.sync(server);
  older.sync(server);
  REQUIRE(older.write(edit("update", "notes", R"("n")", R"({"title":"from older"})")));
  REQUIRE(older.write(edit("insert", "notes", R"("o")", R"({"id":"o","title":"older's"})")));
  older.sync(server);
  newer.sync(server);
  CHECK(newer.rows("SELECT id, title, mood, rank FROM notes ORDER BY id") ==
        "n from older good 1\no older's  7");
}

TEST_CASE_FIXTURE(OlderServer,
                  "schema: a client that is newer than its server waits, with its outbox") {
  Device newer(notes(2), clock, 20);
  REQUIRE(newer.write(edit("insert", "notes", R"("n")", R"({"id":"n","mood":"good","rank":1})")));
  const std::string push = newer.replica().next_message().value().value();
  const std::string answer = server.answer(push);
  CHECK(answer.find("schema_mismatch") != std::string::npos);
  CHECK(code_of(newer.replica().receive(answer)) == ErrorCode::SchemaMismatch);
  CHECK(newer.replica().status().pending == 1);
  newer.replica().lost();
  test::Server upgraded(newer.store().schema(), clock, 2);
  newer.sync(upgraded);
  CHECK(newer.replica().status().pending == 0);
}
