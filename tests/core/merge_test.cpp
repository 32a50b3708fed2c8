// MERGE, rule by rule: what two devices make of a row that they changed without seeing each other.
// The oracle tries many more (tests/oracle); the examples are those of docs/sync.md.
#include "base/json.h"
#include "document_table.h"
#include "twinstore/sync_document.h"
#include "world.h"

using namespace twinstore;
using twinstore::test::Device;
using twinstore::test::edit;
using twinstore::test::World;

namespace {

constexpr std::string_view merge_schema = R"({"name":"merged","version":1,"collections":[
  {"name":"notes","key":["id"],"scope":"id","policy":"MERGE","fields":[
    {"name":"id","type":"text"},
    {"name":"plain","type":"text"},
    {"name":"labels","type":"set"},
    {"name":"count","type":"counter"},
    {"name":"high","type":"int","merge":"max"},
    {"name":"low","type":"double","merge":"min"},
    {"name":"doc","type":"json","merge":"json"},
    {"name":"body","type":"text","merge":"text"},
    {"name":"asked","type":"text","merge":"manual"},
    {"name":"head","type":"text","group":"head"},
    {"name":"head_at","type":"text","group":"head"}]},
  {"name":"strict","key":["id"],"scope":"id","policy":"MERGE","delete_wins":true,"fields":[
    {"name":"id","type":"text"},{"name":"title","type":"text"}]}]})";

struct Rule {
  std::string field;
  std::string base;
  std::string local;
  std::string remote;
};

// The field of the schema above that has the rule.
std::string field_of(const std::string& rule) {
  static const std::map<std::string, std::string> fields{
      {"latest", "plain"}, {"set", "labels"}, {"counter", "count"}, {"max", "high"},
      {"min", "low"},      {"json", "doc"},   {"text", "body"},     {"manual", "asked"}};
  const auto at = fields.find(rule);
  return at == fields.end() ? "no field" : at->second;
}

struct Merging : World {
  Merging() : World(merge_schema) {}

  static std::string put(std::string_view field, std::string_view json) {
    return edit("upsert", "notes", R"("n")",
                R"({"id":"n",")" + std::string(field) + R"(":)" + std::string(json) + "}");
  }
  // a's change is stored first; b's meets it.
  static std::string merged(const Rule& rule, bool is_local_later) {
    Merging world;
    Device a(world.schema_json, world.clock, 10);
    Device b(world.schema_json, world.clock, 20);
    a.write(put(rule.field, rule.base));
    a.sync(world.server);
    b.sync(world.server);
    world.clock.advance(10);
    if (!is_local_later) b.write(put(rule.field, rule.local));
    world.clock.advance(10);
    a.write(put(rule.field, rule.remote));
    world.clock.advance(10);
    if (is_local_later) b.write(put(rule.field, rule.local));
    a.sync(world.server);
    b.sync(world.server);
    a.sync(world.server);
    CHECK(a.row("notes", R"("n")") == b.row("notes", R"("n")"));
    return parse_json(b.row("notes", R"("n")")).value()[rule.field].dump();
  }
};

}  // namespace

TEST_CASE("merge: each rule makes of three sides what docs/sync.md says, line by line") {
  const auto lines = test::table_of_document(sync_document, "| rule | base | local | remote |");
  CHECK(lines.size() == 28);
  std::set<std::string> rules;
  for (const auto& line : lines) {
    rules.insert(line[0]);
    CAPTURE(line[0]);
    CAPTURE(line[1]);
    CAPTURE(line[2]);
    CAPTURE(line[3]);
    const Rule rule{field_of(line[0]), line[1], line[2], line[3]};
    CHECK(Merging::merged(rule, true) == line[4]);
    CHECK(Merging::merged(rule, false) == line[5]);
  }
  CHECK(rules.size() == 8);
}

TEST_CASE("merge: texts of more than 1,000 changed lines are one hunk") {
  const auto lines = [](int count, const std::string& changed_first, const std::string& last) {
    std::string text = "\"" + changed_first;
    for (int i = 0; i < count; ++i) text += "\\n" + std::to_string(i);
    return text + "\\n" + last + "\"";
  };
  const auto merged = [&](int count) {
    const std::string base = lines(count, "first", "last");
    const std::string local = lines(count, "FIRST", "LAST");
    std::string remote = base;
    remote.replace(remote.find("\\n50\\n") + 2, 2, "fifty");
    const Rule rule{"body", base, local, remote};
    return Merging::merged(rule, true);
  };
  const int bound = static_cast<int>(limits::merge_text_lines_max) - 2;
  CHECK(merged(bound).find("fifty") != std::string::npos);
  CHECK(merged(bound).find("LAST") != std::string::npos);
  CHECK(merged(bound + 1).find("fifty") == std::string::npos);
}

TEST_CASE("merge: what would be longer than a value may be goes to the later side") {
  const auto set_of = [](char letter) { return "[\"" + std::string(600'000, letter) + "\"]"; };
  const std::string local = set_of('l');
  const std::string remote = set_of('r');
  const Rule rule{"labels", "[]", local, remote};
  CHECK(Merging::merged(rule, true) == local);
  CHECK(Merging::merged(rule, false) == remote);
}

TEST_CASE("merge: a group is one value and the later side takes all of it") {
  Merging world;
  Device a(world.schema_json, world.clock, 10);
  Device b(world.schema_json, world.clock, 20);
  const auto head = [](std::string_view sha, std::string_view at) {
    return edit(
        "upsert", "notes", R"("n")",
        R"({"id":"n","head":")" + std::string(sha) + R"(","head_at":")" + std::string(at) + "\"}");
  };
  a.write(head("1", "mon"));
  a.sync(world.server);
  b.sync(world.server);
  world.clock.advance(10);
  b.write(Merging::put("head", R"("2")"));
  world.clock.advance(10);
  a.write(Merging::put("head_at", R"("tue")"));
  a.sync(world.server);
  b.sync(world.server);
  CHECK(b.rows("SELECT head, head_at FROM notes") == "1 tue");
  CHECK(b.rows("SELECT status, fields, local FROM _conflicts") ==
        R"(superseded ["head","head_at"] {"head":"2","head_at":"mon"})");
}

TEST_CASE(
    "merge: an edit wins over a delete that had not seen it, unless the schema says otherwise") {
  for (const bool is_delete_first : {true, false}) {
    for (const std::string name : {"notes", "strict"}) {
      Merging world;
      Device a(world.schema_json, world.clock, 10);
      Device b(world.schema_json, world.clock, 20);
      const std::string field = name == "notes" ? "plain" : "title";
      const auto put = [&](std::string_view text) {
        return edit("upsert", name, R"("n")",
                    R"({"id":"n",")" + field + R"(":")" + std::string(text) + "\"}");
      };
      a.write(put("first"));
      a.sync(world.server);
      b.sync(world.server);
      world.clock.advance(10);
      a.write(edit("delete", name, R"("n")", ""));
      b.write(put("edited"));
      Device& first = is_delete_first ? a : b;
      Device& second = is_delete_first ? b : a;
      first.sync(world.server);
      second.sync(world.server);
      first.sync(world.server);
      const std::string sql = "SELECT " + field + " FROM " + name;
      CHECK(a.rows(sql) == (name == "notes" ? "edited" : ""));
      CHECK(b.rows(sql) == a.rows(sql));
      CHECK(b.rows("SELECT count(*) FROM _conflicts") == "1");
    }
  }
}

TEST_CASE("merge: a writer's next edit does not undo what was merged into its last one") {
  Merging world;
  Device a(world.schema_json, world.clock, 10);
  Device b(world.schema_json, world.clock, 20);
  a.write(Merging::put("labels", "[]"));
  a.sync(world.server);
  b.sync(world.server);
  a.write(Merging::put("labels", R"(["x"])"));
  a.sync(world.server);
  b.write(Merging::put("labels", R"(["y"])"));
  (void)b.replica().next_message();  // sent, so that the next edit is one of its own
  b.replica().lost();
  b.write(Merging::put("labels", R"(["y","z"])"));
  b.sync(world.server);
  a.sync(world.server);
  CHECK(a.rows("SELECT labels FROM notes") == R"(["x","y","z"])");
}
