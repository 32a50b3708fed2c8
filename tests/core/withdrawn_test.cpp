// A scope that the server withdraws, and writes that no server will ever take.
#include "base/json.h"
#include "world.h"

using namespace twinstore;
using twinstore::test::Device;
using twinstore::test::edit;
using twinstore::test::succeeded;

namespace {

constexpr std::string_view json = R"({"name":"notes","version":1,"collections":[
  {"name":"keyed","key":["list","id"],"scope":"list","fields":[
    {"name":"list","type":"text"},{"name":"id","type":"text"},{"name":"title","type":"text"}]},
  {"name":"notes","key":["id"],"scope":"list","policy":"MANUAL","fields":[
    {"name":"id","type":"text"},{"name":"list","type":"text"},{"name":"title","type":"text"}]}]})";

// A server that gives the device `mine` only the scopes in `granted`, and everybody else all.
struct Guarded : test::World {
  Guarded() : World(json) {
    other.write(edit("insert", "notes", R"("n")", R"({"list":"a","title":"one"})"));
    other.write(edit("insert", "keyed", R"(["b","k"])", R"({"title":"one"})"));
    other.sync(server);
    REQUIRE(succeeded(mine.replica().subscribe("b")));
    exchange();
    REQUIRE(mine.rows("SELECT id FROM notes") == "n");
  }

  std::string answer(const std::string& text) {
    const auto message = decode(schema, text);
    const auto reaches = [&](std::string_view scope) {
      return granted.contains(std::string(scope));
    };
    if (const auto* pull = std::get_if<PullRequest>(&message.value())) {
      if (reaches(pull->scope)) return server.answer(text);
      return encode(schema, Message(ErrorMessage{{ErrorCode::ScopeWithdrawn, "not for this token"},
                                                 pull->scope}));
    }
    Storage& storage = server.storage();
    REQUIRE(storage.begin().ok());
    auto effect = server.authority().push(std::get<PushRequest>(message.value()), reaches);
    REQUIRE(succeeded(effect));
    REQUIRE(storage.commit().ok());
    return encode(schema, Message(std::move(effect).value().response));
  }

  void exchange() {
    mine.replica().mark_behind();
    for (;;) {
      const auto message = mine.replica().next_message();
      REQUIRE(succeeded(message));
      if (!message.value()) return;
      REQUIRE(succeeded(mine.replica().receive(answer(*message.value()))));
    }
  }

  const ScopeState& state(std::string_view name) {
    status = mine.replica().status();
    const auto at = std::ranges::find(status.scopes, name, &ScopeState::scope);
    REQUIRE(at != status.scopes.end());
    return *at;
  }

  std::set<std::string> granted{"a", "b"};
  ReplicaStatus status;
  Device other{std::string(json), clock, 10};
  Device mine{std::string(json), clock, 20, "a"};
};

}  // namespace

TEST_CASE_FIXTURE(Guarded, "withdrawn: the rows of the scope leave the device, and others stay") {
  granted.erase("a");
  exchange();
  CHECK(mine.rows("SELECT id FROM notes").empty());
  CHECK(mine.rows("SELECT id FROM keyed") == "k");
  CHECK(state("a").is_withdrawn);
  CHECK_FALSE(state("b").is_withdrawn);
  CHECK(mine.store().status_json().find(R"("is_withdrawn":true)") != std::string::npos);
  other.sync(server);
  CHECK(other.rows("SELECT id FROM notes") == "n");  // nothing was deleted
}

TEST_CASE_FIXTURE(Guarded,
                  "withdrawn: nobody asks for it any more, until somebody subscribes anew") {
  granted.erase("a");
  exchange();
  mine.replica().mark_behind();
  for (;;) {
    const auto message = mine.replica().next_message();
    if (!message.value()) break;
    CHECK(message.value()->find(R"("scope":"a")") == std::string::npos);
    REQUIRE(succeeded(mine.replica().receive(answer(*message.value()))));
  }
  CHECK(mine.replica().subscribe_message().find(R"("scope":"a")") == std::string::npos);
  granted.insert("a");
  REQUIRE(succeeded(mine.replica().subscribe("a")));
  exchange();
  CHECK(mine.rows("SELECT id FROM notes") == "n");
  CHECK_FALSE(state("a").is_withdrawn);
}

TEST_CASE_FIXTURE(Guarded, "withdrawn: what waits in it is refused by name and kept for export") {
  REQUIRE(mine.write(edit("update", "notes", R"("n")", R"({"title":"mine"})")));
  REQUIRE(mine.write(edit("insert", "notes", R"("new")", R"({"list":"a","title":"mine, too"})")));
  REQUIRE(mine.write(edit("update", "keyed", R"(["b","k"])", R"({"title":"two"})")));
  granted.erase("a");
  exchange();
  CHECK(mine.replica().status().pending == 0);
  CHECK(mine.rows("SELECT code, scope FROM _rejected_writes ORDER BY made_at, id") ==
        "row_missing a\nforbidden a");
  CHECK(mine.rows("SELECT changes FROM _rejected_writes").find("mine, too") != std::string::npos);
  CHECK(mine.rows("SELECT id FROM notes").empty());
  other.sync(server);
  CHECK(other.rows("SELECT title FROM keyed") == "two");
  CHECK(other.rows("SELECT title FROM notes") == "one");
}

TEST_CASE_FIXTURE(Guarded,
                  "withdrawn: what was confirmed and has not arrived is not lost at the server") {
  REQUIRE(mine.write(edit("insert", "notes", R"("new")", R"({"list":"a","title":"mine"})")));
  const auto push = mine.replica().next_message();
  REQUIRE(succeeded(mine.replica().receive(answer(*push.value()))));
  granted.erase("a");
  exchange();
  CHECK(mine.rows("SELECT id FROM notes").empty());
  CHECK(mine.replica().status().rejected == 0);
  other.sync(server);
  CHECK(other.rows("SELECT title FROM notes WHERE id = 'new'") == "mine");
}

TEST_CASE_FIXTURE(Guarded, "withdrawn: it stays so over a new opening of the replica") {
  REQUIRE(mine.write(edit("update", "notes", R"("n")", R"({"title":"mine"})")));
  granted.erase("a");
  mine.replica().mark_behind();
  (void)mine.replica().next_message();  // the push, whose answer never comes
  const auto pull = mine.replica().next_message();
  REQUIRE(succeeded(mine.replica().receive(answer(*pull.value()))));
  CHECK(mine.rows("SELECT title FROM notes") == "mine");  // it still waits
  FakeIdSource ids(7);
  auto again = Replica::open(schema, mine.store().storage(), clock, ids);
  REQUIRE(succeeded(again));
  CHECK(again.value()->status().scopes[0].is_withdrawn);
  const auto push = again.value()->next_message();
  REQUIRE(succeeded(again.value()->receive(answer(*push.value()))));
  CHECK(mine.rows("SELECT title FROM notes").empty());
  CHECK(again.value()->status().rejected == 1);
}

TEST_CASE_FIXTURE(Guarded, "reach: rows of other scopes are none, whether or not they are there") {
  granted = {"b"};
  const auto refused = [&](std::string_view kind, std::string_view collection, std::string_view key,
                           std::string_view fields) {
    static int64_t seq = 0;
    ++seq;
    const std::string client =
        seq < 10 ? "000000000000000" + std::to_string(seq) : "00000000000000" + std::to_string(seq);
    const std::string push = R"({"type":"push","protocol":1,"schema":"notes","schema_version":1,)"
                             R"("client_id":")" +
                             client +
                             R"(","acked_seq":0,"mutations":[{"seq":1,"hlc":)"
                             R"("018bcfe5687b0001)" +
                             client + R"(","changes":[{"collection":")" + std::string(collection) +
                             R"(","key":)" + std::string(key) + R"(,"kind":")" + std::string(kind) +
                             R"(","base_rev":1,"fields":)" + std::string(fields) + "}]}]}";
    const auto decoded = decode(schema, answer(push));
    const Outcome& outcome = std::get<PushResponse>(decoded.value()).outcomes.at(0);
    return outcome.status == OutcomeStatus::Rejected ? outcome.code : ErrorCode::Internal;
  };
  for (const char* id : {R"(["n"])", R"(["absent"])"}) {
    CHECK(refused("update", "notes", id, R"({"title":["one","x"]})") == ErrorCode::RowMissing);
    CHECK(refused("delete", "notes", id, "{}") ==
          ErrorCode::Internal);  // applied, and nothing done
  }
  CHECK(refused("insert", "notes", R"(["x"])", R"({"list":[null,"a"]})") == ErrorCode::Forbidden);
  CHECK(refused("insert", "notes", R"(["x"])", "{}") == ErrorCode::Forbidden);
  CHECK(refused("insert", "notes", R"(["n"])", R"({"list":[null,"b"]})") == ErrorCode::Forbidden);
  for (const char* kind : {"insert", "update", "delete"}) {
    CHECK(refused(kind, "keyed", R"(["a","k"])", "{}") == ErrorCode::Forbidden);
  }
  CHECK(refused("update", "keyed", R"(["b","k"])", R"({"title":["one","x"]})") ==
        ErrorCode::Internal);
  other.sync(server);
  CHECK(other.rows("SELECT id, list, title FROM notes") == "n a one");
}

namespace {

// A server, or something before it, that refuses a push whole when one of its writes says "poison".
struct Poisoned : test::World {
  std::string answer(const std::string& text, ErrorCode code) {
    ++messages;
    if (text.find("poison") == std::string::npos) return server.answer(text);
    return encode(schema, Message(ErrorMessage{{code, "too large for this proxy"}}));
  }
  void exchange(ErrorCode code, bool is_pulling) {
    if (is_pulling) a.replica().mark_behind();
    for (;;) {
      std::vector<std::string> sent;
      for (;;) {
        const auto message = a.replica().next_message();
        REQUIRE(succeeded(message));
        if (!message.value()) break;
        sent.push_back(*message.value());
      }
      if (sent.empty()) return;
      for (const std::string& text : sent) {
        REQUIRE(succeeded(a.replica().receive(answer(text, code))));
      }
    }
  }
  void write_all(size_t count, const std::set<size_t>& poisonous) {
    for (size_t i = 0; i < count; ++i) {
      const std::string name = (poisonous.contains(i) ? "poison" : "good") + std::to_string(i);
      REQUIRE(a.write(edit("insert", "branches", R"(["r",")" + name + "\"]", "{}")));
    }
  }
  size_t messages = 0;
  Device a{schema_json, clock, 10};
};

}  // namespace

TEST_CASE_FIXTURE(Poisoned,
                  "poison: a write that is refused alone is set aside and the rest goes on") {
  bool is_pulling = false;
  SUBCASE("with nothing beside it") {}
  SUBCASE("while a page is on its way") { is_pulling = true; }
  write_all(40, {3, 17, 39});
  exchange(ErrorCode::BodyTooLarge, is_pulling);
  CHECK(a.replica().status().pending == 0);
  CHECK(a.rows("SELECT code FROM _rejected_writes") ==
        "body_too_large\nbody_too_large\nbody_too_large");
  CHECK(a.rows("SELECT count(*) FROM branches") == "37");
  CHECK(messages < 60);
  Device b(schema_json, clock, 20);
  b.sync(server);
  CHECK(b.rows("SELECT count(*) FROM branches") == "37");
}

TEST_CASE_FIXTURE(Poisoned, "poison: what will pass by itself holds the queue and is reported") {
  write_all(2, {0});
  for (const ErrorCode code : {ErrorCode::Unavailable, ErrorCode::RateLimited,
                               ErrorCode::Unauthorized, ErrorCode::SchemaMismatch}) {
    const auto message = a.replica().next_message();
    REQUIRE(succeeded(message));
    CHECK(test::code_of(a.replica().receive(answer(*message.value(), code))) == code);
    CHECK(a.replica().status().pending == 2);
    CHECK(a.replica().status().rejected == 0);
  }
}
