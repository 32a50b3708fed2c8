// From every earlier form of a database to this build's, interrupted at every step and run again.
#include "storage_postgres/migrations.h"

#include "../storage/engine.h"
#include "native_world.h"
#include "node.h"

namespace twinstore::test {
namespace {

Schema schema_of(int version, std::string_view fields, std::string_view more) {
  auto schema = Schema::parse(
      R"({"name":"app","version":)" + std::to_string(version) +
      R"(,"collections":[{"name":"t","key":["id"],"scope":"id",)"
      R"("fields":[{"name":"id","type":"text"})" +
      std::string(fields) + "]}" + std::string(more) + "]}");
  TWINSTORE_CHECK(schema.ok());
  return std::move(schema).value();
}
Schema first_schema() { return schema_of(1, "", ""); }
Schema second_schema() {
  return schema_of(
      2, R"(,{"name":"note","type":"text","default":"it's new"})",
      R"(,{"name":"u","key":["id"],"scope":"id","fields":[{"name":"id","type":"text"}]})");
}

postgres::Connection connected(const std::string& url) {
  auto connection = postgres::Connection::open(url);
  TWINSTORE_CHECK(connection.ok());
  return std::move(connection).value();
}

Result<void> migrate(const std::string& url, const Schema& schema,
                     const BeforeMigrationStep& before = {}) {
  postgres::Connection connection = connected(url);
  return postgres::migrate(connection, schema, before);
}

size_t steps_to(const std::string& url, const Schema& schema) {
  postgres::Connection connection = connected(url);
  const auto plan = postgres::plan_migration(connection, schema);
  return succeeded(plan) ? plan.value().size() : 0;
}

// A database as an earlier build left it: version 1 lacked the index that step 2 makes.
std::string database_of(int version) {
  std::string url = Cluster::shared().create_database();
  if (version == 0) return url;
  REQUIRE(succeeded(migrate(url, first_schema())));
  CHECK(psql(url,
             "INSERT INTO _records (_workspace, space, key, value)"
             " VALUES ('w', 'a', 'b', 'kept')") == "");
  CHECK(psql(url,
             "SET twinstore.authority = 'on'; INSERT INTO t (_workspace, id, _rev, _hlc)"
             " VALUES ('w', 'a', 1, 'x')") == "");
  if (version == 1) {
    CHECK(psql(url, "DROP INDEX _tombstones_age") == "");
    CHECK(psql(url, "UPDATE _storage SET value = '1' WHERE name = 'version'") == "");
    CHECK(psql(url, "UPDATE _storage SET value = 'older' WHERE name = 'form'") == "");
  }
  return url;
}

// What stands in the catalogue and the tables, as text.
std::string dump(const std::string& url) {
  std::string out = psql(url,
                         "SELECT c.relname || '.' || a.attname || ' ' ||"
                         " format_type(a.atttypid, a.atttypmod) FROM pg_attribute a JOIN"
                         " pg_class c ON c.oid = a.attrelid WHERE c.relnamespace ="
                         " 'public'::regnamespace AND a.attnum > 0 ORDER BY 1");
  out += psql(url,
              "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
              " ORDER BY 1");
  out += psql(url, "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1");
  for (const char* table : {"_storage", "_records", "t", "u"}) {
    if (psql(url, "SELECT to_regclass('" + std::string(table) + "')::text").empty()) continue;
    out += psql(url, "SELECT x::text FROM " + std::string(table) + " x ORDER BY 1");
  }
  return out;
}

}  // namespace

TEST_CASE("postgres migration: interrupted at each step and run again, whole") {
  for (const int version : {0, 1, 2}) {
    CAPTURE(version);
    const std::string whole = database_of(version);
    const size_t steps = steps_to(whole, second_schema());
    CHECK(steps > 3);
    REQUIRE(succeeded(migrate(whole, second_schema())));
    CHECK(steps_to(whole, second_schema()) == 0);
    const std::string wanted = dump(whole);
    if (version > 0) CHECK(wanted.find("it's new") != std::string::npos);
    // One database, interrupted again and again: each time it is as it was.
    const std::string url = database_of(version);
    const std::string before = dump(url);
    for (size_t failing = 0; failing < steps; ++failing) {
      CAPTURE(failing);
      size_t at = 0;
      postgres::Connection connection = connected(url);
      const auto interrupted =
          postgres::migrate(connection, second_schema(), [&](const MigrationStep&) -> Result<void> {
            if (at++ != failing) return {};
            // Every other time the server cuts the connection, as when either side dies.
            if (failing % 2 == 0) return Error{ErrorCode::StorageIo, "interrupted"};
            psql(url,
                 "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state ="
                 " 'idle in transaction' AND datname = current_database()");
            return {};
          });
      CHECK_FALSE(interrupted.ok());
      CHECK(dump(url) == before);
    }
    REQUIRE(succeeded(migrate(url, second_schema())));
    CHECK(dump(url) == wanted);
  }
}

TEST_CASE("postgres migration: a plan reads alone, and refuses what is too new") {
  const std::string url = database_of(2);
  const std::string before = dump(url);
  CHECK(steps_to(url, second_schema()) > 0);
  CHECK(dump(url) == before);
  REQUIRE(succeeded(migrate(url, second_schema())));
  const auto older = migrate(url, first_schema());
  REQUIRE_FALSE(older.ok());
  CHECK(older.error().code == ErrorCode::StorageTooNew);
  CHECK(psql(url, "UPDATE _storage SET value = '99' WHERE name = 'version'") == "");
  const auto newer = migrate(url, second_schema());
  REQUIRE_FALSE(newer.ok());
  CHECK(newer.error().code == ErrorCode::StorageTooNew);
  CHECK(newer.error().message.find("storage version 99") != std::string::npos);
}

}  // namespace twinstore::test
