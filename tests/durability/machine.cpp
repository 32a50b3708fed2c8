#include "machine.h"

#include "base/sha256.h"
#include "storage/sql_query.h"
#include "storage/sqlite.h"

namespace twinstore::durability {
namespace {

constexpr const char* file_name = "data.db";

Result<std::string> texts(sqlite3* database, const std::string& sql) {
  std::string out;
  sqlite3_stmt* statement = nullptr;
  int code = sqlite3_prepare_v2(database, sql.c_str(), -1, &statement, nullptr);
  const std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)> owner(statement, sqlite3_finalize);
  while (code == SQLITE_OK || code == SQLITE_ROW) {
    code = sqlite3_step(statement);
    for (int i = 0; code == SQLITE_ROW && i < sqlite3_column_count(statement); ++i) {
      const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(statement, i));
      const auto size = static_cast<size_t>(sqlite3_column_bytes(statement, i));
      out += data == nullptr ? "null" : std::to_string(size) + ":" + std::string(data, size);
      out += i + 1 < sqlite3_column_count(statement) ? ' ' : '\n';
    }
  }
  if (code != SQLITE_DONE) return sqlite_error(code, sqlite3_errmsg(database));
  return out;
}

}  // namespace

Machine::Machine(Role role, std::string schema_json, sim::Disk& disk)
    : role_(role), schema_json_(std::move(schema_json)), disk_(disk) {}

Machine::~Machine() { close(); }

void Machine::close() {
  transactions_.reset();
  authority_.reset();
  storage_.reset();
  store_.reset();
}

Result<void> Machine::open() {
  close();
  ids.begin(1);
  if (role_ == Role::Server) {
    auto opened = open_server();
    if (!opened.ok()) close();
    return opened;
  }
  StoreOptions options{schema_json_,
                       {.path = file_name, .vfs = disk_.name(), .is_exclusive = true}};
  TWINSTORE_TRY(store_, Store::open(options, clock, ids));
  return {};
}

Result<void> Machine::open_server() {
  TWINSTORE_TRY(Schema schema, Schema::parse(schema_json_));
  schema_ = std::make_unique<Schema>(std::move(schema));
  TWINSTORE_TRY(storage_, SqliteStorage::open(*schema_, {.path = file_name,
                                                         .vfs = disk_.name(),
                                                         .is_exclusive = true,
                                                         .has_feed = true}));
  TWINSTORE_TRY(authority_, Authority::open(*schema_, *storage_, clock, ids));
  transactions_ = std::make_unique<AuthorityTransactions>(*authority_);
  return {};
}

const Schema& Machine::schema() const { return store_ ? store_->schema() : *schema_; }
SqliteStorage& Machine::sqlite() { return store_ ? store_->storage() : *storage_; }
Storage& Machine::storage() { return sqlite(); }

Result<std::string> Machine::digest() {
  TWINSTORE_TRY(const auto query, sqlite().prepare_query("SELECT 1"));
  sqlite3* database = sqlite3_db_handle(query->statement().handle());
  TWINSTORE_TRY(const std::string tables,
                texts(database, "SELECT sql FROM sqlite_schema ORDER BY name"));
  TWINSTORE_TRY(const std::string names,
                texts(database,
                      "SELECT 'SELECT * FROM \"' || name || '\" ORDER BY 1, 2, 3;' FROM"
                      " sqlite_schema WHERE type = 'table' ORDER BY name"));
  std::string all = tables;
  for (size_t at = 0; at < names.size();) {
    const size_t begin = names.find(':', at) + 1;
    const size_t end = names.find('\n', begin);
    TWINSTORE_TRY(const std::string rows, texts(database, names.substr(begin, end - begin)));
    all += rows;
    at = end + 1;
  }
  return hex_text(sha256(all), 16);
}

Result<void> Machine::check_integrity() {
  TWINSTORE_TRY(const auto query, sqlite().prepare_query("SELECT 1"));
  sqlite3* database = sqlite3_db_handle(query->statement().handle());
  TWINSTORE_TRY(const std::string found, texts(database, "PRAGMA integrity_check"));
  if (found == "2:ok\n") return {};
  return Error{ErrorCode::StorageCorrupt, found};
}

}  // namespace twinstore::durability
