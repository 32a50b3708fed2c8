// Conflicts from both ends: what waits, who sees it, and what a decision does.
#include "base/json.h"
#include "world.h"

using namespace twinstore;
using twinstore::test::code_of;
using twinstore::test::Device;
using twinstore::test::edit;
using twinstore::test::succeeded;

namespace {

constexpr std::string_view notes_schema = R"({"name":"notes","version":1,"collections":[
  {"name":"notes","key":["id"],"scope":"list","policy":"MANUAL","fields":[
    {"name":"id","type":"text"},{"name":"list","type":"text"},{"name":"title","type":"text"},
    {"name":"body","type":"text"},{"name":"labels","type":"set"}]},
  {"name":"tasks","key":["id"],"scope":"list","fields":[
    {"name":"id","type":"text"},{"name":"list","type":"text"},{"name":"title","type":"text"}]}]})";

// Two devices that hold the note "n", and then do not see what the other does.
struct Apart : test::World {
  Apart() : World(notes_schema) {
    a.write(edit("insert", "notes", R"("n")",
                 R"({"id":"n","list":"l","title":"first","body":"text"})"));
    exchange();
  }
  void exchange() {
    for (int turn = 0; turn < 3; ++turn) {
      a.sync(server);
      b.sync(server);
    }
  }
  // Both set the title; b's arrives second and meets a's.
  void disagree() {
    a.write(title("from a"));
    b.write(title("from b"));
    exchange();
  }
  static std::string title(std::string_view text) {
    return edit("update", "notes", R"("n")", R"({"title":")" + std::string(text) + "\"}");
  }
  static std::string decision(const std::string& id, std::string_view choice) {
    return R"({"edits":[{"op":"resolve","conflict":")" + id + R"(","choice":")" +
           std::string(choice) + "\"}]}";
  }
  std::string id_of_open(Device& device) {
    return device.rows("SELECT id FROM _conflicts WHERE status = 'open'");
  }
  std::string sides(Device& device) {
    return device.rows("SELECT status, base, local, remote FROM _conflicts ORDER BY detected_at");
  }
  std::string title_of(Device& device) { return device.rows("SELECT title FROM notes"); }

  Device a{schema_json, clock, 10};
  Device b{schema_json, clock, 20};
};

}  // namespace

TEST_CASE_FIXTURE(Apart, "manual: the row keeps the stored value and both sides wait for all") {
  disagree();
  for (Device* device : {&a, &b}) {
    CHECK(title_of(*device) == "from a");
    CHECK(sides(*device) == R"(open {"title":"first"} {"title":"from b"} {"title":"from a"})");
    CHECK(device->rows("SELECT scope, collection, row_key, fields FROM _conflicts") ==
          R"(l notes ["n"] ["title"])");
  }
}

TEST_CASE_FIXTURE(Apart, "manual: fields that one side changed keep that change") {
  REQUIRE(a.write(title("from a")));
  REQUIRE(b.write(edit("update", "notes", R"("n")", R"({"title":"from b","body":"from b"})")));
  exchange();
  CHECK(a.rows("SELECT title, body FROM notes") == "from a from b");
  CHECK(sides(a) == R"(open {"title":"first"} {"title":"from b"} {"title":"from a"})");
}

TEST_CASE("a conflict resolved with one side is resolved for all") {
  for (const std::string choice : {"local", "remote"}) {
    Apart world;
    world.disagree();
    REQUIRE(world.a.write(Apart::decision(world.id_of_open(world.a), choice)));
    world.exchange();
    for (Device* device : {&world.a, &world.b}) {
      CHECK(world.title_of(*device) == (choice == "local" ? "from b" : "from a"));
      CHECK(device->rows("SELECT status, resolution FROM _conflicts") == "resolved " + choice);
    }
  }
}

TEST_CASE_FIXTURE(Apart, "a conflict can be resolved offline with a merged value") {
  disagree();
  REQUIRE(b.write(R"({"edits":[{"op":"resolve","conflict":")" + id_of_open(b) +
                  R"(","choice":"merged","fields":{"title":"from a and b"}}]})"));
  CHECK(title_of(b) == "from a and b");
  exchange();
  CHECK(title_of(a) == "from a and b");
  CHECK(a.rows("SELECT status, resolution FROM _conflicts") == "resolved merged");
}

TEST_CASE_FIXTURE(Apart, "a decision about a row that has moved on overwrites nothing") {
  disagree();
  REQUIRE(b.write(decision(id_of_open(b), "local")));
  REQUIRE(a.write(title("newer from a")));
  a.sync(server);
  exchange();
  for (Device* device : {&a, &b}) {
    CHECK(title_of(*device) == "newer from a");
    CHECK(sides(*device) ==
          R"(open {"title":"first"} {"title":"from b"} {"title":"newer from a"})");
  }
  REQUIRE(b.write(decision(id_of_open(b), "local")));
  exchange();
  CHECK(title_of(a) == "from b");
}

TEST_CASE_FIXTURE(Apart, "a decision does not close what its writer's own edit met meanwhile") {
  disagree();
  REQUIRE(a.write(edit("update", "notes", R"("n")", R"({"body":"from a"})")));
  a.sync(server);
  REQUIRE(b.write(edit("update", "notes", R"("n")", R"({"body":"from b"})")));
  REQUIRE(b.write(decision(id_of_open(b), "remote")));
  exchange();
  for (Device* device : {&a, &b}) {
    CHECK(device->rows("SELECT title, body FROM notes") == "from a from a");
    CHECK(device->rows("SELECT status, local FROM _conflicts") ==
          R"(open {"body":"from b","title":"from b"})");
  }
}

TEST_CASE_FIXTURE(Apart, "a decision that brings a deleted row back leaves it in its scope") {
  disagree();
  REQUIRE(a.write(edit("delete", "notes", R"("n")", "")));
  exchange();
  REQUIRE(b.write(decision(id_of_open(b), "local")));
  exchange();
  CHECK(a.rows("SELECT list, title FROM notes") == "l from b");
}

TEST_CASE_FIXTURE(Apart, "keeping a remote side that has moved on leaves the conflict open") {
  disagree();
  REQUIRE(b.write(decision(id_of_open(b), "remote")));
  REQUIRE(a.write(title("newer from a")));
  a.sync(server);
  exchange();
  CHECK(sides(b) == R"(open {"title":"first"} {"title":"from b"} {"title":"newer from a"})");
}

TEST_CASE_FIXTURE(Apart, "two decisions at once: the second one does not undo the first") {
  disagree();
  const std::string id = id_of_open(a);
  REQUIRE(a.write(decision(id, "local")));
  REQUIRE(b.write(R"({"edits":[{"op":"resolve","conflict":")" + id +
                  R"(","choice":"merged","fields":{"title":"other"}}]})"));
  exchange();
  CHECK(title_of(a) == "from b");
  CHECK(title_of(b) == "from b");
  CHECK(a.rows("SELECT status, count(*) FROM _conflicts GROUP BY status") == "open 1\nresolved 1");
  CHECK(a.rows("SELECT local FROM _conflicts WHERE status = 'open'") == R"({"title":"other"})");
}

TEST_CASE_FIXTURE(Apart, "an edit of a row with an open conflict moves its remote side") {
  disagree();
  REQUIRE(a.write(title("later")));
  exchange();
  CHECK(title_of(b) == "later");
  CHECK(sides(b) == R"(open {"title":"first"} {"title":"from b"} {"title":"later"})");
}

TEST_CASE_FIXTURE(Apart, "the same writer's next edit joins the conflict; another's is its own") {
  Device c(schema_json, clock, 30);
  c.sync(server);
  REQUIRE(a.write(title("from a")));
  REQUIRE(b.write(title("from b")));
  REQUIRE(succeeded(b.replica().next_message()));  // sent: the next one does not join it here
  b.replica().lost();
  REQUIRE(b.write(title("b again")));
  REQUIRE(c.write(title("from c")));
  a.sync(server);
  b.sync(server);
  c.sync(server);
  exchange();
  CHECK(a.rows("SELECT local FROM _conflicts ORDER BY local") ==
        "{\"title\":\"b again\"}\n{\"title\":\"from c\"}");
}

TEST_CASE_FIXTURE(Apart, "manual: what two copies of a device wrote apart waits on both sides") {
  Device copy(b, clock, 30);
  REQUIRE(a.write(title("from a")));
  REQUIRE(b.write(title("from b")));
  clock.advance(1);
  REQUIRE(copy.write(title("from the copy")));
  a.sync(server);
  b.sync(server);
  copy.sync(server);  // its number is taken, so it goes under another name
  exchange();
  CHECK(a.rows("SELECT local FROM _conflicts ORDER BY local") ==
        "{\"title\":\"from b\"}\n{\"title\":\"from the copy\"}");
}

TEST_CASE("manual: a delete that meets an edit waits, and can be decided either way") {
  for (const std::string choice : {"local", "remote"}) {
    Apart world;
    REQUIRE(world.a.write(Apart::title("from a")));
    REQUIRE(world.b.write(edit("delete", "notes", R"("n")", "")));
    world.exchange();
    CHECK(world.title_of(world.b) == "from a");
    CHECK(world.b.rows("SELECT status, local IS NULL, json_extract(remote, '$.title') "
                       "FROM _conflicts") == "open 1 from a");
    REQUIRE(world.a.write(Apart::decision(world.id_of_open(world.a), choice)));
    world.exchange();
    CHECK(world.title_of(world.b) == (choice == "local" ? "" : "from a"));
  }
}

TEST_CASE_FIXTURE(Apart,
                  "manual: an edit that meets a delete waits, and brings back all of the row") {
  REQUIRE(a.write(edit("delete", "notes", R"("n")", "")));
  REQUIRE(b.write(title("from b")));
  exchange();
  CHECK(title_of(b).empty());
  CHECK(b.rows("SELECT status, remote IS NULL, fields FROM _conflicts") == R"(open 1 ["title"])");
  REQUIRE(a.write(decision(id_of_open(a), "local")));
  exchange();
  CHECK(b.rows("SELECT title, body, list FROM notes") == "from b text l");
}

TEST_CASE_FIXTURE(Apart, "what was decided automatically can be confirmed") {
  REQUIRE(a.write(edit("insert", "tasks", R"("t")", R"({"id":"t","list":"l","title":"first"})")));
  exchange();
  REQUIRE(a.write(edit("update", "tasks", R"("t")", R"({"title":"from a"})")));
  a.sync(server);
  clock.advance(1'000);
  REQUIRE(b.write(edit("update", "tasks", R"("t")", R"({"title":"later"})")));
  exchange();
  REQUIRE(a.write(decision(a.rows("SELECT id FROM _conflicts"), "local")));
  exchange();
  CHECK(a.replica().status().rejected == 0);
  CHECK(b.rows("SELECT status, resolution FROM _conflicts") == "resolved local");
}

TEST_CASE_FIXTURE(Apart, "a change that lost automatically is kept and can be taken back") {
  REQUIRE(a.write(edit("insert", "tasks", R"("t")", R"({"id":"t","list":"l","title":"first"})")));
  exchange();
  clock.advance(1'000);
  REQUIRE(b.write(edit("update", "tasks", R"("t")", R"({"title":"earlier"})")));
  clock.advance(1'000);
  REQUIRE(a.write(edit("update", "tasks", R"("t")", R"({"title":"later"})")));
  a.sync(server);
  exchange();
  CHECK(b.rows("SELECT title FROM tasks") == "later");
  CHECK(sides(b) == R"(superseded {"title":"first"} {"title":"earlier"} {"title":"later"})");
  const std::string id = b.rows("SELECT id FROM _conflicts");
  REQUIRE(b.write(decision(id, "local")));
  exchange();
  CHECK(a.rows("SELECT title FROM tasks") == "earlier");
  CHECK(a.rows("SELECT status FROM _conflicts") == "resolved");
}

TEST_CASE_FIXTURE(Apart, "a value that was replaced unseen is kept and can be taken back") {
  REQUIRE(a.write(edit("insert", "tasks", R"("t")", R"({"id":"t","list":"l","title":"first"})")));
  exchange();
  REQUIRE(a.write(edit("update", "tasks", R"("t")", R"({"title":"from a"})")));
  a.sync(server);
  clock.advance(1'000);
  REQUIRE(
      b.write(edit("update", "tasks", R"("t")", R"({"title":"later, without having seen it"})")));
  exchange();
  CHECK(a.rows("SELECT title FROM tasks") == "later, without having seen it");
  CHECK(a.rows("SELECT status, resolution, remote FROM _conflicts") ==
        R"(superseded local {"title":"from a"})");
  REQUIRE(a.write(decision(a.rows("SELECT id FROM _conflicts"), "remote")));
  exchange();
  CHECK(b.rows("SELECT title FROM tasks") == "from a");
}

TEST_CASE_FIXTURE(Apart, "a row that was edited and deleted at once can be had back") {
  REQUIRE(a.write(edit("insert", "tasks", R"("t")", R"({"id":"t","list":"l","title":"first"})")));
  exchange();
  REQUIRE(a.write(edit("update", "tasks", R"("t")", R"({"title":"edited"})")));
  a.sync(server);
  clock.advance(1'000);
  REQUIRE(b.write(edit("delete", "tasks", R"("t")", "")));
  exchange();
  CHECK(a.rows("SELECT count(*) FROM tasks") == "0");
  REQUIRE(a.write(decision(a.rows("SELECT id FROM _conflicts"), "remote")));
  exchange();
  CHECK(b.rows("SELECT title, list FROM tasks") == "edited l");
}

TEST_CASE_FIXTURE(Apart, "edits that saw each other leave nothing behind") {
  for (int i = 0; i < 5; ++i) {
    REQUIRE(a.write(title("a" + std::to_string(i))));
    exchange();
    REQUIRE(b.write(title("b" + std::to_string(i))));
    exchange();
  }
  REQUIRE(a.write(edit("delete", "notes", R"("n")", "")));
  exchange();
  CHECK(a.rows("SELECT count(*) FROM _conflicts") == "0");
}

TEST_CASE_FIXTURE(Apart, "of what was decided in a scope, the newest 1,000 stay") {
  REQUIRE(a.write(edit("insert", "tasks", R"("t")", R"({"id":"t","list":"l","title":"first"})")));
  exchange();
  const auto lose = [&](int number) {
    const std::string text = std::to_string(number);
    b.write(edit("update", "tasks", R"("t")", R"({"title":"b)" + text + "\"}"));
    clock.advance(1);
    a.write(edit("update", "tasks", R"("t")", R"({"title":"a)" + text + "\"}"));
    a.sync(server);
    b.sync(server);
  };
  const int kept = static_cast<int>(limits::automatic_outcomes_kept);
  for (int i = 0; i < kept; ++i) lose(i);
  a.sync(server);
  CHECK(a.rows("SELECT count(*) FROM _conflicts") == std::to_string(kept));
  lose(kept);
  a.sync(server);
  CHECK(a.rows("SELECT count(*) FROM _conflicts") == std::to_string(kept));
  CHECK(a.rows("SELECT count(*) FROM _conflicts WHERE local = '{\"title\":\"b0\"}'") == "0");
}

TEST_CASE_FIXTURE(Apart, "conflicts are written by nobody but the engine") {
  disagree();
  const std::string id = id_of_open(a);
  const std::string key = "\"" + id + "\"";
  CHECK(code_of(a.store().write(edit("update", "_conflicts", key, R"({"status":"resolved"})"))) ==
        ErrorCode::Forbidden);
  CHECK(code_of(a.store().write(edit("delete", "_conflicts", key, ""))) == ErrorCode::Forbidden);
  CHECK(code_of(a.store().write(decision("unknown", "local"))) == ErrorCode::NotFound);
  CHECK(code_of(a.store().write(decision(id, "both"))) == ErrorCode::InvalidArgument);
  REQUIRE(a.write(decision(id, "remote")));
  CHECK(code_of(a.store().write(decision(id, "local"))) == ErrorCode::PreconditionFailed);
  std::string push = a.replica().next_message().value().value();
  push.replace(push.find("\"resolved\""), 10, "\"open\"");
  CHECK(server.answer(push).find("forbidden") != std::string::npos);
  CHECK(b.rows("SELECT status FROM _conflicts") == "open");
}

TEST_CASE_FIXTURE(Apart, "all_or_nothing: a conflict of one row refuses the whole and names it") {
  REQUIRE(a.write(title("from a")));
  a.sync(server);
  REQUIRE(b.write(R"({"all_or_nothing":true,"edits":[)"
                  R"({"op":"insert","collection":"tasks","fields":{"id":"t","list":"l"}},)"
                  R"({"op":"update","collection":"notes","key":"n","fields":{"title":"b"}}]})"));
  b.sync(server);
  CHECK(b.rows("SELECT count(*) FROM tasks") == "0");
  CHECK(b.rows("SELECT count(*) FROM _conflicts") == "0");
  const auto rejected = b.replica().rejected_writes();
  REQUIRE(rejected.value().size() == 1);
  CHECK(rejected.value()[0].code == ErrorCode::PreconditionFailed);
  CHECK(rejected.value()[0].message.find(R"(notes ["n"])") != std::string::npos);
}
