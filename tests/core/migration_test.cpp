// From every earlier form of a file to this build's, interrupted at every step and run again.
#include "storage/migrations.h"

#include <functional>

#include "world.h"

using namespace twinstore;
using twinstore::test::code_of;
using twinstore::test::succeeded;

namespace {

Schema schema_of(int version, std::string_view fields, std::string_view more,
                 std::string_view indexes = "[]") {
  auto schema =
      Schema::parse(R"({"name":"app","version":)" + std::to_string(version) +
                    R"(,"collections":[{"name":"t","key":["id"],"scope":"id","indexes":)" +
                    std::string(indexes) + R"(,"fields":[{"name":"id","type":"text"})" +
                    std::string(fields) + "]}" + std::string(more) + "]}");
  TWINSTORE_CHECK(schema.ok());
  return std::move(schema).value();
}

Schema first_schema() { return schema_of(1, "", ""); }
Schema second_schema() {
  return schema_of(
      2, R"(,{"name":"note","type":"text","default":"it's new"})",
      R"(,{"name":"u","key":["id"],"scope":"id","fields":[{"name":"id","type":"text"}]})",
      R"([["note"]])");
}

Database empty_database() {
  auto database = Database::open(":memory:", "", false);
  TWINSTORE_CHECK(database.ok());
  return std::move(database).value();
}

void run(Database& database, std::string_view sql) { REQUIRE(succeeded(database.run(sql))); }

constexpr std::string_view version_1 =
    "CREATE TABLE _records (space TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,"
    " PRIMARY KEY (space, key)) WITHOUT ROWID;"
    "CREATE TABLE _tombstones (collection TEXT NOT NULL, key TEXT NOT NULL, scope TEXT NOT NULL,"
    " rev INTEGER NOT NULL, deleted_at TEXT NOT NULL, hlc TEXT NOT NULL, stamps TEXT,"
    " image TEXT NOT NULL, PRIMARY KEY (collection, key)) WITHOUT ROWID;"
    "CREATE INDEX _tombstones_feed ON _tombstones (rev);"
    "CREATE INDEX _tombstones_scope_feed ON _tombstones (scope, rev);"
    "CREATE TABLE t (id TEXT NOT NULL, _rev INTEGER NOT NULL, _hlc TEXT NOT NULL, _stamps TEXT,"
    " PRIMARY KEY (id));"
    "INSERT INTO _records VALUES ('storage', 'schema_version', '1'), ('a', 'b', 'kept');"
    "INSERT INTO _tombstones VALUES ('t', '[\"gone\"]', 'gone', 3, 'x', 'y', NULL, '[\"gone\"]');"
    "INSERT INTO t (id, _rev, _hlc) VALUES ('a', 1, 'x'), ('b', 2, 'y');"
    "PRAGMA user_version = 1";

// Files as earlier builds and schemas left them.
void make_version(Database& database, int version) {
  if (version == 1) return run(database, version_1);
  if (version != 2) return;
  REQUIRE(succeeded(migrate(database, first_schema(), true)));
  run(database,
      "INSERT INTO _records VALUES ('a', 'b', 'kept');"
      "INSERT INTO _tombstones VALUES ('t', '[\"gone\"]', 'gone', 3, 'x', 'y', NULL, '[\"gone\"]');"
      "INSERT INTO t (id, _rev, _hlc) VALUES ('a', 1, 'x'), ('b', 2, 'y')");
}

// All that the file holds, as text.
std::string dump(Database& database) {
  std::string out = database.single_text("PRAGMA user_version").value() + "\n";
  std::vector<std::string> tables;
  auto schema = database.prepare(
      "SELECT name, sql, type FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name");
  REQUIRE(succeeded(schema));
  while (schema.value().step().value()) {
    out += std::string(schema.value().text(1)) + "\n";
    if (schema.value().text(2) == "table") tables.emplace_back(schema.value().text(0));
  }
  for (const std::string& table : tables) {
    auto rows = database.prepare("SELECT * FROM \"" + table + "\" ORDER BY 1, 2");
    REQUIRE(succeeded(rows));
    while (rows.value().step().value()) {
      out += table + ":";
      for (int i = 0; i < sqlite3_column_count(rows.value().handle()); ++i) {
        out += " " + std::string(rows.value().text(i));
      }
      out += "\n";
    }
  }
  return out;
}

std::string what_of(const std::vector<MigrationStep>& plan) {
  std::string out;
  for (const MigrationStep& step : plan) out += step.what + "\n";
  return out;
}

}  // namespace

TEST_CASE("migration: a plan names each step and changes nothing") {
  Database database = empty_database();
  make_version(database, 1);
  const std::string before = dump(database);
  const auto plan = plan_migration(database, second_schema(), true);
  REQUIRE(succeeded(plan));
  const std::string what = what_of(plan.value());
  CHECK(what.starts_with("storage version 1 to 2: records in a table with rowid\n"));
  CHECK(what.find("t: add the field note\n") != std::string::npos);
  CHECK(what.find("index t_by_note\n") != std::string::npos);
  CHECK(what.find("u: create the table\n") != std::string::npos);
  CHECK(what.ends_with("note the form\n"));
  CHECK(dump(database) == before);
  REQUIRE(succeeded(migrate(database, second_schema(), true)));
  CHECK(plan_migration(database, second_schema(), true).value().empty());
}

TEST_CASE("migration: from each earlier version, interrupted at each step and run again, whole") {
  for (const int version : {0, 1, 2}) {
    CAPTURE(version);
    Database whole = empty_database();
    make_version(whole, version);
    const size_t steps = plan_migration(whole, second_schema(), true).value().size();
    REQUIRE(succeeded(migrate(whole, second_schema(), true)));
    const std::string wanted = dump(whole);
    if (version > 0) {
      CHECK(wanted.find("_records: a b kept\n") != std::string::npos);
      CHECK(wanted.find("t: a 1 x  it's new\n") != std::string::npos);
      CHECK(wanted.find("_tombstones: t [\"gone\"] gone 3 x y") != std::string::npos);
    }
    for (size_t failing = 0; failing < steps; ++failing) {
      CAPTURE(failing);
      Database database = empty_database();
      make_version(database, version);
      const std::string before = dump(database);
      size_t at = 0;
      const auto interrupted =
          migrate(database, second_schema(), true, [&](const MigrationStep&) -> Result<void> {
            if (at++ == failing) return Error{ErrorCode::StorageIo, "interrupted"};
            return {};
          });
      CHECK(code_of(interrupted) == ErrorCode::StorageIo);
      CHECK(dump(database) == before);
      REQUIRE(succeeded(migrate(database, second_schema(), true)));
      CHECK(dump(database) == wanted);
    }
  }
}

TEST_CASE("migration: an index that a newer schema added is made for the rows that are there") {
  Database database = empty_database();
  REQUIRE(succeeded(migrate(database, schema_of(1, R"(,{"name":"n","type":"int"})", ""), true)));
  REQUIRE(succeeded(
      migrate(database, schema_of(2, R"(,{"name":"n","type":"int"})", "", R"([["n"]])"), true)));
  CHECK(database.single_text("SELECT count(*) FROM sqlite_schema WHERE name = 't_by_n'").value() ==
        "1");
}

TEST_CASE("migration: a plan refuses what is too new, or cannot be carried over") {
  Database database = empty_database();
  REQUIRE(succeeded(migrate(database, second_schema(), true)));
  const auto older = plan_migration(database, first_schema(), true);
  REQUIRE_FALSE(older.ok());
  CHECK(older.error().code == ErrorCode::StorageTooNew);
  CHECK(older.error().message ==
        "the file was written with schema version 2; this application has 1");
  const Schema changed = schema_of(3, R"(,{"name":"note","type":"int"})", "");
  CHECK(code_of(plan_migration(database, changed, true)) == ErrorCode::SchemaMismatch);
  run(database, "PRAGMA user_version = 99");
  const auto newer = plan_migration(database, second_schema(), true);
  REQUIRE_FALSE(newer.ok());
  CHECK(newer.error().code == ErrorCode::StorageTooNew);
  CHECK(newer.error().message == "the file has storage version 99; this build reads up to " +
                                     std::to_string(storage_version()));
}
