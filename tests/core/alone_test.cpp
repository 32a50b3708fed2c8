// A device that has subscribed to nothing, and what becomes of its rows when it does.
#include <random>

#include "world.h"

using namespace twinstore;
using twinstore::test::Device;
using twinstore::test::edit;
using twinstore::test::succeeded;
using twinstore::test::World;

namespace {

struct Alone : World {
  FakeIdSource ids{70};
  std::unique_ptr<Store> device = open();

  std::unique_ptr<Store> open() {
    auto opened = Store::open({schema_json, {.path = ":memory:", .vfs = {}}}, clock, ids);
    TWINSTORE_CHECK(opened.ok());
    return std::move(opened).value();
  }
  void write(std::string_view op, std::string_view name, std::string_view fields) {
    const std::string key = R"(["r",")" + std::string(name) + "\"]";
    REQUIRE(succeeded(device->write(edit(op, "branches", key, fields))));
  }
  size_t records(std::string_view space) {
    size_t count = 0;
    TWINSTORE_CHECK(
        device->storage()
            .scan(space, "", "", [&](std::string_view, std::string_view) { return ++count > 0; })
            .ok());
    return count;
  }
  void connect() {
    REQUIRE(succeeded(device->replica().subscribe("*")));
    device->replica().mark_behind();
    for (int turn = 0; turn < 10'000; ++turn) {
      const auto message = device->replica().next_message();
      REQUIRE(succeeded(message));
      if (!message.value()) return;
      REQUIRE(succeeded(device->replica().receive(server.answer(*message.value()))));
    }
  }
};

std::string all_rows(Store& store) {
  std::string out;
  for (const char* sql : {"SELECT * FROM branches ORDER BY repo_id, name",
                          "SELECT * FROM cache_entries ORDER BY cache_key",
                          "SELECT * FROM analyses ORDER BY repo_id, branch_name, commit_sha"}) {
    auto query = store.query(sql);
    TWINSTORE_CHECK(query.ok());
    Statement& statement = query.value()->statement();
    while (statement.step().value()) {
      for (int i = 0; i < sqlite3_column_count(statement.handle()); ++i) {
        out += std::string(statement.text(i)) + (statement.is_null(i) ? "NULL|" : "|");
      }
      out += '\n';
    }
  }
  return out;
}

std::string values(Store& store) {
  std::string out;
  for (const char* sql :
       {"SELECT repo_id, name, ahead, is_default, tags FROM branches ORDER BY 1, 2",
        "SELECT cache_key, path, hit_count FROM cache_entries ORDER BY 1",
        "SELECT repo_id, commit_sha, metrics, technologies, analysis_timestamp FROM analyses"
        " ORDER BY 1, 2"}) {
    auto query = store.query(sql);
    while (query.value()->statement().step().value()) {
      for (int i = 0; i < 5; ++i) out += std::string(query.value()->statement().text(i)) + "|";
    }
  }
  return out;
}

}  // namespace

TEST_CASE_FIXTURE(Alone, "alone: nothing is queued, and a deleted row leaves nothing behind") {
  write("insert", "main", R"({"ahead":1})");
  write("update", "main", R"({"ahead":2})");
  write("insert", "gone", "{}");
  write("delete", "gone", "");
  CHECK(device->replica().status().pending == 0);
  CHECK(records("outbox") == 0);
  CHECK(records("base") == 0);
  CHECK(device->storage()
            .tombstones(hybrid_time_at(1LL << 45, {}),
                        [](auto&&...) {
                          FAIL_CHECK("there is a tombstone");
                          return true;
                        })
            .ok());
  CHECK(device->replica().next_message().value() == std::nullopt);
}

TEST_CASE_FIXTURE(Alone, "alone: a transaction may be larger than one that is to be sent") {
  const std::string text(900'000, 'x');
  std::string edits = R"({"edits":[)";
  for (int i = 0; i < 10; ++i) {
    edits += (i == 0 ? "" : ",") +
             std::string(R"({"op":"insert","collection":"branches","key":["r","b)") +
             std::to_string(i) + R"("],"fields":{"last_commit_message":")" + text + R"("}})";
  }
  REQUIRE(succeeded(device->write(edits + "]}")));
  connect();
  CHECK(device->replica().status().pending == 0);
  Device other(schema_json, clock, 9);
  other.sync(server);
  CHECK(other.rows("SELECT count(*), min(length(last_commit_message)) FROM branches") ==
        "10 900000");
}

TEST_CASE_FIXTURE(Alone, "alone: with the first scope the rows are sent, each with its time") {
  write("insert", "early", R"({"ahead":1})");
  clock.advance(1000);
  Device other(schema_json, clock, 9);
  other.write(edit("insert", "branches", R"(["r","early"])", R"({"ahead":5})"));
  other.write(edit("insert", "branches", R"(["r","late"])", R"({"ahead":5})"));
  other.sync(server);
  clock.advance(1000);
  write("insert", "late", R"({"ahead":7})");
  clock.advance(1000);
  connect();
  other.sync(server);
  const char* const ahead = "SELECT name, ahead FROM branches ORDER BY name";
  CHECK(other.rows(ahead) == "early 5\nlate 7");
  CHECK(all_rows(*device) == all_rows(other.store()));
}

TEST_CASE_FIXTURE(Alone, "alone: a refresh that was asked for is asked of the server then") {
  REQUIRE(succeeded(device->write(
      R"({"edits":[{"op":"schedule_refresh","task":"t1","repo_id":"r","branch_name":"b"}]})")));
  connect();
  Device other(schema_json, clock, 9);
  other.sync(server);
  CHECK(other.rows("SELECT id, state FROM _refresh_tasks") == "t1 queued");
}

TEST_CASE_FIXTURE(Alone, "alone: of very many rows neighbours in time go together") {
  SqliteStorage& storage = device->storage();
  const Collection& branches = *schema.find("branches");
  const size_t count = limits::own_rows_mutations_max + 500;
  REQUIRE(succeeded(storage.begin()));
  for (size_t i = 0; i < count; ++i) {
    RowVersion row;
    row.hlc = hybrid_time_at(1'700'000'000'000 + static_cast<int64_t>(i),
                             device->replica().status().client);
    for (const Field& field : branches.fields) row.values.push_back(field.default_value);
    row.values[0] = std::string("r");
    row.values[1] = "b" + std::to_string(i);
    REQUIRE(succeeded(storage.save(branches, row)));
  }
  REQUIRE(succeeded(storage.commit()));
  REQUIRE(succeeded(device->replica().subscribe("*")));
  CHECK(device->replica().status().pending == (count + 1) / 2);
}

TEST_CASE_FIXTURE(Alone,
                  "alone: once it is connected every write waits to be sent, scopes or not") {
  write("insert", "first", "{}");
  REQUIRE(succeeded(device->replica().connect()));
  CHECK(device->replica().status().pending == 1);
  REQUIRE(succeeded(device->replica().connect()));
  CHECK(device->replica().status().pending == 1);
  write("insert", "second", "{}");
  CHECK(device->replica().status().pending == 2);
  connect();
  REQUIRE(succeeded(device->replica().unsubscribe("*")));
  CHECK(all_rows(*device).empty());
  write("insert", "third", "{}");
  CHECK(device->replica().status().pending == 1);
  connect();
  Device other(schema_json, clock, 9);
  other.sync(server);
  CHECK(other.rows("SELECT name FROM branches ORDER BY name") == "first\nsecond\nthird");
}

TEST_CASE("alone: what others get is what stood here, for any edits before") {
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    CAPTURE(seed);
    Alone world;
    std::mt19937_64 random(seed);
    const auto below = [&](size_t n) { return std::to_string(random() % n); };
    for (int i = 0; i < 60; ++i) {
      world.clock.advance(static_cast<int64_t>(random() % 3));
      std::string text;
      switch (random() % 5) {
        case 0:
          text = edit("delete", "branches", "[\"r" + below(2) + "\",\"b" + below(4) + "\"]", "");
          break;
        case 1:
          text = edit("upsert", "cache_entries", "[\"c" + below(3) + "\"]",
                      R"({"path":null,"hit_count":)" + below(9) + "}");
          break;
        case 2:
          text = edit("upsert", "analyses", "[\"r" + below(2) + "\",\"b\",\"c" + below(2) + "\"]",
                      R"({"analysis_timestamp":"2024-01-01T00:00:00Z","metrics":{"n":)" + below(5) +
                          R"(},"technologies":["t)" + below(3) + "\"]}");
          break;
        default:
          text = edit("upsert", "branches", "[\"r" + below(2) + "\",\"b" + below(4) + "\"]",
                      R"({"ahead":)" + below(4) + R"(,"is_default":)" +
                          (random() % 2 == 0 ? "true" : "null") + R"(,"tags":["x)" + below(3) +
                          "\"]}");
      }
      REQUIRE(succeeded(world.device->write(text)));
    }
    const std::string before = values(*world.device);
    world.connect();
    CHECK(values(*world.device) == before);
    Device other(world.schema_json, world.clock, 9);
    other.sync(world.server);
    CHECK(values(other.store()) == before);
    CHECK(all_rows(other.store()) == all_rows(*world.device));
  }
}
