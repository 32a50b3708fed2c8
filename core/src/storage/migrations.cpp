#include "storage/migrations.h"

#include <array>
#include <map>

#include "base/sha256.h"
#include "storage/tables.h"

namespace twinstore {
namespace {

// Step n brings a file from version n to n + 1. Steps are never edited once released.
constexpr std::array<std::string_view, 2> steps{
    "CREATE TABLE _records (space TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,"
    " PRIMARY KEY (space, key)) WITHOUT ROWID;"
    "CREATE TABLE _tombstones (collection TEXT NOT NULL, key TEXT NOT NULL, scope TEXT NOT NULL,"
    " rev INTEGER NOT NULL, deleted_at TEXT NOT NULL, hlc TEXT NOT NULL, stamps TEXT,"
    " image TEXT NOT NULL, PRIMARY KEY (collection, key)) WITHOUT ROWID;"
    "CREATE INDEX _tombstones_feed ON _tombstones (rev);"
    "CREATE INDEX _tombstones_scope_feed ON _tombstones (scope, rev);",
    // A record may be megabytes long. In a table without rowid a search reads the whole of each
    // record that it passes (sqlite.org/withoutrowid.html); in an index it reads keys alone.
    "CREATE TABLE _records_by_row (space TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,"
    " PRIMARY KEY (space, key));"
    "INSERT INTO _records_by_row SELECT space, key, value FROM _records;"
    "DROP TABLE _records;"
    "ALTER TABLE _records_by_row RENAME TO _records;"};

Result<std::string> read_storage_record(Database& database, std::string_view key) {
  TWINSTORE_TRY(Statement statement,
                database.prepare("SELECT value FROM _records WHERE space = 'storage' AND key = ?"));
  statement.bind(1, key);
  TWINSTORE_TRY(const bool has_row, statement.step());
  return has_row ? std::string(statement.text(0)) : std::string();
}

Result<void> write_storage_record(Database& database, std::string_view key,
                                  std::string_view value) {
  TWINSTORE_TRY(Statement statement,
                database.prepare("INSERT INTO _records (space, key, value) VALUES ('storage', ?1,"
                                 " ?2) ON CONFLICT (space, key) DO UPDATE SET value = ?2"));
  statement.bind(1, key);
  statement.bind(2, value);
  return statement.run();
}

// What this build would make of an empty file, as a digest.
std::string form_of(const Schema& schema, bool has_feed) {
  std::string text = std::to_string(storage_version()) + " " + std::to_string(schema.version());
  for (const Collection& collection : schema.collections()) {
    for (const std::string& sql : create_statements(collection, has_feed)) text += "\n" + sql;
  }
  return hex_text(sha256(text));
}

// Declared type by column name; empty when there is no such table.
Result<std::map<std::string, std::string>> columns_of(Database& database,
                                                      const std::string& table) {
  TWINSTORE_TRY(Statement statement,
                database.prepare("SELECT name, type FROM pragma_table_info(?)"));
  statement.bind(1, std::string_view(table));
  std::map<std::string, std::string> columns;
  for (;;) {
    TWINSTORE_TRY(const bool has_row, statement.step());
    if (!has_row) return columns;
    columns.emplace(statement.text(0), statement.text(1));
  }
}

Result<void> migrate_collection(Database& database, const Collection& collection, bool has_feed) {
  TWINSTORE_TRY(const auto columns, columns_of(database, collection.name));
  if (columns.empty()) {
    for (const std::string& sql : create_statements(collection, has_feed)) {
      TWINSTORE_TRY_VOID(database.run(sql));
    }
    return {};
  }
  for (size_t i = 0; i < collection.fields.size(); ++i) {
    const Field& field = collection.fields[i];
    const auto at = columns.find(field.name);
    const std::string type(column_type(field.type));
    if (at != columns.end() && at->second == type) continue;
    if (at != columns.end() || i < collection.key_count) {
      return Error{ErrorCode::SchemaMismatch,
                   collection.name + "." + field.name + " is stored as " +
                       (at == columns.end() ? "nothing" : at->second) + ", not as " + type};
    }
    TWINSTORE_TRY_VOID(database.run(add_column(collection, field)));
  }
  return {};
}

Result<void> migrate_schema(Database& database, const Schema& schema, bool has_feed) {
  TWINSTORE_TRY(const std::string stored, read_storage_record(database, "schema_version"));
  const int64_t stored_version = stored.empty() ? 0 : std::atoll(stored.c_str());
  if (stored_version > schema.version()) {
    return Error{ErrorCode::StorageTooNew, "the file was written with schema version " + stored +
                                               "; this application has " +
                                               std::to_string(schema.version())};
  }
  for (const Collection& collection : schema.collections()) {
    TWINSTORE_TRY_VOID(migrate_collection(database, collection, has_feed));
  }
  TWINSTORE_TRY_VOID(
      write_storage_record(database, "schema_version", std::to_string(schema.version())));
  return write_storage_record(database, "form", form_of(schema, has_feed));
}

}  // namespace

int storage_version() { return static_cast<int>(steps.size()); }

Result<void> migrate(Database& database, const Schema& schema, bool has_feed) {
  TWINSTORE_TRY(const std::string text, database.single_text("PRAGMA user_version"));
  const int found = std::atoi(text.c_str());
  if (found > storage_version()) {
    return Error{ErrorCode::StorageTooNew, "the file has storage version " + text +
                                               "; this build reads up to " +
                                               std::to_string(storage_version())};
  }
  if (found == storage_version()) {
    TWINSTORE_TRY(const std::string form, read_storage_record(database, "form"));
    if (form == form_of(schema, has_feed)) return {};
  }
  TWINSTORE_TRY_VOID(database.run("BEGIN IMMEDIATE"));
  const auto bring_forward = [&]() -> Result<void> {
    for (int version = found; version < storage_version(); ++version) {
      TWINSTORE_TRY_VOID(database.run(steps[static_cast<size_t>(version)]));
    }
    TWINSTORE_TRY_VOID(database.run("PRAGMA user_version = " + std::to_string(storage_version())));
    TWINSTORE_TRY_VOID(migrate_schema(database, schema, has_feed));
    return database.run("COMMIT");
  };
  auto done = bring_forward();
  if (!done.ok()) (void)database.run("ROLLBACK");
  return done;
}

}  // namespace twinstore
