#include "storage/migrations.h"

#include <array>
#include <map>

#include "base/sha256.h"
#include "storage/tables.h"

namespace twinstore {
namespace {

struct Step {
  const char* what;
  const char* sql;
};

// Step n brings a file from version n to n + 1. Steps are never edited once released.
constexpr std::array steps{
    Step{"records and tombstones",
         "CREATE TABLE _records (space TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,"
         " PRIMARY KEY (space, key)) WITHOUT ROWID;"
         "CREATE TABLE _tombstones (collection TEXT NOT NULL, key TEXT NOT NULL, scope TEXT NOT "
         "NULL,"
         " rev INTEGER NOT NULL, deleted_at TEXT NOT NULL, hlc TEXT NOT NULL, stamps TEXT,"
         " image TEXT NOT NULL, PRIMARY KEY (collection, key)) WITHOUT ROWID;"
         "CREATE INDEX _tombstones_feed ON _tombstones (rev);"
         "CREATE INDEX _tombstones_scope_feed ON _tombstones (scope, rev);"},
    // A record may be megabytes long. In a table without rowid a search reads the whole of each
    // record that it passes (sqlite.org/withoutrowid.html); in an index it reads keys alone.
    Step{
        "records in a table with rowid",
        "CREATE TABLE _records_by_row (space TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,"
        " PRIMARY KEY (space, key));"
        "INSERT INTO _records_by_row SELECT space, key, value FROM _records;"
        "DROP TABLE _records;"
        "ALTER TABLE _records_by_row RENAME TO _records;"}};

Result<std::string> read_storage_record(Database& database, std::string_view key) {
  TWINSTORE_TRY(Statement statement,
                database.prepare("SELECT value FROM _records WHERE space = 'storage' AND key = ?"));
  statement.bind(1, key);
  TWINSTORE_TRY(const bool has_row, statement.step());
  return has_row ? std::string(statement.text(0)) : std::string();
}

// `value` has digits and letters alone.
std::string storage_record(const std::string& key, const std::string& value) {
  return "INSERT INTO _records (space, key, value) VALUES ('storage', '" + key + "', '" + value +
         "') ON CONFLICT (space, key) DO UPDATE SET value = excluded.value;";
}

// What this build would make of an empty file, as a digest.
std::string form_of(const Schema& schema, bool has_feed) {
  std::string text = std::to_string(storage_version()) + " " + std::to_string(schema.version());
  for (const Collection& collection : schema.collections()) {
    text += "\n" + create_table(collection);
    for (const TableIndex& index : indexes_of(collection, has_feed)) {
      text += "\n" + index.create_sql;
    }
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

Result<bool> has_index(Database& database, const std::string& name) {
  TWINSTORE_TRY(Statement statement,
                database.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'index' AND name = ?"));
  statement.bind(1, std::string_view(name));
  return statement.step();
}

Result<void> plan_collection(Database& database, const Collection& collection, bool has_feed,
                             std::vector<MigrationStep>& plan) {
  TWINSTORE_TRY(const auto columns, columns_of(database, collection.name));
  if (columns.empty()) {
    plan.push_back({collection.name + ": create the table", create_table(collection)});
  }
  for (size_t i = 0; i < collection.fields.size() && !columns.empty(); ++i) {
    const Field& field = collection.fields[i];
    const auto at = columns.find(field.name);
    const std::string type(column_type(field.type));
    if (at != columns.end() && at->second == type) continue;
    if (at != columns.end() || i < collection.key_count) {
      return Error{ErrorCode::SchemaMismatch,
                   collection.name + "." + field.name + " is stored as " +
                       (at == columns.end() ? "nothing" : at->second) + ", not as " + type};
    }
    plan.push_back(
        {collection.name + ": add the field " + field.name, add_column(collection, field)});
  }
  for (const TableIndex& index : indexes_of(collection, has_feed)) {
    TWINSTORE_TRY(const bool is_there, has_index(database, index.name));
    if (!is_there) plan.push_back({"index " + index.name, index.create_sql});
  }
  return {};
}

Result<int> version_of(Database& database) {
  TWINSTORE_TRY(const std::string text, database.single_text("PRAGMA user_version"));
  const int version = std::atoi(text.c_str());
  if (version <= storage_version()) return version;
  return Error{ErrorCode::StorageTooNew, "the file has storage version " + text +
                                             "; this build reads up to " +
                                             std::to_string(storage_version())};
}

// True when the file has the form that this build makes.
Result<bool> is_this_form(Database& database, const Schema& schema, bool has_feed) {
  TWINSTORE_TRY(const std::string stored, read_storage_record(database, "schema_version"));
  if (std::atoll(stored.c_str()) > schema.version()) {
    return Error{ErrorCode::StorageTooNew, "the file was written with schema version " + stored +
                                               "; this application has " +
                                               std::to_string(schema.version())};
  }
  TWINSTORE_TRY(const std::string form, read_storage_record(database, "form"));
  return form == form_of(schema, has_feed);
}

Result<void> bring_forward(Database& database, const Schema& schema, bool has_feed,
                           const BeforeMigrationStep& before_step) {
  // Planned again, as another process may have come first.
  TWINSTORE_TRY(const auto plan, plan_migration(database, schema, has_feed));
  for (const MigrationStep& step : plan) {
    if (before_step) TWINSTORE_TRY_VOID(before_step(step));
    TWINSTORE_TRY_VOID(database.run(step.sql));
  }
  return database.run("COMMIT");
}

}  // namespace

int storage_version() { return static_cast<int>(steps.size()); }

Result<std::vector<MigrationStep>> plan_migration(Database& database, const Schema& schema,
                                                  bool has_feed) {
  std::vector<MigrationStep> plan;
  TWINSTORE_TRY(const int found, version_of(database));
  if (found > 0) {
    TWINSTORE_TRY(const bool is_done, is_this_form(database, schema, has_feed));
    if (is_done && found == storage_version()) return plan;
  }
  for (auto i = static_cast<size_t>(found); i < steps.size(); ++i) {
    plan.push_back({"storage version " + std::to_string(i) + " to " + std::to_string(i + 1) + ": " +
                        steps[i].what,
                    steps[i].sql});
  }
  for (const Collection& collection : schema.collections()) {
    TWINSTORE_TRY_VOID(plan_collection(database, collection, has_feed, plan));
  }
  plan.push_back(
      {"note the form", "PRAGMA user_version = " + std::to_string(storage_version()) + ";" +
                            storage_record("schema_version", std::to_string(schema.version())) +
                            storage_record("form", form_of(schema, has_feed))});
  return plan;
}

Result<void> migrate(Database& database, const Schema& schema, bool has_feed,
                     const BeforeMigrationStep& before_step) {
  TWINSTORE_TRY(const auto plan, plan_migration(database, schema, has_feed));
  if (plan.empty()) return {};
  TWINSTORE_TRY_VOID(database.run("BEGIN IMMEDIATE"));
  auto done = bring_forward(database, schema, has_feed, before_step);
  if (!done.ok()) (void)database.run("ROLLBACK");
  return done;
}

}  // namespace twinstore
