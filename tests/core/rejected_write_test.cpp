// What becomes of writes that the server refuses: nobody loses them, and their writer decides.
#include "twinstore/rejected_write.h"
#include "base/json.h"
#include "world.h"

using namespace twinstore;
using twinstore::test::code_of;
using twinstore::test::Device;
using twinstore::test::edit;
using twinstore::test::succeeded;

namespace {

constexpr std::string_view facts_schema = R"({"name":"notes","version":1,"collections":[
  {"name":"facts","key":["id"],"scope":"list","append_only":true,"fields":[
    {"name":"id","type":"text"},{"name":"list","type":"text"},{"name":"text","type":"text"}]},
  {"name":"notes","key":["id"],"scope":"list","fields":[
    {"name":"id","type":"text"},{"name":"list","type":"text"},{"name":"title","type":"text"},
    {"name":"labels","type":"set"},{"name":"hits","type":"counter"}]}]})";

// The note "n" is here, and at the server it is deleted and forgotten: edits of it are refused.
struct Refused : test::World {
  Refused() : World(facts_schema) {
    a.write(note("insert", R"({"list":"l","title":"first","labels":["old"],"hits":1})"));
    a.sync(server);
    b.sync(server);
  }
  static std::string note(std::string_view op, std::string_view fields) {
    return edit(op, "notes", R"("n")", fields);
  }
  static std::string decision(const std::string& id, std::string_view choice,
                              std::string_view fields = "") {
    std::string out = R"({"edits":[{"op":"resolve","rejected":")" + id + R"(","choice":")" +
                      std::string(choice) + '"';
    if (!fields.empty()) out += R"(,"fields":)" + std::string(fields);
    return out + "}]}";
  }
  // The row is gone at the server, without a trace.
  void forget() {
    a.write(note("delete", ""));
    a.sync(server);
    clock.advance(limits::tombstone_horizon_ms + 1);
    REQUIRE(server.storage().begin().ok());
    REQUIRE(server.authority().collect_garbage(10).ok());
    REQUIRE(server.storage().commit().ok());
  }
  std::string refuse(std::string_view fields) {
    REQUIRE(b.write(note("update", fields)));
    forget();
    b.sync(server);
    return b.rows("SELECT id FROM _rejected_writes");
  }
  JsonValue changes() {
    const auto json = parse_json(b.rows("SELECT changes FROM _rejected_writes"));
    return succeeded(json) ? json.value() : JsonValue();
  }

  Device a{schema_json, clock, 10};
  Device b{schema_json, clock, 20};
};

}  // namespace

TEST_CASE_FIXTURE(Refused, "rejected: a refused write is kept with what it saw, wrote and met") {
  const std::string id = refuse(R"({"title":"mine","labels":["new"],"hits":{"increment":2}})");
  CHECK(b.rows("SELECT code, scope FROM _rejected_writes") == "row_missing l");
  const JsonValue kept = changes();
  REQUIRE(kept.size() == 1);
  CHECK(kept[0]["collection"] == "notes");
  CHECK(kept[0]["key"].dump() == R"(["n"])");
  CHECK(kept[0]["op"] == "update");
  CHECK(kept[0]["base"].dump() == R"({"hits":1,"labels":["old"],"title":"first"})");
  CHECK(kept[0]["local"].dump() == R"({"hits":{"increment":2},"labels":["new"],"title":"mine"})");
  // The server knows no such row, but this device did when it heard of the refusal.
  CHECK(kept[0]["remote"].dump() == R"({"hits":1,"labels":["old"],"title":"first"})");
  CHECK(b.replica().status().rejected == 1);
  CHECK(b.replica().status().pending == 0);
  CHECK(b.replica().rejected_writes().value()[0].id == id);
}

TEST_CASE_FIXTURE(Refused, "rejected: what met a row says what stands there") {
  REQUIRE(a.write(edit("insert", "facts", R"("f")", R"({"list":"l","text":"theirs"})")));
  a.sync(server);
  REQUIRE(b.write(edit("insert", "facts", R"("f")", R"({"list":"l","text":"mine"})")));
  const auto push = b.replica().next_message();
  REQUIRE(succeeded(b.replica().receive(server.answer(*push.value()))));
  // The answer comes before the row: what stands there is not known yet.
  CHECK(changes()[0]["remote"].is_null());
  b.sync(server);
  REQUIRE(b.write(decision(b.rows("SELECT id FROM _rejected_writes"), "remote")));
  CHECK(b.row("facts", R"("f")").find("theirs") != std::string::npos);
}

TEST_CASE_FIXTURE(Refused, "rejected: given up, it leaves no trace") {
  const std::string id = refuse(R"({"title":"mine"})");
  const auto commit = b.store().write(decision(id, "remote"));
  REQUIRE(succeeded(commit));
  CHECK(commit.value().is_status_changed);
  CHECK(commit.value().rows.contains(rejected_writes_of(schema).position));
  CHECK(b.rows("SELECT * FROM _rejected_writes").empty());
  CHECK(b.replica().status().rejected == 0);
  CHECK(b.replica().status().pending == 0);
  CHECK(code_of(b.store().write(decision(id, "remote"))) == ErrorCode::NotFound);
}

TEST_CASE_FIXTURE(Refused, "rejected: tried again, it is a new write on top of what stands there") {
  const std::string id = refuse(R"({"title":"mine","hits":{"increment":2}})");
  CHECK(code_of(b.store().write(decision(id, "local"))) == ErrorCode::RowMissing);
  CHECK(b.replica().status().rejected == 1);
  REQUIRE(a.write(note("insert", R"({"list":"l","title":"again","hits":10})")));
  a.sync(server);
  b.sync(server);
  REQUIRE(b.write(decision(id, "local")));
  CHECK(b.replica().status().rejected == 0);
  b.sync(server);
  a.sync(server);
  CHECK(a.rows("SELECT title, hits FROM notes") == "mine 12");
  CHECK(b.replica().status().rejected == 0);
}

TEST_CASE_FIXTURE(Refused, "rejected: it can be tried again with other values") {
  const std::string id = refuse(R"({"title":"mine","labels":["x"]})");
  REQUIRE(a.write(note("insert", R"({"list":"l","title":"again"})")));
  a.sync(server);
  b.sync(server);
  CHECK(code_of(b.store().write(decision(id, "merged", R"({"title":7})"))) == ErrorCode::WrongType);
  CHECK(code_of(b.store().write(decision(id, "merged", R"({"nothing":7})"))) ==
        ErrorCode::UnknownField);
  REQUIRE(b.write(decision(id, "merged", R"({"title":"ours"})")));
  b.sync(server);
  a.sync(server);
  CHECK(a.rows("SELECT title, labels FROM notes") == R"(ours ["x"])");
}

TEST_CASE_FIXTURE(Refused, "rejected: editing is writing anew and giving up, in one transaction") {
  const std::string id = refuse(R"({"title":"mine"})");
  REQUIRE(b.write(R"({"edits":[{"op":"insert","collection":"notes","key":["m"],"fields":)"
                  R"({"list":"l","title":"saved"}},{"op":"resolve","rejected":")" +
                  id + R"(","choice":"remote"}]})"));
  CHECK(b.replica().status().rejected == 0);
  CHECK(b.replica().status().pending == 1);
}

TEST_CASE_FIXTURE(Refused, "rejected: a write of several rows is kept and decided as one") {
  REQUIRE(b.write(R"({"edits":[{"op":"update","collection":"notes","key":["n"],"fields":)"
                  R"({"title":"mine"}},{"op":"insert","collection":"facts","key":["f"],"fields":)"
                  R"({"list":"l","text":"a"}}]})"));
  forget();
  b.sync(server);
  CHECK(changes().size() == 2);
  CHECK(b.row("facts", R"("f")") == "null");
  const std::string id = b.rows("SELECT id FROM _rejected_writes");
  CHECK(code_of(b.store().write(decision(id, "merged", R"({"title":"x"})"))) ==
        ErrorCode::InvalidArgument);
  CHECK(code_of(b.store().write(decision(id, "local"))) == ErrorCode::RowMissing);
  CHECK(b.row("facts", R"("f")") == "null");
}

TEST_CASE_FIXTURE(Refused, "rejected: a deletion has no values to merge, and can be tried again") {
  REQUIRE(b.write(
      R"({"edits":[{"op":"delete","collection":"notes","key":["n"]},)"
      R"({"op":"insert","collection":"facts","key":["f"],"fields":{"list":"l","text":"mine"}}]})"));
  REQUIRE(a.write(edit("insert", "facts", R"("f")", R"({"list":"l","text":"theirs"})")));
  a.sync(server);
  b.sync(server);
  CHECK(changes()[0]["local"].is_null());
  const std::string id = b.rows("SELECT id FROM _rejected_writes");
  CHECK(code_of(b.store().write(decision(id, "local"))) == ErrorCode::AppendOnly);
  CHECK(b.row("notes", R"("n")") != "null");
}

TEST_CASE_FIXTURE(Refused,
                  "rejected: it stays when the scope is read again, dropped or opened anew") {
  refuse(R"({"title":"mine"})");
  server.come_back();
  b.sync(server);
  CHECK(b.replica().status().rejected == 1);
  REQUIRE(succeeded(b.replica().unsubscribe("*")));
  CHECK(b.rows("SELECT code FROM _rejected_writes") == "row_missing");
}

TEST_CASE_FIXTURE(Refused, "rejected: no message carries these rows, either way") {
  refuse(R"({"title":"mine"})");
  CHECK(a.rows("SELECT * FROM _rejected_writes").empty());
  const std::string hlc = "018bcfe5687b00010123456789abcdef";
  const std::string push =
      R"({"type":"push","protocol":1,"schema":"notes","schema_version":1,)"
      R"("client_id":"0123456789abcdef","acked_seq":0,"mutations":[{"seq":1,"hlc":")" +
      hlc +
      R"(","changes":[{"collection":"_rejected_writes","key":["x"],"kind":"delete",)"
      R"("base_rev":0}]}]})";
  CHECK(server.answer(push).find(R"("status":"rejected")") != std::string::npos);
  const std::string page =
      R"({"type":"pulled","epoch":"e","scope":"*","after":0,"rev":1,"cursor":"",)"
      R"("checkpoint":true,"blocks":[{"collection":"_rejected_writes","columns":["id"],)"
      R"("rows":[[1,")" +
      hlc + R"(","","x"]]}]})";
  CHECK(code_of(b.replica().receive(page)) == ErrorCode::InvalidJson);
}

TEST_CASE("rejected: only the engine's own collections are local") {
  const auto schema =
      Schema::parse(R"({"name":"n","version":1,"collections":[{"name":"c","key":["id"],
    "scope":"id","local":true,"fields":[{"name":"id","type":"text"}]}]})");
  CHECK(code_of(schema) == ErrorCode::InvalidSchema);
}
