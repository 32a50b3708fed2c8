#include "twinstore/sqlite_storage.h"

#include <algorithm>

#include "base/json.h"
#include "schema/field_value.h"
#include "storage/row_text.h"
#include "storage/row_watch.h"
#include "storage/sql_query.h"
#include "storage/sqlite.h"
#include "storage/sqlite_opening.h"
#include "storage/sqlite_records.h"
#include "storage/sqlite_rows.h"
#include "storage/sqlite_selection.h"
#include "storage/tables.h"

namespace twinstore {
namespace {

struct CollectionStatements {
  Statement select;
  Statement replace;
  Statement remove;
  Statement changes;
  Statement changes_all;
};

CollectionStatements statements_of(Database& database, const Collection& collection) {
  return {database.later(select_by_key(collection)), database.later(replace_row(collection)),
          database.later(delete_by_key(collection)),
          database.later(select_changes(collection, false)),
          database.later(select_changes(collection, true))};
}

int bind_key(Statement& statement, const Key& key) {
  int index = 1;
  for (const Value& value : key) statement.bind(index++, value);
  return index;
}

// One ordered source of changes: a collection's table, or the tombstones.
struct ChangeSource {
  Statement* statement;
  const Collection* collection;  // null: the tombstones
  Rev rev = 0;
  bool has_row = false;
};

}  // namespace

struct SqliteStorage::Parts {
  const Schema& schema;
  SqliteOptions options;
  Database database;
  std::vector<CollectionStatements> collections;
  Statement begin = database.later(options.is_read_only ? "BEGIN" : "BEGIN IMMEDIATE");
  Statement commit = database.later("COMMIT");
  Statement rollback = database.later("ROLLBACK");
  Statement get = database.later("SELECT value FROM _records WHERE space = ? AND key = ?");
  Statement put = database.later(
      "INSERT INTO _records (space, key, value) VALUES (?, ?, ?)"
      " ON CONFLICT (space, key) DO UPDATE SET value = excluded.value");
  Statement erase = database.later("DELETE FROM _records WHERE space = ? AND key = ?");
  Statement scan = database.later(
      "SELECT key, value FROM _records WHERE space = ?1 AND key >= ?2"
      " AND (?3 = '' OR key < ?3) ORDER BY key");
  Statement tombstone = database.later(select_tombstones("WHERE collection = ? AND key = ?"));
  Statement any_tombstone = database.later("SELECT 1 FROM _tombstones LIMIT 1");
  Statement put_tombstone = database.later(
      "INSERT OR REPLACE INTO _tombstones (collection, key, scope, rev,"
      " deleted_at, hlc, stamps, image) VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
  Statement erase_tombstone =
      database.later("DELETE FROM _tombstones WHERE collection = ? AND key = ?");
  Statement tombstone_changes =
      database.later(select_tombstones("WHERE rev > ? AND scope = ? ORDER BY rev"));
  Statement tombstone_changes_all = database.later(select_tombstones("WHERE rev > ? ORDER BY rev"));
  bool is_open = false;                   // a transaction
  bool may_have_tombstones = true;        // known only while nobody else can write
  std::unique_ptr<RowWatch> row_watch{};  // with the first use

  Parts(const Schema& schema_of, SqliteOptions options_of, Database opened)
      : schema(schema_of), options(std::move(options_of)), database(std::move(opened)) {
    for (const Collection& collection : schema.collections()) {
      collections.push_back(statements_of(database, collection));
    }
  }

  Result<void> look_for_tombstones() {
    const StatementUse use(any_tombstone);
    TWINSTORE_TRY(may_have_tombstones, any_tombstone.step());
    return {};
  }

  Result<void> load_tombstone(const Collection& collection, const Key& key,
                              std::optional<RowVersion>& out) {
    if (!may_have_tombstones) return {};
    const StatementUse use(tombstone);
    tombstone.bind(1, std::string_view(collection.name));
    tombstone.bind(2, std::string_view(key_text(key)));
    TWINSTORE_TRY(const bool is_deleted, tombstone.step());
    if (!is_deleted) return {};
    TWINSTORE_TRY(out, read_tombstone(collection, tombstone));
    return {};
  }

  Result<void> forget_tombstone(const Collection& collection, const Key& key) {
    if (!may_have_tombstones) return {};
    erase_tombstone.bind(1, std::string_view(collection.name));
    erase_tombstone.bind(2, std::string_view(key_text(key)));
    return erase_tombstone.run();
  }

  Result<void> advance(ChangeSource& source) {
    TWINSTORE_TRY(source.has_row, source.statement->step());
    if (!source.has_row) return {};
    const int column =
        source.collection == nullptr ? 3 : static_cast<int>(source.collection->fields.size());
    source.rev = source.statement->integer(column);
    return {};
  }
};

SqliteStorage::SqliteStorage(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
SqliteStorage::~SqliteStorage() = default;

Result<std::unique_ptr<SqliteStorage>> SqliteStorage::open(const Schema& schema,
                                                           const SqliteOptions& options) {
  TWINSTORE_TRY(Database database, open_database(schema, options));
  return std::unique_ptr<SqliteStorage>(
      new SqliteStorage(std::make_unique<Parts>(schema, options, std::move(database))));
}

Result<void> SqliteStorage::begin() {
  TWINSTORE_CHECK(!parts_->is_open);
  // A transaction that fails because there is no memory must still end.
  TWINSTORE_TRY_VOID(parts_->rollback.prepare());
  TWINSTORE_TRY_VOID(parts_->commit.prepare());
  // One that could not be rolled back when it failed.
  if (sqlite3_get_autocommit(parts_->database.handle()) == 0) {
    TWINSTORE_TRY_VOID(parts_->rollback.run());
  }
  TWINSTORE_TRY_VOID(parts_->begin.run());
  parts_->is_open = true;
  if (parts_->options.is_read_only) return {};
  auto any = parts_->look_for_tombstones();
  if (!any.ok()) rollback();
  return any;
}

Result<void> SqliteStorage::commit() {
  TWINSTORE_CHECK(parts_->is_open);
  TWINSTORE_TRY_VOID(parts_->commit.run());
  parts_->is_open = false;
  parts_->may_have_tombstones = true;
  return {};
}

void SqliteStorage::rollback() {
  if (!parts_->is_open) return;
  parts_->is_open = false;
  parts_->may_have_tombstones = true;
  // SQLite has already rolled back after some errors (sqlite.org/lang_transaction.html).
  if (sqlite3_get_autocommit(parts_->database.handle()) == 0) (void)parts_->rollback.run();
}

Result<std::vector<std::optional<RowVersion>>> SqliteStorage::load(const Collection& collection,
                                                                   std::span<const Key> keys) {
  std::vector<std::optional<RowVersion>> rows;
  rows.reserve(keys.size());
  Statement& select = parts_->collections[collection.position].select;
  for (const Key& key : keys) {
    const StatementUse use(select);
    bind_key(select, key);
    TWINSTORE_TRY(const bool is_live, select.step());
    if (is_live) {
      TWINSTORE_TRY(RowVersion row, read_row(collection, select));
      rows.emplace_back(std::move(row));
      continue;
    }
    TWINSTORE_TRY_VOID(parts_->load_tombstone(collection, key, rows.emplace_back()));
  }
  return rows;
}

Result<void> SqliteStorage::save(const Collection& collection, const RowVersion& row) {
  const Key key = collection.key_of(row.values);
  const std::string stamps = stamps_text(collection, row);
  if (row.is_deleted()) {
    Statement& remove = parts_->collections[collection.position].remove;
    bind_key(remove, key);
    TWINSTORE_TRY_VOID(remove.run());
    parts_->may_have_tombstones = true;
    Statement& put = parts_->put_tombstone;
    put.bind(1, std::string_view(collection.name));
    put.bind(2, std::string_view(key_text(key)));
    put.bind(3, std::string_view(collection.scope_of(row.values)));
    put.bind(4, row.rev);
    put.bind(5, std::string_view(row.deleted_at.text()));
    put.bind(6, std::string_view(row.hlc.text()));
    put.bind(7, std::string_view(stamps));
    put.bind(8, std::string_view(image_text(collection, row.values)));
    return put.run();
  }
  Statement& replace = parts_->collections[collection.position].replace;
  int index = bind_key(replace, row.values);
  replace.bind(index, row.rev);
  replace.bind(index + 1, std::string_view(row.hlc.text()));
  if (stamps.empty()) {
    replace.bind_null(index + 2);
  } else {
    replace.bind(index + 2, std::string_view(stamps));
  }
  TWINSTORE_TRY_VOID(replace.run());
  return parts_->forget_tombstone(collection, key);
}

Result<void> SqliteStorage::forget(const Collection& collection, const Key& key) {
  Statement& remove = parts_->collections[collection.position].remove;
  bind_key(remove, key);
  TWINSTORE_TRY_VOID(remove.run());
  return parts_->forget_tombstone(collection, key);
}

Result<void> SqliteStorage::changes(std::string_view scope, Rev after, const TakeChange& take) {
  const bool is_all = scope == all_scopes;
  std::vector<ChangeSource> sources;
  for (const Collection& collection : parts_->schema.collections()) {
    CollectionStatements& statements = parts_->collections[collection.position];
    sources.push_back({is_all ? &statements.changes_all : &statements.changes, &collection});
  }
  sources.push_back(
      {is_all ? &parts_->tombstone_changes_all : &parts_->tombstone_changes, nullptr});
  std::vector<std::unique_ptr<StatementUse>> uses;
  for (ChangeSource& source : sources) {
    uses.push_back(std::make_unique<StatementUse>(*source.statement));
    source.statement->bind(1, after);
    if (!is_all) source.statement->bind(2, scope);
    TWINSTORE_TRY_VOID(parts_->advance(source));
  }
  for (;;) {
    ChangeSource* next = nullptr;
    for (ChangeSource& source : sources) {
      if (source.has_row && (next == nullptr || source.rev < next->rev)) next = &source;
    }
    if (next == nullptr) return {};
    const Collection* collection = next->collection != nullptr
                                       ? next->collection
                                       : parts_->schema.find(next->statement->text(0));
    if (collection != nullptr) {
      TWINSTORE_TRY(RowVersion row, next->collection != nullptr
                                        ? read_row(*collection, *next->statement)
                                        : read_tombstone(*collection, *next->statement));
      if (!take(*collection, std::move(row))) return {};
    }
    TWINSTORE_TRY_VOID(parts_->advance(*next));
  }
}

Result<void> SqliteStorage::rows_of_scope(std::string_view scope, const TakeChange& take) {
  const bool is_all = scope == all_scopes;
  for (const Collection& collection : parts_->schema.collections()) {
    if (collection.is_local) continue;
    TWINSTORE_TRY(Statement rows, parts_->database.prepare(select_scope(collection, is_all)));
    if (!is_all) rows.bind(1, scope);
    for (;;) {
      TWINSTORE_TRY(const bool has_row, rows.step());
      if (!has_row) break;
      TWINSTORE_TRY(RowVersion row, read_row(collection, rows));
      if (!take(collection, std::move(row))) return {};
    }
  }
  const std::string order =
      is_all ? "ORDER BY collection, key" : "WHERE scope = ? ORDER BY collection, key";
  TWINSTORE_TRY(Statement deleted, parts_->database.prepare(select_tombstones(order)));
  if (!is_all) deleted.bind(1, scope);
  for (;;) {
    TWINSTORE_TRY(const bool has_row, deleted.step());
    if (!has_row) return {};
    const Collection* collection = parts_->schema.find(deleted.text(0));
    if (collection == nullptr) continue;
    TWINSTORE_TRY(RowVersion row, read_tombstone(*collection, deleted));
    if (!take(*collection, std::move(row))) return {};
  }
}

Result<void> SqliteStorage::select(const Collection& collection, const Selection& selection,
                                   const TakeChange& take) {
  TWINSTORE_TRY(Statement rows, select_statement(parts_->database, collection, selection));
  for (;;) {
    TWINSTORE_TRY(const bool has_row, rows.step());
    if (!has_row) return {};
    TWINSTORE_TRY(RowVersion row, read_row(collection, rows));
    if (!take(collection, std::move(row))) return {};
  }
}

Result<int64_t> SqliteStorage::count(const Collection& collection, const Selection& selection) {
  TWINSTORE_TRY(Statement counted, count_statement(parts_->database, collection, selection));
  TWINSTORE_TRY([[maybe_unused]] const bool has_row, counted.step());
  return counted.integer(0);
}

Result<void> SqliteStorage::tombstones(const HybridTime& before, const TakeChange& take) {
  TWINSTORE_TRY(Statement deleted,
                parts_->database.prepare(select_tombstones("WHERE deleted_at < ? ORDER BY rev")));
  deleted.bind(1, std::string_view(before.text()));
  for (;;) {
    TWINSTORE_TRY(const bool has_row, deleted.step());
    if (!has_row) return {};
    const Collection* collection = parts_->schema.find(deleted.text(0));
    if (collection == nullptr) continue;
    TWINSTORE_TRY(RowVersion row, read_tombstone(*collection, deleted));
    if (!take(*collection, std::move(row))) return {};
  }
}

Result<std::optional<std::string>> SqliteStorage::get(std::string_view space,
                                                      std::string_view key) {
  const StatementUse use(parts_->get);
  parts_->get.bind(1, space);
  parts_->get.bind(2, key);
  TWINSTORE_TRY(const bool has_row, parts_->get.step());
  if (!has_row) return std::optional<std::string>{};
  return std::optional(std::string(parts_->get.text(0)));
}

Result<void> SqliteStorage::put(std::string_view space, std::string_view key,
                                std::string_view value) {
  parts_->put.bind(1, space);
  parts_->put.bind(2, key);
  parts_->put.bind(3, value);
  return parts_->put.run();
}

Result<void> SqliteStorage::erase(std::string_view space, std::string_view key) {
  parts_->erase.bind(1, space);
  parts_->erase.bind(2, key);
  return parts_->erase.run();
}

Result<void> SqliteStorage::scan(std::string_view space, std::string_view first,
                                 std::string_view last, const TakeRecord& take) {
  const StatementUse use(parts_->scan);
  parts_->scan.bind(1, space);
  parts_->scan.bind(2, first);
  parts_->scan.bind(3, last);
  for (;;) {
    TWINSTORE_TRY(const bool has_row, parts_->scan.step());
    if (!has_row || !take(parts_->scan.text(0), parts_->scan.text(1))) return {};
  }
}

Result<std::vector<std::string>> SqliteStorage::spaces() { return record_spaces(parts_->database); }

Result<int64_t> SqliteStorage::bytes() { return file_bytes(parts_->database); }

Result<int64_t> SqliteStorage::bytes_in_use() { return used_bytes(parts_->database); }

Result<std::unique_ptr<SqlQuery>> SqliteStorage::prepare_query(std::string_view sql) {
  return SqlQuery::prepare(parts_->database, parts_->schema, sql);
}

RowWatch& SqliteStorage::row_watch() {
  auto& watch = parts_->row_watch;
  if (!watch) watch = std::make_unique<RowWatch>(parts_->database, parts_->schema);
  return *watch;
}

}  // namespace twinstore
