#include "base/json.h"
#include "world.h"

using namespace twinstore;
using twinstore::test::code_of;
using twinstore::test::Device;
using twinstore::test::edit;
using twinstore::test::succeeded;
using twinstore::test::World;

namespace {

constexpr std::string_view main_key = R"(["r","main"])";

std::string insert_main(std::string_view rest = "") {
  return edit("insert", "branches", main_key,
              R"({"repo_id":"r","name":"main")" + std::string(rest) + "}");
}

std::string tags_of(Device& device) {
  const auto row = parse_json(device.row("branches", main_key));
  TWINSTORE_CHECK(row.ok());
  return row.value().is_null() ? "absent" : row.value()["tags"].dump();
}

}  // namespace

TEST_CASE_FIXTURE(World, "sync: an edit made offline reaches the other device") {
  Device a(schema_json, clock, 10);
  Device b(schema_json, clock, 20);
  REQUIRE(a.write(insert_main(R"(,"tags":["x"],"last_commit_message":"emoji 😀")")));
  CHECK(a.replica().status().pending == 1);
  a.sync(server);
  CHECK(a.replica().status().pending == 0);
  b.sync(server);
  CHECK(a.row("branches", main_key) == b.row("branches", main_key));
  CHECK(tags_of(b) == R"(["x"])");
}

TEST_CASE_FIXTURE(World, "sync: nothing is sent when nothing is new") {
  Device a(schema_json, clock, 10);
  REQUIRE(a.write(insert_main()));
  a.sync(server);
  CHECK_FALSE(a.replica().next_message().value().has_value());
  REQUIRE(a.write(edit("update", "branches", main_key, R"({"tags":[]})")));
  CHECK_FALSE(a.replica().next_message().value().has_value());
}

TEST_CASE_FIXTURE(World, "sync: a push whose answer is lost is applied once") {
  Device a(schema_json, clock, 10);
  REQUIRE(a.write(edit("insert", "cache_entries", R"("c")", R"({"cache_key":"c","repo_id":"r"})")));
  REQUIRE(a.write(edit("update", "cache_entries", R"("c")", R"({"hit_count":{"increment":5}})")));
  const std::string push = a.replica().next_message().value().value();
  const std::string answer = server.answer(push);
  a.replica().lost();
  const std::string again = a.replica().next_message().value().value();
  CHECK(again == push);
  CHECK(server.answer(again) == answer);
  REQUIRE(succeeded(a.replica().receive(answer)));
  a.sync(server);
  CHECK(a.row("cache_entries", R"("c")").find(R"("hit_count":5)") != std::string::npos);
}

TEST_CASE_FIXTURE(World, "sync: a replica that is opened again sends the same bytes again") {
  Device a(schema_json, clock, 10);
  a.sync(server);
  const auto hit = [](std::string operation) {
    return R"({"operation":")" + operation + R"(","edits":[{"op":"upsert",)" +
           R"("collection":"cache_entries","fields":)" +
           R"({"cache_key":"c","repo_id":"r","path":"p","hit_count":{"increment":1}}}]})";
  };
  REQUIRE(a.write(hit("1")));
  const std::string push = a.replica().next_message().value().value();
  server.answer(push);
  FakeIdSource ids(11);
  auto opened = Replica::open(schema, a.store().storage(), clock, ids);
  REQUIRE(succeeded(opened));
  CHECK(opened.value()->next_message().value().value() == push);
}

TEST_CASE_FIXTURE(World, "sync: the same number with other content is refused") {
  Device a(schema_json, clock, 10);
  REQUIRE(a.write(insert_main()));
  std::string push = a.replica().next_message().value().value();
  const std::string first = server.answer(push);
  const Rev head = server.authority().head();
  push.replace(push.find("\"main\""), 6, "\"evil\"");
  CHECK(server.answer(push).find("id_reuse") != std::string::npos);
  CHECK(server.authority().head() == head);
}

TEST_CASE_FIXTURE(World, "sync: an edit made while its push is under way survives") {
  Device a(schema_json, clock, 10);
  REQUIRE(a.write(insert_main()));
  const std::string push = a.replica().next_message().value().value();
  REQUIRE(a.write(edit("update", "branches", main_key, R"({"tags":["later"]})")));
  REQUIRE(succeeded(a.replica().receive(server.answer(push))));
  CHECK(tags_of(a) == R"(["later"])");
  CHECK(a.replica().status().pending == 1);
  a.sync(server);
  Device b(schema_json, clock, 20);
  b.sync(server);
  CHECK(tags_of(b) == R"(["later"])");
}

TEST_CASE_FIXTURE(World, "sync: the view does not flicker when a push is acknowledged") {
  Device a(schema_json, clock, 10);
  REQUIRE(a.write(insert_main(R"(,"tags":["mine"])")));
  const std::string push = a.replica().next_message().value().value();
  REQUIRE(succeeded(a.replica().receive(server.answer(push))));
  CHECK(tags_of(a) == R"(["mine"])");
  CHECK(a.replica().status().pending == 0);
  a.sync(server);
  CHECK(tags_of(a) == R"(["mine"])");
}

TEST_CASE_FIXTURE(World,
                  "sync: of two concurrent edits of a field the later one stands everywhere") {
  Device a(schema_json, clock, 10);
  Device b(schema_json, clock, 20);
  REQUIRE(a.write(insert_main()));
  a.sync(server);
  b.sync(server);
  clock.advance(1000);
  REQUIRE(a.write(edit("update", "branches", main_key, R"({"tags":["earlier"],"ahead":1})")));
  clock.advance(1000);
  REQUIRE(b.write(edit("update", "branches", main_key, R"({"tags":["later"],"behind":2})")));
  b.sync(server);
  a.sync(server);
  b.sync(server);
  CHECK(tags_of(a) == R"(["later"])");
  CHECK(a.row("branches", main_key) == b.row("branches", main_key));
  CHECK(a.row("branches", main_key).find(R"("ahead":1)") != std::string::npos);
  CHECK(a.row("branches", main_key).find(R"("behind":2)") != std::string::npos);
}

TEST_CASE_FIXTURE(World, "sync: the view shows what the server will decide") {
  Device a(schema_json, clock, 10);
  Device b(schema_json, clock, 20);
  REQUIRE(a.write(insert_main()));
  a.sync(server);
  b.sync(server);
  REQUIRE(a.write(edit("update", "branches", main_key, R"({"tags":["a"]})")));
  clock.advance(1000);
  REQUIRE(b.write(edit("update", "branches", main_key, R"({"tags":["b"]})")));
  b.sync(server);
  const auto pull = PullRequest{{protocol_version, schema.name(), schema.version()},
                                a.replica().status().client,
                                "*",
                                a.replica().status().scopes[0].cursor,
                                0};
  const std::string page = server.answer(encode(schema, Message(pull)));
  REQUIRE(succeeded(a.replica().receive(page)));
  CHECK(tags_of(a) == R"(["b"])");
  a.sync(server);
  CHECK(tags_of(a) == R"(["b"])");
}

TEST_CASE_FIXTURE(World, "sync: a delete is not undone by an older edit") {
  Device a(schema_json, clock, 10);
  Device b(schema_json, clock, 20);
  REQUIRE(a.write(insert_main()));
  a.sync(server);
  b.sync(server);
  REQUIRE(a.write(edit("update", "branches", main_key, R"({"tags":["old"]})")));
  clock.advance(1000);
  REQUIRE(b.write(edit("delete", "branches", main_key, "")));
  b.sync(server);
  a.sync(server);
  b.sync(server);
  CHECK(tags_of(a) == "absent");
  CHECK(tags_of(b) == "absent");
  clock.advance(1000);
  REQUIRE(a.write(insert_main(R"(,"tags":["again"])")));
  a.sync(server);
  b.sync(server);
  CHECK(tags_of(b) == R"(["again"])");
}

TEST_CASE_FIXTURE(World, "sync: a refused mutation is rolled back, kept, and the queue advances") {
  Device a(schema_json, clock, 10);
  Device b(schema_json, clock, 20);
  const std::string metric =
      R"({"id":"m","repo_id":"r","branch_name":"main","commit_sha":"c","metric_name":"n",)"
      R"("recorded_at":"2024-01-01T00:00:00Z","metric_value":)";
  REQUIRE(a.write(edit("insert", "historical_metrics", R"("m")", metric + "1}")));
  a.sync(server);
  REQUIRE(b.write(edit("insert", "historical_metrics", R"("m")", metric + "2}")));
  REQUIRE(b.write(insert_main()));
  b.sync(server);
  CHECK(b.replica().status().pending == 0);
  REQUIRE(b.replica().status().rejected == 1);
  CHECK(b.replica().rejected_writes().value()[0].code == ErrorCode::AppendOnly);
  CHECK(b.row("historical_metrics", R"("m")") == a.row("historical_metrics", R"("m")"));
  a.sync(server);
  CHECK(tags_of(a) == "[]");
}

TEST_CASE_FIXTURE(World, "sync: a clock far ahead is clamped and does not win for ever") {
  FakeClock ahead(clock.now_ms() + 1'000'000'000);
  Device a(schema_json, ahead, 10);
  Device b(schema_json, clock, 20);
  REQUIRE(b.write(insert_main()));
  b.sync(server);
  a.sync(server);
  REQUIRE(a.write(edit("update", "branches", main_key, R"({"tags":["future"]})")));
  a.sync(server);
  clock.advance(2 * limits::clock_ahead_max_ms);
  b.sync(server);
  CHECK(tags_of(b) == R"(["future"])");
  REQUIRE(b.write(edit("update", "branches", main_key, R"({"tags":["now"]})")));
  b.sync(server);
  a.sync(server);
  CHECK(tags_of(a) == R"(["now"])");
}

TEST_CASE_FIXTURE(World, "sync: pages become visible together at their checkpoint") {
  Device a(schema_json, clock, 10);
  for (int i = 0; i < 7; ++i) {
    REQUIRE(a.write(edit("insert", "repositories", "\"r" + std::to_string(i) + "\"",
                         R"({"repo_id":"r)" + std::to_string(i) + "\"}")));
  }
  a.sync(server);
  Device b(schema_json, clock, 20);
  std::string cursor;
  int pages = 0;
  for (bool is_checkpoint = false; !is_checkpoint; ++pages) {
    const PullRequest pull{{protocol_version, schema.name(), schema.version()},
                           b.replica().status().client,
                           "*",
                           cursor,
                           3};
    auto page = server.feed().page(pull);
    REQUIRE(succeeded(page));
    cursor = page.value().cursor;
    is_checkpoint = page.value().is_checkpoint;
    CHECK(b.row("repositories", R"("r0")") == "null");
    REQUIRE(succeeded(b.replica().receive(encode(schema, Message(std::move(page).value())))));
  }
  CHECK(pages == 3);
  CHECK(b.row("repositories", R"("r0")") != "null");
  CHECK(b.row("repositories", R"("r6")") != "null");
}

TEST_CASE_FIXTURE(World, "sync: a checkpoint that comes late does not complete newer pages") {
  Device a(schema_json, clock, 10);
  Device b(schema_json, clock, 20);
  b.sync(server);
  for (const std::string_view key : {R"("r1")", R"("r2")"}) {
    REQUIRE(a.write(edit("insert", "repositories", key, "{}")));
    a.sync(server);
  }
  const auto page = [&](Rev after, size_t rows_max) {
    return server.answer(
        encode(schema, Message(PullRequest{{protocol_version, schema.name(), schema.version()},
                                           b.replica().status().client,
                                           "*",
                                           server.feed().make_cursor("*", after),
                                           rows_max})));
  };
  const std::string late = page(1, 0);  // the second row, in the state before the update
  REQUIRE(a.write(edit("update", "repositories", R"("r1")", R"({"url":"moved"})")));
  a.sync(server);
  REQUIRE(succeeded(b.replica().receive(page(0, 1))));  // the second row: the first has moved on
  REQUIRE(succeeded(b.replica().receive(late)));
  CHECK(b.row("repositories", R"("r2")") == "null");  // not without the first, which was before it
  b.sync(server);
  CHECK(b.row("repositories", R"("r1")") != "null");
  CHECK(b.replica().status().mismatches == 0);
}

TEST_CASE_FIXTURE(World, "sync: a batch is one transaction and a failing edit undoes it whole") {
  Device a(schema_json, clock, 10);
  const std::string batch =
      R"({"edits":[{"op":"insert","collection":"repositories","fields":{"repo_id":"r"}},)"
      R"({"op":"update","collection":"branches","key":["r","nowhere"],"fields":{"ahead":1}}]})";
  CHECK(code_of(a.store().write(batch)) == ErrorCode::RowMissing);
  CHECK(a.row("repositories", R"("r")") == "null");
  CHECK(a.replica().status().pending == 0);
}

TEST_CASE_FIXTURE(World,
                  "sync: a transaction that no push could carry is refused when it is written") {
  Device a(schema_json, clock, 10);
  const std::string text(1'000'000, 'x');
  const auto batch = [&](int rows) {
    std::string out = R"({"edits":[)";
    for (int i = 0; i < rows; ++i) {
      out += (i == 0 ? "" : ",") + std::string(R"({"op":"insert","collection":"repositories",)") +
             R"("fields":{"repo_id":"r)" + std::to_string(rows * 100 + i) + R"(","description":")" +
             text + "\"}}";
    }
    return out + "]}";
  };
  CHECK(succeeded(a.store().write(batch(7))));
  CHECK(code_of(a.store().write(batch(8))) == ErrorCode::BatchTooLarge);
  CHECK(a.row("repositories", R"("r800")") == "null");
  CHECK(a.replica().status().pending == 1);
  a.sync(server);
  CHECK(a.replica().status().pending == 0);
}

TEST_CASE_FIXTURE(World,
                  "sync: a page that live changes have overtaken does not stop the pulling") {
  Device a(schema_json, clock, 10);
  Device b(schema_json, clock, 20);
  b.sync(server);
  REQUIRE(a.write(insert_main()));
  a.sync(server);
  b.replica().mark_behind();
  const std::string page = server.answer(b.replica().next_message().value().value());
  REQUIRE(a.write(edit("update", "branches", main_key, R"({"tags":["newer"]})")));
  a.sync(server);
  const PullRequest live{{protocol_version, schema.name(), schema.version()},
                         b.replica().status().client,
                         "*",
                         b.replica().status().scopes[0].cursor,
                         0};
  REQUIRE(succeeded(b.replica().receive(server.answer(encode(schema, Message(live))))));
  REQUIRE(succeeded(b.replica().receive(page)));
  CHECK(tags_of(b) == R"(["newer"])");
  REQUIRE(a.write(edit("update", "branches", main_key, R"({"tags":["newest"]})")));
  a.sync(server);
  b.sync(server);
  CHECK(tags_of(b) == R"(["newest"])");
}

TEST_CASE_FIXTURE(World,
                  "sync: a doorbell that rings while a page is on its way is not forgotten") {
  Device a(schema_json, clock, 10);
  Device b(schema_json, clock, 20);
  b.replica().mark_behind();
  const std::string page = server.answer(b.replica().next_message().value().value());
  REQUIRE(a.write(insert_main(R"(,"tags":["later"])")));
  a.sync(server);
  REQUIRE(succeeded(b.replica().receive(R"({"type":"behind","scope":"*"})")));
  REQUIRE(succeeded(b.replica().receive(page)));
  const auto next = b.replica().next_message();
  REQUIRE(succeeded(next));
  REQUIRE(next.value().has_value());
  REQUIRE(succeeded(b.replica().receive(server.answer(*next.value()))));
  CHECK(tags_of(b) == R"(["later"])");
}

TEST_CASE_FIXTURE(World, "write: an operation that is repeated is written once") {
  Device a(schema_json, clock, 10);
  const auto increment = [](int operation) {
    return R"({"operation":"op)" + std::to_string(operation) +
           R"(","edits":[{"op":"upsert","collection":"cache_entries","key":"c",)"
           R"("fields":{"repo_id":"r","hit_count":{"increment":1}}}]})";
  };
  REQUIRE(a.write(increment(1)));
  REQUIRE(a.write(increment(1)));
  const int kept = static_cast<int>(limits::operations_kept);
  for (int i = 2; i <= kept + 1; ++i) REQUIRE(a.write(increment(i)));
  REQUIRE(a.write(increment(kept + 1)));
  REQUIRE(a.write(increment(2)));
  const std::string hits = "\"hit_count\":" + std::to_string(kept + 1);
  CHECK(a.row("cache_entries", R"("c")").find(hits) != std::string::npos);
  CHECK(code_of(a.store().write(R"({"operation":")" + std::string(65, 'x') +
                                R"(","edits":[{}]})")) == ErrorCode::ValueTooLong);
}

TEST_CASE_FIXTURE(World, "sync: a wrong, foreign or changed cursor is refused and says why") {
  Device a(schema_json, clock, 10);
  REQUIRE(a.write(insert_main()));
  a.sync(server);
  const auto page = [&](std::string scope, std::string cursor) {
    return server.feed().page({{protocol_version, schema.name(), schema.version()},
                               a.replica().status().client,
                               std::move(scope),
                               std::move(cursor),
                               0});
  };
  const std::string good = server.feed().make_cursor("r", 1);
  CHECK(succeeded(page("r", good)));
  CHECK(code_of(page("other", good)) == ErrorCode::BadCursor);
  std::string bent = good;
  bent.back() = bent.back() == '0' ? '1' : '0';
  CHECK(code_of(page("r", bent)) == ErrorCode::BadCursor);
  CHECK(code_of(page("r", "nonsense")) == ErrorCode::BadCursor);
  CHECK(code_of(page("r", server.feed().make_cursor("r", 99))) == ErrorCode::CursorExpired);
}

TEST_CASE_FIXTURE(World,
                  "sync: after a cursor expired the scope is read again and the outbox kept") {
  Device a(schema_json, clock, 10);
  REQUIRE(a.write(insert_main()));
  Device b(schema_json, clock, 20);
  REQUIRE(b.write(edit("insert", "repositories", R"("gone")", R"({"repo_id":"gone"})")));
  b.sync(server);
  a.sync(server);
  CHECK(a.row("repositories", R"("gone")") != "null");
  test::Server restored(schema, clock, 99);
  REQUIRE(a.write(edit("upsert", "branches", R"(["r","new"])", R"({"repo_id":"r","name":"new"})")));
  a.sync(restored);
  CHECK(a.replica().status().pending == 0);
  CHECK(a.row("repositories", R"("gone")") == "null");
  CHECK(a.row("branches", R"(["r","new"])") != "null");
}
