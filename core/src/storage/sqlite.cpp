#include "storage/sqlite.h"

#include "twinstore/limits.h"

namespace twinstore {

Error sqlite_error(int code, std::string_view message) {
  const std::string text = "SQLite " + std::to_string(code) + ": " + std::string(message);
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return {ErrorCode::StorageBusy, text};
    case SQLITE_FULL: return {ErrorCode::StorageFull, text};
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY: return {ErrorCode::StorageIo, text};
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return {ErrorCode::StorageCorrupt, text};
    case SQLITE_NOMEM: return {ErrorCode::Unavailable, text};
    default: return {ErrorCode::Sql, text};
  }
}

namespace {

Result<sqlite3_stmt*> prepared(sqlite3* database, std::string_view sql) {
  sqlite3_stmt* handle = nullptr;
  const int code = sqlite3_prepare_v3(database, sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &handle, nullptr);
  if (code != SQLITE_OK) return sqlite_error(code, sqlite3_errmsg(database));
  if (handle == nullptr) return Error{ErrorCode::Sql, "there is no statement"};
  return handle;
}

}  // namespace

// Null where it cannot be prepared: SQLite then ignores what is bound (sqlite.org/rescode.html,
// SQLITE_MISUSE).
sqlite3_stmt* Statement::ready() {
  if (database_ != nullptr && prepared_.ok()) {
    auto made = prepared(database_, sql_);
    if (made.ok()) {
      handle_.reset(made.value());
      database_ = nullptr;
    } else {
      prepared_ = std::move(made).error();
    }
  }
  return handle_.get();
}

Result<void> Statement::prepare() {
  if (ready() != nullptr) return {};
  Error error = prepared_.error();
  prepared_ = {};  // the next use tries again
  return error;
}

// What was not bound would stand for null: the next step() says so instead.
void Statement::note_bound(int code) {
  if (code == SQLITE_OK || handle_ == nullptr || !bound_.ok()) return;
  bound_ = sqlite_error(code, sqlite3_errmsg(sqlite3_db_handle(handle_.get())));
}

void Statement::bind(int index, std::string_view text) {
  // An empty view may have no data pointer, which SQLite would take for NULL.
  const char* data = text.data() == nullptr ? "" : text.data();
  note_bound(sqlite3_bind_text64(ready(), index, data, text.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
}

void Statement::bind(int index, int64_t number) {
  note_bound(sqlite3_bind_int64(ready(), index, number));
}

void Statement::bind(int index, const Value& value) {
  switch (value.index()) {
    case 1: return bind(index, std::get<int64_t>(value));
    case 2: return note_bound(sqlite3_bind_double(ready(), index, std::get<double>(value)));
    case 3: return bind(index, std::string_view(std::get<std::string>(value)));
    default: bind_null(index);
  }
}

void Statement::bind_null(int index) { note_bound(sqlite3_bind_null(ready(), index)); }

Result<bool> Statement::step() {
  sqlite3_stmt* handle = ready();
  if (handle == nullptr) return prepared_.error();
  if (!bound_.ok()) return bound_.error();
  const int code = sqlite3_step(handle);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  sqlite3* database = sqlite3_db_handle(handle);
  return sqlite_error(sqlite3_extended_errcode(database), sqlite3_errmsg(database));
}

Result<void> Statement::run() {
  const StatementUse use(*this);
  for (;;) {
    TWINSTORE_TRY(const bool has_row, step());
    if (!has_row) return {};
  }
}

void Statement::reset() {
  prepared_ = {};  // the next use tries again
  bound_ = {};
  if (!handle_) return;
  sqlite3_reset(handle_.get());
  sqlite3_clear_bindings(handle_.get());
}

// The bytes as they are stored: sqlite3_column_text would end them with a NUL, for which there may
// be no memory (sqlite.org/c3ref/column_blob.html).
std::string_view Statement::text(int column) const {
  const auto* data = static_cast<const char*>(sqlite3_column_blob(handle_.get(), column));
  if (data == nullptr) return {};
  return {data, static_cast<size_t>(sqlite3_column_bytes(handle_.get(), column))};
}

int64_t Statement::integer(int column) const { return sqlite3_column_int64(handle_.get(), column); }

Value Statement::value(int column) const {
  switch (sqlite3_column_type(handle_.get(), column)) {
    case SQLITE_INTEGER: return integer(column);
    case SQLITE_FLOAT: return sqlite3_column_double(handle_.get(), column);
    case SQLITE_NULL: return {};
    default: return std::string(text(column));
  }
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(handle_.get(), column) == SQLITE_NULL;
}

Result<Database> Database::open(const std::string& path, const std::string& vfs,
                                bool is_read_only) {
  sqlite3* handle = nullptr;
  const int flags =
      SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
      (is_read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
  const int code =
      sqlite3_open_v2(path.c_str(), &handle, flags, vfs.empty() ? nullptr : vfs.c_str());
  Database database(handle);
  if (code != SQLITE_OK) {
    return sqlite_error(code, handle == nullptr ? "no memory" : sqlite3_errmsg(handle));
  }
  // sqlite.org/security.html: what a hostile file or statement could use stays switched off.
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_limit(handle, SQLITE_LIMIT_ATTACHED, 0);
  sqlite3_limit(handle, SQLITE_LIMIT_SQL_LENGTH, static_cast<int>(limits::sql_bytes_max));
  sqlite3_limit(handle, SQLITE_LIMIT_VARIABLE_NUMBER, static_cast<int>(limits::sql_parameters_max));
  return database;
}

Result<Statement> Database::prepare(std::string_view sql) {
  TWINSTORE_TRY(sqlite3_stmt* const handle, prepared(handle_.get(), sql));
  return Statement(handle);
}

Result<void> Database::run(std::string_view sql) {
  const std::string text(sql);
  const int code = sqlite3_exec(handle_.get(), text.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return sqlite_error(code, sqlite3_errmsg(handle_.get()));
  return {};
}

Result<std::string> Database::single_text(std::string_view sql) {
  TWINSTORE_TRY(Statement statement, prepare(sql));
  TWINSTORE_TRY(const bool has_row, statement.step());
  return has_row ? std::string(statement.text(0)) : std::string();
}

}  // namespace twinstore
