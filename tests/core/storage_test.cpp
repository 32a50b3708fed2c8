#include "storage/migrations.h"
#include "world.h"

using namespace twinstore;
using twinstore::test::code_of;
using twinstore::test::succeeded;

namespace {

struct Fixture {
  Schema schema = test::shipped_schema();
  std::unique_ptr<SqliteStorage> storage;
  const Collection& branches = *schema.find("branches");
  FakeIdSource ids{3};
  ClientId client = new_client_id(ids);

  Fixture() {
    auto opened = SqliteStorage::open(schema, {.path = ":memory:", .vfs = {}, .has_feed = true});
    TWINSTORE_CHECK(opened.ok());
    storage = std::move(opened).value();
  }
  RowVersion branch(std::string repo, std::string name, Rev rev) {
    RowVersion row;
    row.rev = rev;
    row.hlc = hybrid_time_at(1'700'000'000'000 + rev, client);
    for (const Field& field : branches.fields) row.values.push_back(field.default_value);
    row.values[0] = std::move(repo);
    row.values[1] = std::move(name);
    return row;
  }
  void save(const RowVersion& row) {
    TWINSTORE_CHECK(storage->begin().ok());
    TWINSTORE_CHECK(storage->save(branches, row).ok());
    TWINSTORE_CHECK(storage->commit().ok());
  }
  std::vector<Rev> revs(std::string_view scope, Rev after) {
    std::vector<Rev> out;
    TWINSTORE_CHECK(storage
                        ->changes(scope, after,
                                  [&](const Collection&, RowVersion&& row) {
                                    out.push_back(row.rev);
                                    return true;
                                  })
                        .ok());
    return out;
  }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "storage: a row comes back with every value and stamp") {
  RowVersion row = branch("nlohmann/json", "feature/optional 😀", 7);
  row.values[3] = int64_t{1};
  row.values[9] = std::string(R"(["a","b"])");
  row.set_stamp(9, hybrid_time_at(1'800'000'000'000, client));
  save(row);
  const auto loaded = load_row(*storage, branches, branches.key_of(row.values));
  REQUIRE(succeeded(loaded));
  CHECK(loaded.value() == row);
}

TEST_CASE_FIXTURE(Fixture, "storage: a deleted row keeps its image as a tombstone, out of sight") {
  RowVersion row = branch("r", "main", 1);
  row.values[8] = std::string("last words");
  save(row);
  row.rev = 2;
  row.deleted_at = hybrid_time_at(1'900'000'000'000, client);
  save(row);
  const auto loaded = load_row(*storage, branches, branches.key_of(row.values));
  REQUIRE(succeeded(loaded));
  CHECK(loaded.value() == row);
  auto query = storage->prepare_query("SELECT count(*) FROM branches");
  REQUIRE(succeeded(query));
  REQUIRE(succeeded(query.value()->statement().step()));
  CHECK(query.value()->statement().integer(0) == 0);
  row.rev = 3;
  row.deleted_at = {};
  save(row);
  CHECK(revs("r", 0) == std::vector<Rev>{3});
}

TEST_CASE_FIXTURE(Fixture, "storage: changes come in rev order, by scope or all, deletions too") {
  save(branch("a", "one", 1));
  save(branch("b", "one", 2));
  save(branch("a", "two", 3));
  RowVersion gone = branch("a", "one", 4);
  gone.deleted_at = hybrid_time_at(1'900'000'000'000, client);
  save(gone);
  CHECK(revs("a", 0) == std::vector<Rev>{3, 4});
  CHECK(revs("b", 0) == std::vector<Rev>{2});
  CHECK(revs("*", 2) == std::vector<Rev>{3, 4});
  CHECK(revs("nowhere", 0).empty());
}

TEST_CASE_FIXTURE(Fixture, "storage: what is rolled back was never there") {
  REQUIRE(succeeded(storage->begin()));
  REQUIRE(succeeded(storage->save(branches, branch("r", "main", 1))));
  REQUIRE(succeeded(storage->put("space", "key", "value")));
  storage->rollback();
  CHECK(revs("*", 0).empty());
  CHECK_FALSE(storage->get("space", "key").value().has_value());
}

TEST_CASE_FIXTURE(Fixture, "storage: records are ordered by key within their space") {
  for (const char* key : {"b", "a", "c"}) REQUIRE(succeeded(storage->put("s", key, key)));
  REQUIRE(succeeded(storage->put("t", "a", "other")));
  REQUIRE(succeeded(storage->erase("s", "c")));
  std::string seen;
  REQUIRE(succeeded(storage->scan("s", "", "", [&](std::string_view key, std::string_view) {
    seen += key;
    return true;
  })));
  CHECK(seen == "ab");
}

TEST_CASE_FIXTURE(Fixture, "storage: a query reads collections and nothing else") {
  for (const std::string_view sql :
       {"DELETE FROM branches", "UPDATE branches SET name = 'x'", "SELECT * FROM _records",
        "SELECT * FROM sqlite_master", "PRAGMA journal_mode = DELETE", "ATTACH 'x' AS y",
        "SELECT 1; SELECT 2", "", "SELECT load_extension('x')", "CREATE TABLE t (a)",
        "INSERT INTO branches (repo_id, name, _rev, _hlc) VALUES ('a', 'b', 1, 'x')",
        "WITH t AS (SELECT 1) DELETE FROM branches", "SELECT nothing FROM branches"}) {
    CAPTURE(sql);
    CHECK(code_of(storage->prepare_query(sql)) == ErrorCode::Sql);
  }
  const auto query = storage->prepare_query(
      "WITH busy AS (SELECT repo_id, count(*) AS n FROM branches GROUP BY repo_id)"
      " SELECT r.name, busy.n, t.value FROM repositories r JOIN busy USING (repo_id),"
      " json_each(r.topics) t WHERE busy.n > ? ORDER BY 1;");
  REQUIRE(succeeded(query));
  CHECK(query.value()->collections() == std::vector<uint16_t>{0, 1});
  CHECK(code_of(query.value()->bind({})) == ErrorCode::InvalidArgument);
  CHECK(succeeded(query.value()->bind({Value(int64_t{1})})));
}

TEST_CASE("migrations: a file of a newer build is refused and left alone") {
  const Schema schema = test::shipped_schema();
  auto database = Database::open(":memory:", "", false);
  REQUIRE(succeeded(database));
  REQUIRE(succeeded(migrate(database.value(), schema, true)));
  REQUIRE(succeeded(migrate(database.value(), schema, true)));
  const std::string newer = std::to_string(storage_version() + 1);
  REQUIRE(succeeded(database.value().run("PRAGMA user_version = " + newer)));
  CHECK(code_of(migrate(database.value(), schema, true)) == ErrorCode::StorageTooNew);
  CHECK(database.value().single_text("PRAGMA user_version").value() == newer);
}

TEST_CASE("migrations: a file that has its form already is opened without a write") {
  const Schema schema = test::shipped_schema();
  auto database = Database::open(":memory:", "", false);
  REQUIRE(succeeded(database));
  REQUIRE(succeeded(migrate(database.value(), schema, true)));
  const int written = sqlite3_total_changes(database.value().handle());
  CHECK(written > 0);
  REQUIRE(succeeded(migrate(database.value(), schema, true)));
  CHECK(sqlite3_total_changes(database.value().handle()) == written);
}

TEST_CASE("migrations: records of storage version 1 are kept") {
  const Schema schema = test::shipped_schema();
  auto database = Database::open(":memory:", "", false);
  REQUIRE(succeeded(database));
  REQUIRE(succeeded(database.value().run(
      "CREATE TABLE _records (space TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,"
      " PRIMARY KEY (space, key)) WITHOUT ROWID;"
      "CREATE TABLE _tombstones (collection TEXT NOT NULL, key TEXT NOT NULL, scope TEXT NOT NULL,"
      " rev INTEGER NOT NULL, deleted_at TEXT NOT NULL, hlc TEXT NOT NULL, stamps TEXT,"
      " image TEXT NOT NULL, PRIMARY KEY (collection, key)) WITHOUT ROWID;"
      "INSERT INTO _records VALUES ('a', 'b', 'kept'); PRAGMA user_version = 1")));
  REQUIRE(succeeded(migrate(database.value(), schema, false)));
  CHECK(database.value().single_text("SELECT value FROM _records WHERE space = 'a'").value() ==
        "kept");
  CHECK(code_of(database.value().run("INSERT INTO _records VALUES ('a', 'b', 'twice')")) ==
        ErrorCode::Sql);
}

TEST_CASE("storage: a record of megabytes is not read to find another") {
  auto database = Database::open(":memory:", "", false);
  REQUIRE(succeeded(database));
  REQUIRE(succeeded(migrate(database.value(), test::shipped_schema(), false)));
  REQUIRE(succeeded(database.value().run(
      "INSERT INTO _records VALUES ('outbox', '0', 'small'), ('outbox', '2', 'small'),"
      " ('outbox', '1', printf('%.3000000c', 'x'))")));
  const auto pages_asked_for = [&](const std::string& key) {
    int pages = 0;
    int highest = 0;
    sqlite3* handle = database.value().handle();
    sqlite3_db_status(handle, SQLITE_DBSTATUS_CACHE_HIT, &pages, &highest, 1);
    const auto value = database.value().single_text(
        "SELECT value FROM _records WHERE space = 'outbox' AND key = '" + key + "'");
    CHECK(!value.value().empty());
    sqlite3_db_status(handle, SQLITE_DBSTATUS_CACHE_HIT, &pages, &highest, 1);
    return pages;
  };
  CHECK(pages_asked_for("0") < 20);
  CHECK(pages_asked_for("2") < 20);
  CHECK(pages_asked_for("1") > 500);
}

TEST_CASE("migrations: a newer schema adds fields and collections and keeps the rows") {
  const auto schema_of = [](int version, std::string_view fields, std::string_view more) {
    auto schema = Schema::parse(R"({"name":"app","version":)" + std::to_string(version) +
                                R"(,"collections":[{"name":"t","key":["id"],"scope":"id",)"
                                R"("fields":[{"name":"id","type":"text"})" +
                                std::string(fields) + "]}" + std::string(more) + "]}");
    TWINSTORE_CHECK(schema.ok());
    return std::move(schema).value();
  };
  const Schema first = schema_of(1, "", "");
  const Schema second = schema_of(
      2, R"(,{"name":"note","type":"text","default":"it's new"})",
      R"(,{"name":"u","key":["id"],"scope":"id","fields":[{"name":"id","type":"text"}]})");
  auto database = Database::open(":memory:", "", false);
  REQUIRE(succeeded(database));
  REQUIRE(succeeded(migrate(database.value(), first, false)));
  REQUIRE(succeeded(database.value().run("INSERT INTO t (id, _rev, _hlc) VALUES ('a', 1, 'x')")));
  REQUIRE(succeeded(migrate(database.value(), second, false)));
  CHECK(database.value().single_text("SELECT note FROM t").value() == "it's new");
  CHECK(database.value().single_text("SELECT count(*) FROM u").value() == "0");
  CHECK(code_of(migrate(database.value(), first, false)) == ErrorCode::StorageTooNew);
  const Schema changed = schema_of(3, R"(,{"name":"note","type":"int"})", "");
  CHECK(code_of(migrate(database.value(), changed, false)) == ErrorCode::SchemaMismatch);
}
