// An authority that has lost what it confirmed, and devices that still know it.
#include "world.h"

using namespace twinstore;
using twinstore::test::Device;
using twinstore::test::edit;
using twinstore::test::succeeded;
using twinstore::test::World;

namespace {

std::string hit(std::string_view key) {
  return edit(
      "upsert", "cache_entries", "\"" + std::string(key) + "\"",
      R"({"cache_key":")" + std::string(key) + R"(","repo_id":"r","hit_count":{"increment":1}})");
}

constexpr std::string_view all_hits =
    "SELECT cache_key, hit_count FROM cache_entries ORDER BY cache_key";

}  // namespace

TEST_CASE_FIXTURE(World,
                  "restore: what an empty authority has lost comes back from the devices, once") {
  Device a(schema_json, clock, 10);
  Device b(schema_json, clock, 20);
  for (int i = 0; i < 3; ++i) {
    REQUIRE(a.write(hit("both")));
    a.sync(server);
    REQUIRE(b.write(hit("both")));
    b.sync(server);
  }
  REQUIRE(a.write(hit("a")));
  a.sync(server);
  REQUIRE(b.write(hit("b")));  // never confirmed
  test::Server empty(schema, clock, 99);
  for (int turn = 0; turn < 3; ++turn) {
    a.sync(empty);
    b.sync(empty);
  }
  CHECK(a.rows(all_hits) == "a 1\nb 1\nboth 6");
  CHECK(b.rows(all_hits) == a.rows(all_hits));
  CHECK(a.replica().status().restored.replayed == 4);
  CHECK(b.replica().status().restored.replayed == 3);
  CHECK(empty.authority().replayed_count().value() == 7);
  CHECK_FALSE(a.replica().status().restored.is_incomplete);
}

TEST_CASE_FIXTURE(World, "restore: what was confirmed before the backup is not sent again") {
  Device a(schema_json, clock, 10);
  REQUIRE(a.write(hit("before")));
  a.sync(server);
  FakeIdSource ids(77);
  TWINSTORE_CHECK(server.storage().begin().ok());
  REQUIRE(succeeded(server.authority().start_epoch(ids)));
  TWINSTORE_CHECK(server.storage().commit().ok());
  server.reopen_feed();
  REQUIRE(a.write(hit("after")));
  a.sync(server);
  CHECK(a.rows(all_hits) == "after 1\nbefore 1");
  CHECK(a.replica().status().restored.replayed == 0);
  CHECK(server.authority().replayed_count().value() == 0);
  CHECK(server.authority().head() > limits::epoch_gap_revs);
}

TEST_CASE_FIXTURE(World, "restore: a device that has forgotten some of what was lost says so") {
  Device a(schema_json, clock, 10);
  for (size_t i = 0; i <= limits::journal_entries_max; ++i) {
    REQUIRE(a.write(hit(std::to_string(i))));
  }
  a.sync(server);
  test::Server empty(schema, clock, 99);
  a.sync(empty);
  CHECK(a.replica().status().restored.replayed == limits::journal_entries_max);
  CHECK(a.replica().status().restored.is_incomplete);
}

TEST_CASE_FIXTURE(World,
                  "restore: what was confirmed to a device that had not read yet comes back") {
  Device a(schema_json, clock, 10);
  REQUIRE(a.write(hit("a")));
  const std::string push = a.replica().next_message().value().value();
  REQUIRE(succeeded(a.replica().receive(server.answer(push))));
  test::Server empty(schema, clock, 99);
  a.sync(empty);
  CHECK(a.rows(all_hits) == "a 1");
  CHECK(empty.authority().replayed_count().value() == 1);
}

TEST_CASE_FIXTURE(World, "restore: what one restore has kept and the next one loses comes back") {
  Device a(schema_json, clock, 10);
  a.sync(server);
  REQUIRE(a.write(hit("a")));
  a.sync(server);
  test::Server second(schema, clock, 98);
  a.sync(second);
  REQUIRE(a.write(hit("b")));
  a.sync(second);
  FakeIdSource ids(77);
  TWINSTORE_CHECK(second.storage().begin().ok());
  REQUIRE(succeeded(second.authority().start_epoch(ids)));
  TWINSTORE_CHECK(second.storage().commit().ok());
  second.reopen_feed();
  a.sync(second);  // nothing is lost
  test::Server third(schema, clock, 99);
  a.sync(third);
  CHECK(a.rows(all_hits) == "a 1\nb 1");
}

TEST_CASE_FIXTURE(World, "restore: writes whose time was clamped to the same moment come back") {
  clock.advance(10LL * 24 * 3600 * 1000);
  Device a(schema_json, clock, 10);
  REQUIRE(a.write(hit("a")));
  REQUIRE(a.write(hit("b")));
  clock.advance(-10LL * 24 * 3600 * 1000);
  a.sync(server);
  test::Server empty(schema, clock, 99);
  a.sync(empty);
  CHECK(a.rows(all_hits) == "a 1\nb 1");
}

TEST_CASE_FIXTURE(World, "restore: what is lost is sent before what was written on top of it") {
  Device a(schema_json, clock, 10);
  REQUIRE(a.write(hit("a")));
  a.sync(server);
  REQUIRE(a.write(edit("update", "cache_entries", R"("a")", R"({"path":"later"})")));
  test::Server empty(schema, clock, 99);
  a.sync(empty);
  CHECK(a.replica().status().rejected == 0);
  CHECK(a.rows("SELECT cache_key, hit_count, path FROM cache_entries") == "a 1 later");
}

TEST_CASE_FIXTURE(World, "restore: a page from before it, that comes late, brings nothing back") {
  Device a(schema_json, clock, 10);
  REQUIRE(a.write(hit("a")));
  a.sync(server);
  const std::string late = server.answer(
      encode(schema, Message(PullRequest{{protocol_version, schema.name(), schema.version()},
                                         a.replica().status().client,
                                         "*",
                                         "",
                                         0})));
  FakeIdSource ids(77);
  TWINSTORE_CHECK(server.storage().begin().ok());
  REQUIRE(succeeded(server.authority().start_epoch(ids)));
  TWINSTORE_CHECK(server.storage().commit().ok());
  server.reopen_feed();
  REQUIRE(a.write(hit("a")));
  a.sync(server);
  REQUIRE(succeeded(a.replica().receive(late)));
  a.sync(server);
  CHECK(a.rows(all_hits) == "a 2");
  CHECK(server.authority().replayed_count().value() == 0);
}
