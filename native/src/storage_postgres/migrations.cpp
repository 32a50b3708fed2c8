#include "storage_postgres/migrations.h"

#include <array>
#include <map>

#include "base/sha256.h"
#include "storage_postgres/tables.h"
#include "storage_postgres/triggers.h"
#include "twinstore/external_writes.h"

namespace twinstore::postgres {
namespace {

struct NumberedStep {
  const char* what;
  const char* sql;
};

// NumberedStep n brings a database from version n to n + 1. Steps are never edited once released.
constexpr std::array steps{
    NumberedStep{"records and tombstones",
                 "CREATE TABLE _records (_workspace text COLLATE \"C\" NOT NULL,"
                 " space text COLLATE \"C\" NOT NULL, key text COLLATE \"C\" NOT NULL,"
                 " long_key text COLLATE \"C\", value text COLLATE \"C\" NOT NULL,"
                 " PRIMARY KEY (_workspace, space, key)) WITH (fillfactor = 80);"
                 "CREATE TABLE _tombstones (_workspace text COLLATE \"C\" NOT NULL,"
                 " collection text COLLATE \"C\" NOT NULL, key text COLLATE \"C\" NOT NULL,"
                 " scope text COLLATE \"C\" NOT NULL, rev bigint NOT NULL,"
                 " deleted_at text COLLATE \"C\" NOT NULL, hlc text COLLATE \"C\" NOT NULL,"
                 " stamps text COLLATE \"C\", image text COLLATE \"C\" NOT NULL,"
                 " PRIMARY KEY (_workspace, collection, key));"
                 "CREATE UNIQUE INDEX _tombstones_feed ON _tombstones (_workspace, rev);"
                 "CREATE INDEX _tombstones_scope_feed ON _tombstones (_workspace, scope, rev)"},
    NumberedStep{"an index of the oldest tombstones, for their collection",
                 "CREATE INDEX _tombstones_age ON _tombstones (_workspace, deleted_at)"},
};

constexpr std::array own_tables{"_records", "_tombstones"};

constexpr std::string_view lock_name = "twinstore.migrate";
const Query migration_lock_query{"migrate.lock",
                                 "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))"};
const Query read_query{"migrate.read", "SELECT name, value FROM _storage"};
const Query columns_query{
    "migrate.columns",
    "SELECT a.attname::text, format_type(a.atttypid, a.atttypmod) FROM pg_attribute a"
    " WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped"};
const Query owner_query{
    "migrate.owner",
    "SELECT coalesce(bool_and(pg_has_role(relowner, 'USAGE')), true)::int::bigint"
    " FROM pg_class WHERE oid = to_regclass('_records')"};
const Query relation_query{"migrate.relation", "SELECT to_regclass($1)::text"};

using Marks = std::map<std::string, std::string>;  // version, schema_version, form

int64_t number_of(const Marks& marks, const std::string& name) {
  const auto at = marks.find(name);
  return at == marks.end() ? 0 : std::atoll(at->second.c_str());
}

Result<bool> is_there(Connection& connection, const std::string& relation) {
  TWINSTORE_TRY(const Rows found,
                connection.run(relation_query, Parameters().add(quote_name(relation))));
  return !found.is_null(0, 0);
}

// None in an empty database.
Result<Marks> read_marks(Connection& connection) {
  Marks marks;
  TWINSTORE_TRY(const bool has_marks, is_there(connection, "_storage"));
  if (!has_marks) return marks;
  TWINSTORE_TRY(const Rows found, connection.run(read_query));
  for (int row = 0; row < found.rows(); ++row) {
    marks.emplace(found.text(row, 0), found.text(row, 1));
  }
  return marks;
}

// Type by column name; empty when there is no such table.
Result<std::map<std::string, std::string>> columns_of(Connection& connection,
                                                      const std::string& table) {
  TWINSTORE_TRY(const Rows found,
                connection.run(columns_query, Parameters().add(quote_name(table))));
  std::map<std::string, std::string> columns;
  for (int row = 0; row < found.rows(); ++row) {
    columns.emplace(found.text(row, 0), found.text(row, 1));
  }
  return columns;
}

// As PostgreSQL names it back.
std::string type_name(FieldType type) {
  const std::string_view name = postgres_type(type);
  if (type == FieldType::Time) return "timestamp with time zone";
  return std::string(name.substr(0, name.find(" COLLATE")));
}

Result<void> plan_collection(Connection& connection, const Collection& collection,
                             std::vector<MigrationStep>& plan) {
  TWINSTORE_TRY(const auto columns, columns_of(connection, collection.name));
  if (columns.empty()) {
    plan.push_back({collection.name + ": create the table", create_table(collection)});
  }
  for (size_t i = 0; i < collection.fields.size() && !columns.empty(); ++i) {
    const Field& field = collection.fields[i];
    const auto at = columns.find(field.name);
    const std::string type = type_name(field.type);
    if (at != columns.end() && at->second == type) continue;
    if (at != columns.end() || i < collection.key_count) {
      return Error{ErrorCode::SchemaMismatch,
                   collection.name + "." + field.name + " is stored as " +
                       (at == columns.end() ? "nothing" : at->second) + ", not as " + type};
    }
    plan.push_back(
        {collection.name + ": add the field " + field.name, add_column(collection, field)});
  }
  for (const Index& index : indexes_of(collection)) {
    TWINSTORE_TRY(const bool has_index, is_there(connection, index.name));
    if (!has_index) plan.push_back({"index " + index.name, index.create_sql});
  }
  plan.push_back(
      {collection.name + ": capture what other programs write", create_triggers(collection)});
  plan.push_back({collection.name + ": keep workspaces apart", workspace_policy(collection.name)});
  return {};
}

// What this build would make of an empty database, as a digest.
std::string form_of(const Schema& schema) {
  std::string text(external_writes_sql);
  for (const NumberedStep& step : steps) text += step.sql;
  for (const char* table : own_tables) text += workspace_policy(table);
  for (const Collection& collection : schema.collections()) {
    text +=
        create_table(collection) + create_triggers(collection) + workspace_policy(collection.name);
    for (const Index& index : indexes_of(collection)) text += index.create_sql;
  }
  return hex_text(sha256(text));
}

MigrationStep write_marks(const Schema& schema) {
  const auto mark = [](const std::string& name, const std::string& value) {
    return "INSERT INTO _storage (name, value) VALUES (" + quote_text(name) + ", " +
           quote_text(value) + ") ON CONFLICT (name) DO UPDATE SET value = excluded.value;";
  };
  return {"note the form", mark("version", std::to_string(storage_version())) +
                               mark("schema_version", std::to_string(schema.version())) +
                               mark("form", form_of(schema))};
}

Result<void> check_not_newer(const Marks& marks, const Schema& schema) {
  const int64_t version = number_of(marks, "version");
  if (version > storage_version()) {
    return Error{ErrorCode::StorageTooNew,
                 "the database has storage version " + std::to_string(version) +
                     "; this build reads up to " + std::to_string(storage_version())};
  }
  const int64_t schema_version = number_of(marks, "schema_version");
  if (schema_version <= schema.version()) return {};
  return Error{ErrorCode::StorageTooNew,
               "the database was written with schema version " + std::to_string(schema_version) +
                   "; this application has " + std::to_string(schema.version())};
}

Result<void> bring_forward(Connection& connection, const Schema& schema,
                           const BeforeMigrationStep& before_step) {
  // An index over many rows takes its time.
  TWINSTORE_TRY_VOID(connection.run_script("BEGIN; SET LOCAL statement_timeout = 0"));
  TWINSTORE_TRY([[maybe_unused]] const Rows locked,
                connection.run(migration_lock_query, Parameters().add(lock_name)));
  TWINSTORE_TRY(const auto plan, plan_migration(connection, schema));
  for (const MigrationStep& step : plan) {
    if (before_step) TWINSTORE_TRY_VOID(before_step(step));
    TWINSTORE_TRY_VOID(connection.run_script(step.sql));
  }
  return connection.run_script("COMMIT");
}

}  // namespace

int storage_version() { return static_cast<int>(steps.size()); }

Result<std::vector<MigrationStep>> plan_migration(Connection& connection, const Schema& schema) {
  TWINSTORE_TRY(const Marks marks, read_marks(connection));
  TWINSTORE_TRY_VOID(check_not_newer(marks, schema));
  std::vector<MigrationStep> plan;
  const auto form = marks.find("form");
  if (form != marks.end() && form->second == form_of(schema)) return plan;
  if (marks.empty()) {
    plan.push_back({"note the storage's version from now on",
                    "CREATE TABLE _storage (name text PRIMARY KEY, value text NOT NULL)"});
  }
  for (auto i = static_cast<size_t>(number_of(marks, "version")); i < steps.size(); ++i) {
    plan.push_back({"storage version " + std::to_string(i) + " to " + std::to_string(i + 1) + ": " +
                        steps[i].what,
                    steps[i].sql});
  }
  for (const char* table : own_tables) {
    plan.push_back({std::string(table) + ": keep workspaces apart", workspace_policy(table)});
  }
  plan.push_back({"functions of the triggers", std::string(external_writes_sql)});
  for (const Collection& collection : schema.collections()) {
    TWINSTORE_TRY_VOID(plan_collection(connection, collection, plan));
  }
  plan.push_back(write_marks(schema));
  return plan;
}

Result<void> migrate(Connection& connection, const Schema& schema,
                     const BeforeMigrationStep& before_step) {
  TWINSTORE_TRY(const auto plan, plan_migration(connection, schema));
  if (plan.empty()) return {};
  TWINSTORE_TRY(const Rows owned, connection.run(owner_query));
  if (owned.integer(0, 0) == 0) {
    return Error{ErrorCode::InvalidArgument,
                 "PostgreSQL: the tables have to be brought forward by their owner: run twinstore"
                 " migrate --grant ROLE with the owner's URL"};
  }
  auto done = bring_forward(connection, schema, before_step);
  if (!done.ok() && connection.is_in_transaction()) (void)connection.run_script("ROLLBACK");
  return done;
}

Result<void> grant(Connection& connection, const Schema& schema, std::string_view role) {
  constexpr std::string_view allowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
  if (role.empty() || role.size() > limits::name_bytes_max ||
      role.find_first_not_of(allowed) != std::string_view::npos) {
    return Error{ErrorCode::InvalidArgument,
                 "a role has 1 to 63 letters, digits, underscores and hyphens"};
  }
  const std::string to = " TO " + quote_name(role) + ";";
  std::string sql = "GRANT SELECT ON _storage" + to;
  const auto rows_of = [&](const std::string& table) {
    sql += "GRANT SELECT, INSERT, UPDATE, DELETE ON " + quote_name(table) + to;
  };
  for (const char* table : own_tables) rows_of(table);
  for (const Collection& collection : schema.collections()) rows_of(collection.name);
  return connection.run_script(
      sql + "DO $do$ BEGIN EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', current_schema(), " +
      quote_text(role) + "); END $do$");
}

}  // namespace twinstore::postgres
