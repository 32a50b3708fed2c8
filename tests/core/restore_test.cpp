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
  server.come_back();
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
  second.come_back();
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
  server.come_back();
  REQUIRE(a.write(hit("a")));
  a.sync(server);
  REQUIRE(succeeded(a.replica().receive(late)));
  a.sync(server);
  CHECK(a.rows(all_hits) == "a 2");
  CHECK(server.authority().replayed_count().value() == 0);
}

TEST_CASE_FIXTURE(World, "restore: what a second restore brings back is not applied again") {
  Device a(schema_json, clock, 10);
  a.sync(server);
  REQUIRE(a.write(hit("a")));
  a.sync(server);
  test::Server older(schema, clock, 98);
  a.sync(older);
  CHECK(older.authority().replayed_count().value() == 1);
  server.come_back();  // has what the older one was sent again
  REQUIRE(a.write(hit("a")));
  a.sync(server);
  CHECK(a.rows(all_hits) == "a 2");
  CHECK(server.authority().replayed_count().value() == 0);
}

TEST_CASE_FIXTURE(World,
                  "restore: a write whose answer was lost is applied once on both sides of it") {
  Device a(schema_json, clock, 10);
  a.sync(server);
  REQUIRE(a.write(hit("a")));
  (void)server.answer(a.replica().next_message().value().value());
  a.replica().lost();
  test::Server older(schema, clock, 98);
  (void)older.answer(a.replica().next_message().value().value());
  a.replica().lost();
  server.come_back();
  a.sync(server);
  CHECK(a.rows(all_hits) == "a 1");
  a.sync(older);
  CHECK(a.rows(all_hits) == "a 1");
}

TEST_CASE_FIXTURE(World, "restore: an outcome from before it, that comes late, confirms nothing") {
  Device a(schema_json, clock, 10);
  a.sync(server);
  REQUIRE(a.write(hit("a")));
  const std::string late = server.answer(a.replica().next_message().value().value());
  a.replica().lost();
  test::Server older(schema, clock, 98);
  REQUIRE(a.write(hit("b")));
  (void)older.answer(a.replica().next_message().value().value());
  a.replica().lost();
  a.sync(older);
  REQUIRE(succeeded(a.replica().receive(late)));
  a.sync(older);
  CHECK(a.rows(all_hits) == "a 1\nb 1");
  Device other(schema_json, clock, 20);
  other.sync(older);
  CHECK(other.rows(all_hits) == "a 1\nb 1");
}

TEST_CASE_FIXTURE(World, "restore: what was refused is not sent again, and holds nothing up") {
  Device a(schema_json, clock, 10);
  Device b(schema_json, clock, 20);
  REQUIRE(a.write(hit("a")));
  a.sync(server);
  b.sync(server);
  REQUIRE(b.write(edit("delete", "cache_entries", R"("a")", "")));
  REQUIRE(b.write(hit("c")));
  b.sync(server);
  clock.advance(limits::tombstone_horizon_ms + 1);
  TWINSTORE_CHECK(server.storage().begin().ok());
  CHECK(server.authority().collect_garbage(10).value() == 1);
  TWINSTORE_CHECK(server.storage().commit().ok());
  REQUIRE(a.write(edit("update", "cache_entries", R"("a")", R"({"path":"late"})")));
  REQUIRE(a.write(hit("b")));
  a.sync(server);
  CHECK(a.replica().status().rejected == 1);
  test::Server empty(schema, clock, 99);
  a.sync(empty);
  CHECK(a.rows(all_hits) == "a 1\nb 1");
  CHECK(a.replica().status().restored.replayed == 2);
  CHECK(a.replica().status().rejected == 1);
  CHECK(a.replica().status().pending == 0);
}

TEST_CASE_FIXTURE(World,
                  "restore: both copies of a device send what was lost, and it counts once") {
  Device a(schema_json, clock, 10);
  REQUIRE(a.write(hit("a")));
  a.sync(server);
  REQUIRE(a.write(hit("unsent")));
  Device copy(a, clock, 11);
  REQUIRE(a.write(hit("of a")));
  REQUIRE(copy.write(hit("of the copy")));
  test::Server empty(schema, clock, 99);
  for (int turn = 0; turn < 2; ++turn) {
    a.sync(empty);
    copy.sync(empty);
  }
  CHECK(a.rows(all_hits) == "a 1\nof a 1\nof the copy 1\nunsent 1");
  CHECK(copy.rows(all_hits) == a.rows(all_hits));
  CHECK(a.replica().status().client != copy.replica().status().client);
}

TEST_CASE_FIXTURE(World,
                  "copies: what several copies hold unsent counts once, whatever came first") {
  Device a(schema_json, clock, 10);
  a.sync(server);
  Device b(a, clock, 11);
  REQUIRE(b.write(hit("b")));
  Device c(b, clock, 12);
  REQUIRE(a.write(hit("a")));
  REQUIRE(c.write(hit("c")));
  for (Device* device : {&a, &b, &c, &a, &b}) device->sync(server);
  CHECK(a.rows(all_hits) == "a 1\nb 1\nc 1");
  CHECK(b.rows(all_hits) == a.rows(all_hits));
  CHECK(c.rows(all_hits) == a.rows(all_hits));
}

TEST_CASE_FIXTURE(World, "restore: what was confirmed under an earlier name comes back under it") {
  Device a(schema_json, clock, 10);
  REQUIRE(a.write(hit("shared")));
  a.sync(server);
  Device copy(a, clock, 11);
  REQUIRE(a.write(hit("of a")));
  a.sync(server);
  REQUIRE(copy.write(hit("of the copy")));
  copy.sync(server);  // under a name of its own now
  test::Server empty(schema, clock, 99);
  copy.sync(empty);
  CHECK(copy.rows(all_hits) == "of the copy 1\nshared 1");
  CHECK(copy.replica().status().restored.replayed == 2);
  a.sync(empty);
  CHECK(a.rows(all_hits) == "of a 1\nof the copy 1\nshared 1");
  CHECK_FALSE(a.replica().status().restored.is_incomplete);
}

TEST_CASE_FIXTURE(World, "restore: while what was lost is sent again the view keeps it, once") {
  Device a(schema_json, clock, 10);
  REQUIRE(a.write(hit("a")));
  a.sync(server);
  REQUIRE(a.write(hit("b")));
  test::Server empty(schema, clock, 99);
  a.replica().mark_behind();
  for (int turn = 0; turn < 100; ++turn) {
    CHECK(a.rows(all_hits) == "a 1\nb 1");
    const auto message = a.replica().next_message();
    REQUIRE(succeeded(message));
    if (!message.value()) break;
    REQUIRE(succeeded(a.replica().receive(empty.answer(*message.value()))));
  }
  CHECK(a.replica().status().pending == 0);
  CHECK(empty.authority().replayed_count().value() == 1);
}

TEST_CASE_FIXTURE(World, "restore: what was seen, and nobody can send again, is listed") {
  Device a(schema_json, clock, 10);
  a.sync(server);
  Device before(a, clock, 11);
  Device b(schema_json, clock, 20);
  REQUIRE(a.write(hit("a")));
  a.sync(server);
  b.sync(server);
  test::Server empty(schema, clock, 99);
  before.sync(empty);  // the writer was put back, too
  b.sync(empty);
  CHECK(b.rows(all_hits).empty());
  const auto missing = b.replica().missing_rows();
  REQUIRE(succeeded(missing));
  REQUIRE(missing.value().size() == 1);
  CHECK(missing.value()[0].row.key == Key{std::string("a")});
  CHECK(b.replica().status().restored.missing == 1);
  CHECK(before.replica().status().restored.missing == 0);

  a.sync(empty);  // the writer as it was comes after all
  b.sync(empty);
  CHECK(b.rows(all_hits) == "a 1");
  CHECK(b.replica().status().restored.missing == 0);
}

TEST_CASE_FIXTURE(World, "restore: of what was seen and lost as much is listed as the bound says") {
  constexpr size_t at_bound = limits::missing_rows_max;
  for (const size_t lost : {at_bound, at_bound + 1}) {
    CAPTURE(lost);
    test::Server first(schema, clock, 40);
    Device a(schema_json, clock, 10);
    a.sync(first);
    Device before(a, clock, 11);
    for (size_t i = 0; i < lost; ++i) REQUIRE(a.write(hit("k" + std::to_string(i))));
    a.sync(first);
    Device b(schema_json, clock, 20);
    b.sync(first);
    CHECK(b.rows("SELECT count(*) FROM cache_entries") == std::to_string(lost));
    test::Server empty(schema, clock, 99);
    before.sync(empty);
    b.sync(empty);
    const auto missing = b.replica().missing_rows();
    REQUIRE(succeeded(missing));
    CHECK(missing.value().size() == at_bound);
    CHECK(b.replica().status().restored.missing == at_bound);
    // That there was more is said.
    CHECK(b.replica().status().restored.is_incomplete == (lost > at_bound));
  }
}

TEST_CASE_FIXTURE(World, "restore: two restores of one backup give other revs") {
  std::set<Rev> heads;
  for (uint64_t seed = 0; seed < 4; ++seed) {
    test::Server restored(schema, clock, 100 + seed);
    restored.come_back();
    heads.insert(restored.authority().head() / limits::epoch_gap_revs);
  }
  CHECK(heads.size() == 4);
}
