// A device that makes room: what leaves it, what must not, and how it comes back.
#include "world.h"

using namespace twinstore;
using twinstore::test::Device;
using twinstore::test::edit;
using twinstore::test::succeeded;

namespace {

constexpr std::string_view json = R"({"name":"app","version":1,"collections":[
  {"name":"files","key":["id"],"scope":"place","evict_by":"used_at","policy":"MANUAL","fields":[
    {"name":"id","type":"text"},{"name":"place","type":"text"},{"name":"used_at","type":"time"},
    {"name":"note","type":"text"}]},
  {"name":"points","key":["id"],"scope":"place","evict_by":"at","fields":[
    {"name":"id","type":"text"},{"name":"place","type":"text"},{"name":"at","type":"time"}]},
  {"name":"kept","key":["id"],"scope":"place","fields":[
    {"name":"id","type":"text"},{"name":"place","type":"text"}]}]})";

std::string day(int number) {
  return "2024-01-" + std::string(number < 10 ? "0" : "") + std::to_string(number) +
         "T00:00:00.000Z";
}

struct Full : test::World {
  Full() : World(json) {
    for (int i = 1; i <= 4; ++i) {
      a.write(edit("insert", "files", "\"f" + std::to_string(i) + "\"",
                   R"({"place":"p","note":"n","used_at":")" + day(2 * i) + "\"}"));
      a.write(edit("insert", "points", "\"p" + std::to_string(i) + "\"",
                   R"({"place":"q","at":")" + day(2 * i - 1) + "\"}"));
    }
    a.write(edit("insert", "files", R"("timeless")", R"({"place":"p"})"));
    a.write(edit("insert", "kept", R"("k")", R"({"place":"p"})"));
    a.sync(server);
    b.sync(server);
  }
  size_t evict(size_t rows_max) {
    const auto gone = b.replica().evict(rows_max);
    REQUIRE(succeeded(gone));
    return gone.value().rows;
  }
  std::string here(Device& device) {
    return device.rows("SELECT id FROM files UNION ALL SELECT id FROM points ORDER BY id");
  }

  Device a{schema_json, clock, 10};
  Device b{schema_json, clock, 20};
};

}  // namespace

TEST_CASE_FIXTURE(Full,
                  "evict: the oldest leave first, over all collections that may, and no other") {
  CHECK(evict(3) == 3);
  CHECK(here(b) == "f2\nf3\nf4\np3\np4\ntimeless");
  CHECK(evict(0) == 0);
  CHECK(evict(100) == 5);
  CHECK(here(b) == "timeless");
  CHECK(b.rows("SELECT id FROM kept") == "k");
  CHECK(evict(100) == 0);
}

TEST_CASE_FIXTURE(Full, "evict: nothing is deleted elsewhere, and nothing is told") {
  CHECK(evict(100) == 8);
  CHECK(b.replica().status().pending == 0);
  b.sync(server);
  a.sync(server);
  CHECK(here(a) == "f1\nf2\nf3\nf4\np1\np2\np3\np4\ntimeless");
  Device c(schema_json, clock, 30);
  c.sync(server);
  CHECK(here(c) == here(a));
}

TEST_CASE_FIXTURE(Full, "evict: what is not confirmed, or disputed, stays") {
  REQUIRE(b.write(edit("update", "files", R"("f1")", R"({"note":"mine"})")));
  REQUIRE(b.write(edit("insert", "points", R"("new")", R"({"place":"q","at":")" + day(1) + "\"}")));
  REQUIRE(a.write(edit("update", "files", R"("f2")", R"({"note":"from a"})")));
  a.sync(server);
  Device c(schema_json, clock, 30);
  REQUIRE(c.write(edit("insert", "files", R"("f2")", R"({"place":"p","note":"from c"})")));
  c.sync(server);
  b.replica().mark_behind();
  for (;;) {
    const auto pull = b.replica().next_message(Exchange::PullOnly);
    if (!pull.value()) break;
    REQUIRE(succeeded(b.replica().receive(server.answer(*pull.value()))));
  }
  REQUIRE(b.rows("SELECT row_key FROM _conflicts WHERE status = 'open'") == R"(["f2"])");
  evict(100);
  CHECK(here(b) == "f1\nf2\nnew\ntimeless");
  b.sync(server);
  evict(100);
  CHECK(here(b) == "f2\ntimeless");  // confirmed by now; the conflict is still open
  a.sync(server);
  CHECK(a.rows("SELECT note FROM files WHERE id = 'f1'") == "mine");
  CHECK(a.rows("SELECT count(*) FROM points") == "5");
}

TEST_CASE_FIXTURE(Full, "evict: a partial scope goes on, compares no digest, and is filled again") {
  evict(3);
  const auto is_partial = [&] { return b.replica().status().scopes[0].is_partial; };
  CHECK(is_partial());
  // What others do with rows that have left arrives as it comes.
  REQUIRE(a.write(edit("update", "files", R"("f1")", R"({"note":"again"})")));
  REQUIRE(a.write(edit("delete", "points", R"("p2")", "")));
  a.sync(server);
  b.sync(server);
  CHECK(here(b) == "f1\nf2\nf3\nf4\np3\np4\ntimeless");
  CHECK(b.replica().status().mismatches == 0);
  FakeIdSource ids(5);
  CHECK(Replica::open(schema, b.store().storage(), clock, ids)
            .value()
            ->status()
            .scopes[0]
            .is_partial);
  REQUIRE(succeeded(b.replica().refill()));
  b.sync(server);
  CHECK(here(b) == here(a));
  CHECK_FALSE(is_partial());
  CHECK(b.replica().status().mismatches == 0);
}

TEST_CASE_FIXTURE(Full, "evict: a write to a row that has left meets it at the server") {
  evict(100);
  CHECK(test::code_of(b.store().write(edit("update", "files", R"("f3")", R"({"note":"x"})"))) ==
        ErrorCode::RowMissing);
  REQUIRE(b.write(edit("upsert", "points", R"("p3")", R"({"place":"q","at":")" + day(9) + "\"}")));
  b.sync(server);
  a.sync(server);
  CHECK(a.rows("SELECT at FROM points WHERE id = 'p3'") == day(9));
  CHECK(b.rows("SELECT at FROM points WHERE id = 'p3'") == day(9));
}

TEST_CASE_FIXTURE(Full, "evict: room is made until the budget is kept, or nothing more may go") {
  for (int i = 0; i < 60; ++i) {
    REQUIRE(a.write(edit("insert", "files", "\"big" + std::to_string(i) + "\"",
                         R"({"place":"p","used_at":"2023-01-01T00:00:00Z","note":")" +
                             std::string(20'000, 'x') + "\"}")));
  }
  a.sync(server);
  b.sync(server);
  const auto full = b.store().make_room(1 << 30);
  REQUIRE(succeeded(full));
  CHECK(full.value().rows == 0);
  CHECK(full.value().bytes > 1'200'000);
  const auto room = b.store().make_room(1'000'000);
  REQUIRE(succeeded(room));
  CHECK(room.value().rows >= 60);
  CHECK(room.value().bytes <= 1'000'000);
  CHECK(b.rows("SELECT count(*) FROM files WHERE id LIKE 'big%'") == "0");
  const auto none = b.store().make_room(1);
  REQUIRE(succeeded(none));
  CHECK(none.value().bytes > 1);
  CHECK(b.rows("SELECT id FROM kept") == "k");
}

TEST_CASE("evict: evict_by names a time field") {
  for (const char* field : {R"("evict_by":"id")", R"("evict_by":"none")", R"("evict_by":7)"}) {
    const auto schema =
        Schema::parse(R"({"name":"n","version":1,"collections":[{"name":"c","key":["id"],)"
                      R"("scope":"id",)" +
                      std::string(field) + R"(,"fields":[{"name":"id","type":"text"}]}]})");
    CHECK(test::code_of(schema) == ErrorCode::InvalidSchema);
  }
}
