#include "storage_postgres/migrations.h"

#include <array>
#include <map>

#include "storage_postgres/tables.h"

namespace twinstore::postgres {
namespace {

// Step n brings a database from version n to n + 1. Steps are never edited once released.
constexpr std::array<const char*, 1> steps{
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
    "CREATE INDEX _tombstones_scope_feed ON _tombstones (_workspace, scope, rev);"};

const Query lock_query{"migrate.lock", "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))"};
const Query read_query{"migrate.read", "SELECT value FROM _storage WHERE name = $1"};
const Query write_query{"migrate.write",
                        "INSERT INTO _storage (name, value) VALUES ($1, $2)"
                        " ON CONFLICT (name) DO UPDATE SET value = excluded.value"};
const Query columns_query{
    "migrate.columns",
    "SELECT a.attname::text, format_type(a.atttypid, a.atttypmod) FROM pg_attribute a"
    " WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped"};
const Query index_query{"migrate.index", "SELECT to_regclass($1)::text"};

Result<int64_t> read_number(Connection& connection, std::string_view name) {
  TWINSTORE_TRY(const Rows found, connection.run(read_query, Parameters().add(name)));
  return found.rows() == 0 ? 0 : std::atoll(std::string(found.text(0, 0)).c_str());
}

Result<void> write_number(Connection& connection, std::string_view name, int64_t number) {
  const auto done = connection.run(write_query, Parameters().add(name).add(std::to_string(number)));
  return done.ok() ? Result<void>() : done.error();
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

Result<void> migrate_collection(Connection& connection, const Collection& collection) {
  TWINSTORE_TRY(const auto columns, columns_of(connection, collection.name));
  if (columns.empty()) TWINSTORE_TRY_VOID(connection.run_script(create_table(collection)));
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
    TWINSTORE_TRY_VOID(connection.run_script(add_column(collection, field)));
  }
  for (const Index& index : indexes_of(collection)) {
    // Not IF NOT EXISTS, which locks the table against writers before it looks.
    TWINSTORE_TRY(const Rows there,
                  connection.run(index_query, Parameters().add(quote_name(index.name))));
    if (there.is_null(0, 0)) TWINSTORE_TRY_VOID(connection.run_script(index.create_sql));
  }
  return {};
}

Result<void> bring_forward(Connection& connection, const Schema& schema) {
  // An index over many rows takes its time.
  TWINSTORE_TRY_VOID(connection.run_script("BEGIN; SET LOCAL statement_timeout = 0"));
  TWINSTORE_TRY([[maybe_unused]] const Rows locked,
                connection.run(lock_query, Parameters().add("twinstore.migrate")));
  TWINSTORE_TRY_VOID(connection.run_script(
      "CREATE TABLE IF NOT EXISTS _storage (name text PRIMARY KEY, value text NOT NULL)"));
  TWINSTORE_TRY(const int64_t found, read_number(connection, "version"));
  if (found > storage_version()) {
    return Error{ErrorCode::StorageTooNew, "the database has storage version " +
                                               std::to_string(found) + "; this build reads up to " +
                                               std::to_string(storage_version())};
  }
  for (auto version = static_cast<size_t>(found); version < steps.size(); ++version) {
    TWINSTORE_TRY_VOID(connection.run_script(steps[version]));
  }
  if (found != storage_version()) {
    TWINSTORE_TRY_VOID(write_number(connection, "version", storage_version()));
  }
  TWINSTORE_TRY(const int64_t schema_found, read_number(connection, "schema_version"));
  if (schema_found > schema.version()) {
    return Error{ErrorCode::StorageTooNew,
                 "the database was written with schema version " + std::to_string(schema_found) +
                     "; this application has " + std::to_string(schema.version())};
  }
  for (const Collection& collection : schema.collections()) {
    TWINSTORE_TRY_VOID(migrate_collection(connection, collection));
  }
  if (schema_found != schema.version()) {
    TWINSTORE_TRY_VOID(write_number(connection, "schema_version", schema.version()));
  }
  return connection.run_script("COMMIT");
}

}  // namespace

int storage_version() { return static_cast<int>(steps.size()); }

Result<void> migrate(Connection& connection, const Schema& schema) {
  auto done = bring_forward(connection, schema);
  if (!done.ok() && connection.is_in_transaction()) (void)connection.run_script("ROLLBACK");
  return done;
}

}  // namespace twinstore::postgres
