// What a device foretells of its waiting writes is what the server then makes of them.
#include "base/json.h"
#include "sync/conflict_rows.h"
#include "twinstore/time_text.h"
#include "world.h"

using namespace twinstore;
using twinstore::test::Device;
using twinstore::test::edit;
using twinstore::test::succeeded;

namespace {

constexpr std::string_view notes_schema = R"({"name":"notes","version":1,"collections":[
  {"name":"asked","key":["id"],"scope":"list","policy":"MANUAL","fields":[
    {"name":"id","type":"text"},{"name":"list","type":"text"},{"name":"title","type":"text"},
    {"name":"labels","type":"set"}]},
  {"name":"merged","key":["id"],"scope":"list","policy":"MERGE","fields":[
    {"name":"id","type":"text"},{"name":"list","type":"text"},
    {"name":"title","type":"text","merge":"text"},{"name":"labels","type":"set"},
    {"name":"hits","type":"counter"}]},
  {"name":"latest","key":["id"],"scope":"list","fields":[
    {"name":"id","type":"text"},{"name":"list","type":"text"},{"name":"title","type":"text"},
    {"name":"labels","type":"set"}]},
  {"name":"facts","key":["id"],"scope":"list","append_only":true,"fields":[
    {"name":"id","type":"text"},{"name":"list","type":"text"},{"name":"title","type":"text"},
    {"name":"labels","type":"set"}]}]})";

struct Reconnecting : test::World {
  Reconnecting() : World(notes_schema) {}

  // Brings the device up to date and sends nothing.
  void pull(Device& device) {
    device.replica().mark_behind();
    for (;;) {
      const auto message = device.replica().next_message(Exchange::PullOnly);
      REQUIRE(succeeded(message));
      if (!message.value()) return;
      REQUIRE(message.value()->find("\"mutations\"") == std::string::npos);
      REQUIRE(succeeded(device.replica().receive(server.answer(*message.value()))));
    }
  }

  std::vector<PreviewedWrite> preview(Device& device) {
    const auto writes = device.replica().preview();
    return succeeded(writes) ? writes.value() : std::vector<PreviewedWrite>{};
  }

  Device a{schema_json, clock, 10};
  Device b{schema_json, clock, 20};
};

// Without what only the moment of judging decides.
std::string told(const Schema& schema, RowVersion row) {
  row.rev = 0;
  row.values[conflict_field::remote_rev] = {};
  row.values[conflict_field::detected_at] = {};
  return encode_row(schema, {conflicts_of(schema).position, row});
}

std::string random_edit(FakeIdSource& random) {
  static constexpr std::array<std::string_view, 4> collections{"asked", "merged", "latest",
                                                               "facts"};
  static constexpr std::array<std::string_view, 4> ops{"upsert", "update", "update", "delete"};
  const std::string_view collection = collections[random.next() % collections.size()];
  const std::string_view op = ops[random.next() % ops.size()];
  const std::string id = std::to_string(random.next() % 2);
  const std::string word = std::to_string(random.next() % 5);
  std::string fields;
  switch (random.next() % 3) {
    case 0: fields = R"("title":"a\n)" + word + R"(\nb")"; break;
    case 1: fields = R"("labels":[")" + word + "\"]"; break;
    default: fields = R"("title":")" + word + R"(","labels":["x",")" + word + "\"]";
  }
  if (collection == "merged" && random.next() % 3 == 0) fields += R"(,"hits":{"increment":2})";
  if (op == "upsert") fields += R"(,"list":"l")";
  return edit(op, collection, "[\"" + id + "\"]", op == "delete" ? "" : "{" + fields + "}");
}

}  // namespace

TEST_CASE_FIXTURE(Reconnecting, "preview: a paused device says how many merge and what needs you") {
  for (const std::string_view collection : {"asked", "merged", "latest"}) {
    REQUIRE(a.write(edit("insert", collection, R"("n")", R"({"list":"l","title":"one"})")));
  }
  a.sync(server);
  b.sync(server);
  for (const std::string_view collection : {"asked", "merged", "latest"}) {
    clock.advance(1000);
    REQUIRE(b.write(edit("update", collection, R"("n")", R"({"title":"two"})")));
  }
  REQUIRE(b.write(edit("update", "merged", R"("n")", R"({"labels":["mine"]})")));
  clock.advance(1000);
  for (const std::string_view collection : {"asked", "latest"}) {
    REQUIRE(a.write(edit("update", collection, R"("n")", R"({"title":"three"})")));
  }
  REQUIRE(a.write(edit("update", "merged", R"("n")", R"({"labels":["theirs"]})")));
  a.sync(server);

  const auto before = b.store().preview_json();
  CHECK(before.value().find(R"("applied":4,"conflict":0)") != std::string::npos);
  pull(b);
  CHECK(b.replica().status().pending == 4);
  const auto after = parse_json(b.store().preview_json().value());
  REQUIRE(succeeded(after));
  const JsonValue& json = after.value();
  CHECK(json["conflict"] == 1);
  CHECK(json["superseded"] == 1);
  CHECK(json["merged"] == 1);
  CHECK(json["applied"] == 1);
  const JsonValue& first = json["writes"][0];
  CHECK(first["outcome"] == "conflict");
  CHECK(parse_time(first["made_at"].get<std::string>()).value() == clock.now_ms() - 3000);
  CHECK(first["rows"].dump() == R"([{"collection":"asked","key":["n"]}])");
  CHECK(first["meetings"][0]["local"].dump() == R"({"title":"two"})");
  CHECK(first["meetings"][0]["remote"].dump() == R"({"title":"three"})");
}

TEST_CASE_FIXTURE(Reconnecting, "preview: a write that will be refused says why") {
  REQUIRE(a.write(edit("insert", "facts", R"("f")", R"({"list":"l","title":"one"})")));
  a.sync(server);
  REQUIRE(b.write(edit("insert", "facts", R"("f")", R"({"list":"l","title":"other"})")));
  pull(b);
  const auto writes = preview(b);
  REQUIRE(writes.size() == 1);
  CHECK(writes[0].outcome.status == OutcomeStatus::Rejected);
  CHECK(writes[0].outcome.code == ErrorCode::AppendOnly);
}

TEST_CASE_FIXTURE(Reconnecting, "preview: what is judged already is not foretold again") {
  REQUIRE(b.write(edit("insert", "latest", R"("n")", R"({"list":"l","title":"one"})")));
  const auto push = b.replica().next_message();
  REQUIRE(succeeded(push));
  server.answer(*push.value());
  b.replica().lost();
  CHECK(preview(b).size() == 1);  // nobody here knows that it has arrived
  pull(b);
  CHECK(preview(b).empty());
  b.sync(server);
  CHECK(preview(b).empty());
}

TEST_CASE("preview: what is foretold is what the server makes of it, for any edits") {
  std::map<OutcomeStatus, int> met;
  for (uint64_t seed = 1; seed <= 400; ++seed) {
    CAPTURE(seed);
    Reconnecting world;
    FakeIdSource random(seed);
    const auto scribble = [&](Device& device, size_t edits) {
      for (size_t i = 0; i < edits; ++i) {
        world.clock.advance(static_cast<int64_t>(random.next() % 500));
        (void)device.store().write(random_edit(random));
      }
    };
    scribble(world.a, 4);
    world.a.sync(world.server);
    world.b.sync(world.server);
    scribble(world.b, 1 + random.next() % 6);
    scribble(world.a, random.next() % 6);
    world.a.sync(world.server);
    world.pull(world.b);
    scribble(world.b, random.next() % 4);
    const auto foretold = world.preview(world.b);

    std::vector<Outcome> outcomes;
    for (;;) {
      const auto message = world.b.replica().next_message();
      REQUIRE(succeeded(message));
      if (!message.value()) break;
      const std::string answer = world.server.answer(*message.value());
      const auto decoded = decode(world.schema, answer);
      if (const auto* pushed = std::get_if<PushResponse>(&decoded.value())) {
        outcomes.insert(outcomes.end(), pushed->outcomes.begin(), pushed->outcomes.end());
      }
      REQUIRE(succeeded(world.b.replica().receive(answer)));
    }
    REQUIRE(outcomes.size() == foretold.size());
    for (size_t i = 0; i < outcomes.size(); ++i) {
      CAPTURE(i);
      CHECK(outcome_text(outcomes[i].status) == outcome_text(foretold[i].outcome.status));
      if (outcomes[i].status == OutcomeStatus::Rejected) {
        CHECK(outcomes[i].code == foretold[i].outcome.code);
      }
      ++met[outcomes[i].status];
      for (const RowVersion& meeting : foretold[i].meetings) {
        const Collection& conflicts = conflicts_of(world.schema);
        const auto made =
            load_row(world.server.storage(), conflicts, conflicts.key_of(meeting.values));
        REQUIRE(succeeded(made));
        const bool is_open = is_open_conflict(meeting);
        if (is_open) continue;  // a later one of the same writer joins it
        REQUIRE(made.value().has_value());
        CHECK(told(world.schema, *made.value()) == told(world.schema, meeting));
      }
    }
  }
  CHECK(met.size() == 5);
}
