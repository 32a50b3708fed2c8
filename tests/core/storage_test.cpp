#include "../storage/storage_suite.h"
#include "storage/migrations.h"
#include "world.h"

using namespace twinstore;
using twinstore::test::code_of;
using twinstore::test::succeeded;

namespace {

struct Fixture {
  Schema schema = test::shipped_schema();
  std::unique_ptr<SqliteStorage> storage;

  Fixture() {
    auto opened = SqliteStorage::open(schema, {.path = ":memory:", .vfs = {}, .has_feed = true});
    TWINSTORE_CHECK(opened.ok());
    storage = std::move(opened).value();
  }
};

}  // namespace

namespace twinstore::test {
TWINSTORE_STORAGE_SUITE(MemoryEngine, SqliteEngine, FaultyEngine<SqliteEngine>);
}  // namespace twinstore::test

TEST_CASE_FIXTURE(Fixture, "storage: a deleted row is out of a query's sight") {
  const Collection& branches = *schema.find("branches");
  FakeIdSource ids{3};
  RowVersion row;
  row.rev = 1;
  row.hlc = hybrid_time_at(1'700'000'000'000, new_client_id(ids));
  for (const Field& field : branches.fields) row.values.push_back(field.default_value);
  row.values[0] = std::string("r");
  row.values[1] = std::string("main");
  const auto count_after_save = [&] {
    TWINSTORE_CHECK(storage->begin().ok());
    TWINSTORE_CHECK(storage->save(branches, row).ok());
    TWINSTORE_CHECK(storage->commit().ok());
    auto query = storage->prepare_query("SELECT count(*) FROM branches");
    TWINSTORE_CHECK(query.ok() && query.value()->statement().step().ok());
    return query.value()->statement().integer(0);
  };
  CHECK(count_after_save() == 1);
  row.rev = 2;
  row.deleted_at = hybrid_time_at(1'900'000'000'000, row.hlc.client);
  CHECK(count_after_save() == 0);
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

TEST_CASE_FIXTURE(Fixture, "query: every collection that it reads is known, however it is named") {
  const uint16_t repositories = 0;
  const uint16_t branches_at = 1;
  const std::vector<uint16_t> both{repositories, branches_at};
  for (const char* sql : {
           "SELECT b.name FROM repositories r JOIN branches b USING (repo_id)",
           "SELECT r.name FROM repositories r JOIN branches b USING (repo_id)",
           "SELECT repo_id FROM repositories JOIN branches USING (repo_id)",
           "SELECT count(*) FROM repositories NATURAL JOIN branches",
           "SELECT b.name FROM branches b CROSS JOIN repositories",
           "SELECT name FROM branches WHERE EXISTS (SELECT 1 FROM repositories)",
           "SELECT name FROM branches WHERE repo_id IN (SELECT repo_id FROM repositories)",
           "SELECT (SELECT count(*) FROM repositories) FROM branches",
           "WITH r AS (SELECT repo_id FROM repositories) SELECT 1 FROM r JOIN branches",
           "SELECT repo_id FROM branches UNION SELECT repo_id FROM repositories",
       }) {
    CAPTURE(sql);
    const auto query = storage->prepare_query(sql);
    REQUIRE(succeeded(query));
    CHECK(query.value()->collections() == both);
  }
  for (const char* sql : {"SELECT count(*) FROM branches", "SELECT 1 FROM branches LIMIT 1",
                          "SELECT repo_id FROM branches ORDER BY last_commit_at -- the end"}) {
    CAPTURE(sql);
    const auto query = storage->prepare_query(sql);
    REQUIRE(succeeded(query));
    CHECK(query.value()->collections() == std::vector<uint16_t>{branches_at});
  }
}

TEST_CASE("query: what is not a collection cannot be read through a common column either") {
  const Schema schema = test::parsed_schema(
      R"({"name":"app","version":1,"collections":[{"name":"t","key":["key"],"scope":"key",)"
      R"("fields":[{"name":"key","type":"text"},{"name":"space","type":"text"}]}]})");
  const auto storage = SqliteStorage::open(schema, {.path = ":memory:", .vfs = {}});
  REQUIRE(succeeded(storage));
  for (const char* sql :
       {"SELECT count(*) FROM t JOIN _records USING (key)", "SELECT 1 FROM t NATURAL JOIN _records",
        "SELECT t.space FROM t JOIN _tombstones USING (key)", "SELECT count(*) FROM _records",
        "SELECT 1 FROM t, _records LIMIT 1", "SELECT count(*) FROM sqlite_schema"}) {
    CAPTURE(sql);
    CHECK(code_of(storage.value()->prepare_query(sql)) == ErrorCode::Sql);
  }
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
