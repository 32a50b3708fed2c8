#include "twinstore/schema.h"

#include "world.h"

using namespace twinstore;
using twinstore::test::code_of;
using twinstore::test::succeeded;

TEST_CASE("schema: the shipped schema has the five collections with their keys") {
  const Schema schema = test::shipped_schema();
  CHECK(schema.name() == "code_mri");
  std::string keys;
  for (const Collection& collection : schema.collections()) {
    if (collection.is_system) continue;
    keys += collection.name + "(";
    for (size_t i = 0; i < collection.key_count; ++i) {
      keys += (i == 0 ? "" : ",") + collection.fields[i].name;
    }
    keys += ") ";
  }
  CHECK(keys ==
        "repositories(repo_id) branches(repo_id,name) analyses(repo_id,branch_name,commit_sha) "
        "historical_metrics(id) cache_entries(cache_key) ");
  CHECK(schema.find("branches")->group_of(2) == std::vector<uint16_t>{2, 7, 8});
  CHECK(schema.find("historical_metrics")->is_append_only);
  CHECK(schema.find("nothing") == nullptr);
}

TEST_CASE("schema: a mistake is named") {
  struct Row {
    std::string_view collection;
    std::string_view says;
  };
  const Row rows[] = {
      {R"({"name":"T"})", "name of a-z"},
      {R"({"name":"t","fields":[]})", "1 to 128 fields"},
      {R"({"name":"t","fields":[{"name":"id","type":"uuid"}]})", "t.id: type"},
      {R"({"name":"t","fields":[{"name":"id","type":"text"},{"name":"id","type":"text"}]})",
       "t.id is named twice"},
      {R"({"name":"t","key":["id"],"scope":"x","fields":[{"name":"id","type":"text"}]})", "scope"},
      {R"({"name":"t","key":["n"],"scope":"id","fields":[{"name":"id","type":"text"},)"
       R"({"name":"n","type":"int"}]})",
       "key fields come first"},
      {R"({"name":"t","key":["id"],"scope":"id","fields":[{"name":"id","type":"text"}],"polcy":1})",
       "does not know the member polcy"},
      {R"({"name":"t","key":["id"],"scope":"id","policy":"MINE",)"
       R"("fields":[{"name":"id","type":"text"}]})",
       "LATEST_WINS, MERGE or MANUAL"},
      {R"({"name":"t","key":["id"],"scope":"id","fields":[{"name":"id","type":"text"},)"
       R"({"name":"n","type":"int","merge":"set"}]})",
       "does not fit"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.collection);
    const auto schema = Schema::parse(R"({"name":"app","version":1,"collections":[)" +
                                      std::string(row.collection) + "]}");
    REQUIRE(code_of(schema) == ErrorCode::InvalidSchema);
    CAPTURE(schema.error().message);
    CHECK(schema.error().message.find(row.says) != std::string::npos);
  }
}

TEST_CASE("schema: 64 collections are accepted and 65 are not") {
  const auto with = [](size_t count) {
    std::string json = R"({"name":"app","version":1,"collections":[)";
    for (size_t i = 0; i < count; ++i) {
      json += (i == 0 ? "" : ",") + std::string(R"({"name":"t)") + std::to_string(i) +
              R"(","key":["id"],"scope":"id","fields":[{"name":"id","type":"text"}]})";
    }
    return Schema::parse(json + "]}");
  };
  CHECK(succeeded(with(limits::collections_max)));
  CHECK(code_of(with(limits::collections_max + 1)) == ErrorCode::InvalidSchema);
}

TEST_CASE("schema: an index that could outgrow a B-tree's entry is refused") {
  const auto with = [](size_t texts) {
    std::string fields = R"({"name":"id","type":"text"})";
    std::string index;
    for (size_t i = 0; i < texts; ++i) {
      fields += R"(,{"name":"f)" + std::to_string(i) + R"(","type":"text"})";
      index += (i == 0 ? "\"f" : ",\"f") + std::to_string(i) + '"';
    }
    return Schema::parse(
        R"({"name":"app","version":1,"collections":[{"name":"t","key":["id"],"scope":"id",)"
        R"("fields":[)" +
        fields + R"(],"indexes":[[)" + index + "]]}]}");
  };
  constexpr size_t most = limits::index_bytes_max / limits::indexed_bytes_max;
  CHECK(succeeded(with(most)));
  CHECK(code_of(with(most + 1)) == ErrorCode::InvalidSchema);
}
