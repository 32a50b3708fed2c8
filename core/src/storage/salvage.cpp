#include "storage/salvage.h"

#include <string>
#include <vector>

#include "storage/sqlite.h"

namespace twinstore {
namespace {

struct Copied {
  int64_t rows = 0;
  bool is_whole = false;  // to the last row of the table
};

Result<std::vector<std::string>> texts(Database& database, std::string_view sql) {
  TWINSTORE_TRY(Statement statement, database.prepare(sql));
  std::vector<std::string> out;
  for (;;) {
    TWINSTORE_TRY(const bool has_row, statement.step());
    if (!has_row) return out;
    out.emplace_back(statement.text(0));
  }
}

std::string quoted(const std::string& name) { return '"' + name + '"'; }

// By the columns in whose order a table is stored: its indexes may be damaged too.
Result<std::string> reading_of(Database& target, const std::string& table, std::string_view order) {
  const std::string select = "SELECT * FROM " + quoted(table) + " ORDER BY ";
  std::string by_row = select + "rowid" + std::string(order);
  if (target.prepare(by_row).ok()) return by_row;
  TWINSTORE_TRY(const auto keys, texts(target, "SELECT name FROM pragma_table_info('" + table +
                                                   "') WHERE pk > 0 ORDER BY pk"));
  std::string columns;
  for (const std::string& key : keys) {
    columns += (columns.empty() ? "" : ", ") + quoted(key) + std::string(order);
  }
  return select + columns;
}

std::string insert_of(const std::string& table, sqlite3_stmt* row) {
  std::string columns;
  std::string marks;
  for (int i = 0; i < sqlite3_column_count(row); ++i) {
    columns += (i == 0 ? "" : ", ") + quoted(sqlite3_column_name(row, i));
    marks += i == 0 ? "?" : ", ?";
  }
  return "INSERT OR IGNORE INTO " + quoted(table) + " (" + columns + ") VALUES (" + marks + ")";
}

// Until the end, or the first row that cannot be read.
Result<Copied> copy_rows(Database& from, Database& to, const std::string& table,
                         std::string_view order) {
  Copied copied;
  TWINSTORE_TRY(const std::string reading, reading_of(to, table, order));
  auto prepared = from.prepare(reading);
  if (!prepared.ok()) return copied;
  Statement row = std::move(prepared).value();
  TWINSTORE_TRY(Statement insert, to.prepare(insert_of(table, row.handle())));
  for (;; ++copied.rows) {
    const auto has_row = row.step();
    if (!has_row.ok() && has_row.error().code == ErrorCode::Unavailable) return has_row.error();
    copied.is_whole = has_row.ok() && !has_row.value();
    if (!has_row.ok() || !has_row.value()) return copied;
    for (int i = 0; i < sqlite3_column_count(row.handle()); ++i) insert.bind(i + 1, row.value(i));
    TWINSTORE_TRY_VOID(insert.run());
  }
}

// From both ends towards what cannot be read. Returns how many rows were.
Result<int64_t> copy_table(Database& from, Database& to, const std::string& table) {
  TWINSTORE_TRY(const Copied first, copy_rows(from, to, table, ""));
  if (first.is_whole) return first.rows;
  TWINSTORE_TRY(const Copied last, copy_rows(from, to, table, " DESC"));
  return first.rows + last.rows;
}

// Without a checkpoint at its end: the damaged file stays as it is.
Result<Database> open_damaged(const SqliteOptions& options) {
  TWINSTORE_TRY(Database database, Database::open(options.path, options.vfs, false));
  sqlite3_db_config(database.handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  if (options.is_exclusive) TWINSTORE_TRY_VOID(database.run("PRAGMA locking_mode = EXCLUSIVE"));
  TWINSTORE_TRY_VOID(database.run("PRAGMA cell_size_check = ON"));
  return database;
}

Result<Database> open_target(const Schema& schema, const SqliteOptions& options) {
  { TWINSTORE_TRY(const auto with_tables, SqliteStorage::open(schema, options)); }
  TWINSTORE_TRY(Database database, Database::open(options.path, options.vfs, false));
  if (options.is_exclusive) TWINSTORE_TRY_VOID(database.run("PRAGMA locking_mode = EXCLUSIVE"));
  TWINSTORE_TRY_VOID(database.run("PRAGMA synchronous = FULL"));
  return database;
}

}  // namespace

Result<void> salvage_rows(const Schema& schema, const SqliteOptions& damaged,
                          const SqliteOptions& target) {
  TWINSTORE_TRY(Database to, open_target(schema, target));
  TWINSTORE_TRY(Database from, open_damaged(damaged));
  TWINSTORE_TRY(const auto tables, texts(to,
                                         "SELECT name FROM sqlite_schema WHERE type = 'table' AND "
                                         "name NOT LIKE 'sqlite_%'"));
  TWINSTORE_TRY_VOID(to.run("BEGIN IMMEDIATE"));
  for (const std::string& table : tables) {
    TWINSTORE_TRY(const int64_t count, copy_table(from, to, table));
    if (count == 0 && table == "_records") {
      return Error{ErrorCode::StorageCorrupt, "nothing can be read of what the store noted"};
    }
  }
  return to.run("COMMIT");
}

}  // namespace twinstore
