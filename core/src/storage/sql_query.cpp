#include "storage/sql_query.h"

#include <set>

#include "storage/query_tables.h"
#include "twinstore/limits.h"

namespace twinstore {
namespace {

struct Guard {
  const Schema& schema;
  std::set<uint16_t> collections;
  std::string refused;
};

// sqlite.org/c3ref/set_authorizer.html: called for each thing that a statement would do.
std::string not_a_collection(std::string_view table) {
  return "the table " + std::string(table) + " is not a collection";
}

int authorize(void* context, int action, const char* first, const char* second, const char*,
              const char*) {
  Guard& guard = *static_cast<Guard*>(context);
  switch (action) {
    case SQLITE_SELECT:
    case SQLITE_RECURSIVE: return SQLITE_OK;
    case SQLITE_READ: {
      const std::string_view table = first == nullptr ? "" : first;
      if (const Collection* collection = guard.schema.find(table)) {
        guard.collections.insert(collection->position);
        return SQLITE_OK;
      }
      // A table-valued function such as json_each, or a common table expression.
      if (table == "json_each" || table == "json_tree" || table.empty()) return SQLITE_OK;
      guard.refused = not_a_collection(table);
      return SQLITE_DENY;
    }
    case SQLITE_FUNCTION: {
      const std::string_view name = second == nullptr ? "" : second;
      if (name != "load_extension" && name != "fts3_tokenizer") return SQLITE_OK;
      guard.refused = "the function " + std::string(name) + " is not allowed";
      return SQLITE_DENY;
    }
    default:
      guard.refused = "only SELECT is allowed here; writes go through mutations";
      return SQLITE_DENY;
  }
}

}  // namespace

Result<std::unique_ptr<SqlQuery>> SqlQuery::prepare(Database& database, const Schema& schema,
                                                    std::string_view sql) {
  if (sql.size() > limits::sql_bytes_max) {
    return Error{ErrorCode::ValueTooLong, "a statement has at most 64 KiB"};
  }
  Guard guard{schema, {}, {}};
  sqlite3_set_authorizer(database.handle(), authorize, &guard);
  sqlite3_stmt* handle = nullptr;
  const char* tail = nullptr;
  const int code = sqlite3_prepare_v3(database.handle(), sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &handle, &tail);
  sqlite3_set_authorizer(database.handle(), nullptr, nullptr);
  Statement statement(handle);
  if (!guard.refused.empty()) return Error{ErrorCode::Sql, guard.refused};
  if (code != SQLITE_OK) return Error{ErrorCode::Sql, sqlite3_errmsg(database.handle())};
  if (handle == nullptr) return Error{ErrorCode::Sql, "there is no statement"};
  const std::string_view rest(tail, static_cast<size_t>(sql.data() + sql.size() - tail));
  if (rest.find_first_not_of(" \t\r\n;") != std::string_view::npos) {
    return Error{ErrorCode::Sql, "one statement at a time"};
  }
  if (sqlite3_stmt_readonly(handle) == 0) {
    return Error{ErrorCode::Sql, "only SELECT is allowed here; writes go through mutations"};
  }
  TWINSTORE_TRY(const auto tables, tables_read(database, sql));
  for (const std::string& table : tables) {
    const Collection* collection = schema.find(table);
    if (collection == nullptr) return Error{ErrorCode::Sql, not_a_collection(table)};
    guard.collections.insert(collection->position);
  }
  return std::unique_ptr<SqlQuery>(new SqlQuery(
      std::move(statement), sql, {guard.collections.begin(), guard.collections.end()}));
}

Result<void> SqlQuery::bind(const std::vector<Value>& parameters) {
  const int expected = sqlite3_bind_parameter_count(statement_.handle());
  if (static_cast<int>(parameters.size()) != expected) {
    return Error{ErrorCode::InvalidArgument, "the statement has " + std::to_string(expected) +
                                                 " parameters, not " +
                                                 std::to_string(parameters.size())};
  }
  statement_.reset();
  int index = 1;
  for (const Value& value : parameters) statement_.bind(index++, value);
  return {};
}

}  // namespace twinstore
