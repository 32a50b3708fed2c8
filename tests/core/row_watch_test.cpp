#include "storage/row_watch.h"

#include <algorithm>
#include <random>

#include "storage/row_filter.h"
#include "world.h"

using namespace twinstore;
using twinstore::test::succeeded;

namespace {

std::string filters_of(std::string_view sql) {
  std::string out;
  for (const ColumnEquality& equality : required_equalities(sql)) {
    out +=
        equality.column +
        (equality.parameter == 0 ? "=literal " : "=?" + std::to_string(equality.parameter) + " ");
  }
  return out;
}

struct Shelf {
  FakeClock clock{1'700'000'000'000};
  FakeIdSource ids{5};
  std::unique_ptr<Store> store;

  Shelf() {
    auto opened = Store::open({std::string(code_mri_schema_json), {.path = ":memory:", .vfs = {}}},
                              clock, ids);
    TWINSTORE_CHECK(opened.ok());
    store = std::move(opened).value();
  }
  void write(const std::string& edits) {
    REQUIRE(succeeded(store->write(R"({"edits":[)" + edits + "]}")));
  }
  int64_t watch(std::string_view sql, const std::vector<Value>& parameters = {}) {
    const auto query = store->query(sql);
    REQUIRE(succeeded(query));
    const auto id = store->watch(*query.value(), parameters);
    REQUIRE(succeeded(id));
    return id.value();
  }
  std::string result(std::string_view sql, const std::vector<Value>& parameters) {
    auto query = store->query(sql);
    REQUIRE(succeeded(query));
    REQUIRE(succeeded(query.value()->bind(parameters)));
    Statement& statement = query.value()->statement();
    std::string out;
    for (;;) {
      const auto has_row = statement.step();
      REQUIRE(succeeded(has_row));
      if (!has_row.value()) return out;
      for (int i = 0; i < sqlite3_column_count(statement.handle()); ++i) {
        out += std::string(statement.text(i)) + '|';
      }
      out += '\n';
    }
  }
};

std::string branch(const std::string& op, int repo, int name, const std::string& more = "") {
  return R"({"op":")" + op + R"(","collection":"branches","key":["r)" + std::to_string(repo) +
         R"(","b)" + std::to_string(name) + R"("])" + more + "}";
}

}  // namespace

TEST_CASE("row filter: what a text requires of a row, and nothing where it is not plain") {
  CHECK(filters_of("SELECT * FROM branches WHERE repo_id = ? AND name IS ? LIMIT ?") ==
        "repo_id=?1 name=?2 ");
  CHECK(filters_of(R"(select ?, b."Repo_Id" from branches AS b where b."repo_id" == ? -- AND
                      /* OR */ and ahead > ? order by name;)") == "repo_id=?2 ");
  CHECK(filters_of("SELECT count(*) FROM branches b WHERE (ahead = 1 OR behind = 2) AND repo_id"
                   " = 'it''s'") == "repo_id=literal ");
  CHECK(filters_of("SELECT 1 FROM branches WHERE ahead = 3") == "ahead=literal ");
  for (const char* sql : {
           "SELECT * FROM branches WHERE repo_id = ? OR name = ?",
           "SELECT * FROM branches WHERE NOT repo_id = ?",
           "SELECT * FROM branches WHERE repo_id = ? COLLATE NOCASE",
           "SELECT * FROM branches WHERE ahead BETWEEN ? AND behind AND repo_id = ?",
           "SELECT * FROM branches WHERE CASE WHEN ahead AND repo_id = ? AND behind THEN 0 ELSE 1 "
           "END",
           "SELECT * FROM branches, repositories WHERE repo_id = ?",
           "SELECT * FROM branches JOIN repositories USING (repo_id) WHERE repo_id = ?",
           "SELECT * FROM branches WHERE repo_id = ? UNION SELECT * FROM branches",
           "SELECT * FROM branches WHERE repo_id = (SELECT ?)",
           "SELECT * FROM branches WHERE name IN repositories AND repo_id = ?",
           "SELECT * FROM (SELECT * FROM branches) WHERE repo_id = ?",
           "WITH t AS (SELECT 1) SELECT * FROM branches WHERE repo_id = ?",
           "SELECT * FROM branches WHERE repo_id = ?1",
           "SELECT * FROM branches WHERE repo_id = :repo",
           "SELECT * FROM branches WHERE repo_id = name",
           "SELECT * FROM branches WHERE ahead = -1",
           "SELECT * FROM branches WHERE ahead = 1.0",
           "SELECT * FROM branches",
           "",
       }) {
    CAPTURE(sql);
    CHECK(filters_of(sql).empty());
  }
}

TEST_CASE("row watch: only the queries that a row can affect are touched") {
  Shelf shelf;
  const std::string of_repo = "SELECT * FROM branches WHERE repo_id = ? ORDER BY name";
  const int64_t first = shelf.watch(of_repo, {std::string("r1")});
  const int64_t second = shelf.watch(of_repo, {std::string("r2")});
  const int64_t all = shelf.watch("SELECT count(*) FROM branches");
  const int64_t other = shelf.watch("SELECT * FROM repositories");
  const int64_t one = shelf.watch("SELECT * FROM branches WHERE repo_id = ? AND name = ?",
                                  {std::string("r1"), std::string("b7")});
  CHECK(shelf.store->take_touched().empty());
  shelf.write(branch("insert", 1, 1, R"(,"fields":{})"));
  CHECK(shelf.store->take_touched() == std::vector<int64_t>{first, all});
  shelf.write(branch("insert", 2, 1, R"(,"fields":{})"));
  CHECK(shelf.store->take_touched() == std::vector<int64_t>{second, all});
  shelf.write(branch("upsert", 1, 7, R"(,"fields":{"ahead":1})"));
  CHECK(shelf.store->take_touched() == std::vector<int64_t>{first, all, one});
  shelf.write(branch("delete", 2, 1));
  CHECK(shelf.store->take_touched() == std::vector<int64_t>{second, all});
  shelf.store->unwatch(all);
  shelf.store->unwatch(first);
  shelf.write(branch("update", 1, 7, R"(,"fields":{"ahead":2})"));
  CHECK(shelf.store->take_touched() == std::vector<int64_t>{one});
  for (const int64_t id : {second, other, one, first}) shelf.store->unwatch(id);
  shelf.write(branch("update", 1, 7, R"(,"fields":{"ahead":3})"));
  CHECK(shelf.store->take_touched().empty());
}

TEST_CASE("row watch: a value that moves in or out of a condition touches it") {
  Shelf shelf;
  const int64_t zero = shelf.watch("SELECT name FROM branches WHERE ahead = 0");
  const int64_t none = shelf.watch("SELECT name FROM branches WHERE ahead IS ?", {Value()});
  const int64_t texts =
      shelf.watch("SELECT name FROM branches WHERE ahead = ?", {std::string("0")});
  shelf.write(branch("insert", 1, 1, R"(,"fields":{"ahead":0})"));
  CHECK(shelf.store->take_touched() == std::vector<int64_t>{zero, none, texts});
  shelf.write(branch("update", 1, 1, R"(,"fields":{"ahead":1})"));
  CHECK(shelf.store->take_touched() == std::vector<int64_t>{zero, none, texts});
  shelf.write(branch("update", 1, 1, R"(,"fields":{"ahead":2})"));
  CHECK(shelf.store->take_touched() == std::vector<int64_t>{none, texts});
}

TEST_CASE("row watch: a query whose result has changed was touched, for any query and write") {
  const std::vector<std::string> conditions{
      "repo_id = ?",
      "b.repo_id == ?",
      "name IS ?",
      "ahead = ?",
      "? = ahead",
      "ahead > ?",
      "behind = 1",
      "is_default = ?",
      "NOT repo_id = ?",
      "(repo_id = ? OR ahead = 1)",
      "name IN (?, 'b1')",
      "repo_id || '' = ?",
      "ahead BETWEEN 0 AND ?",
      "repo_id = ? COLLATE NOCASE",
      "commit_sha IS NULL",
  };
  const std::vector<Value> values{
      std::string("r0"), std::string("r1"), std::string("b1"), int64_t{0},
      int64_t{1},        std::string("1"),  Value(),           1.0};
  size_t changed = 0;
  size_t spared = 0;
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    const auto below = [&](size_t n) { return static_cast<size_t>(random() % n); };
    Shelf shelf;
    struct Watched {
      std::string sql;
      std::vector<Value> parameters;
      int64_t id;
      std::string result;
    };
    std::vector<Watched> watched;
    for (int i = 0; i < 12; ++i) {
      std::string sql =
          below(4) == 0 ? "SELECT ?, count(*) FROM branches b" : "SELECT b.* FROM branches AS b";
      if (below(6) == 0) sql += " JOIN repositories r ON r.repo_id = b.repo_id";
      const size_t terms = 1 + below(3);
      for (size_t term = 0; term < terms; ++term) {
        const size_t which = below(conditions.size());
        const bool is_bare = conditions[which].find("b.") == std::string::npos;
        if (is_bare && sql.find("JOIN") != std::string::npos) continue;
        sql +=
            sql.find("WHERE") == std::string::npos ? " WHERE " : (below(5) == 0 ? " OR " : " AND ");
        sql += conditions[which];
      }
      if (below(2) == 0) sql += " ORDER BY b.name LIMIT 3";
      std::vector<Value> parameters;
      for (const char c : sql) {
        if (c == '?') parameters.push_back(values[below(values.size())]);
      }
      const int64_t id = shelf.watch(sql, parameters);
      watched.push_back({sql, parameters, id, shelf.result(sql, parameters)});
    }
    for (int step = 0; step < 40; ++step) {
      const int repo = static_cast<int>(below(3));
      const int name = static_cast<int>(below(3));
      const std::string fields = R"(,"fields":{"ahead":)" + std::to_string(below(3)) +
                                 R"(,"behind":)" + std::to_string(below(2)) + R"(,"is_default":)" +
                                 (below(2) == 0 ? "true" : "null") + "}";
      shelf.write(below(4) == 0 ? branch("delete", repo, name)
                                : branch("upsert", repo, name, fields));
      const auto touched = shelf.store->take_touched();
      for (Watched& query : watched) {
        const std::string now = shelf.result(query.sql, query.parameters);
        const bool is_touched = std::ranges::find(touched, query.id) != touched.end();
        CAPTURE(query.sql);
        if (now != query.result) CHECK(is_touched);
        changed += now != query.result ? 1 : 0;
        spared += is_touched ? 0 : 1;
        query.result = now;
      }
    }
  }
  CHECK(changed > 2'000);
  CHECK(spared > 5'000);
}
