// SqlQuery: one read-only SELECT over the collections' tables, guarded by SQLite's authorizer.
// Thread rule: belongs to its storage's thread and must not outlive it.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "storage/sqlite.h"
#include "twinstore/schema.h"

namespace twinstore {

class SqlQuery {
 public:
  // Errors: Sql; the message says what is not allowed.
  [[nodiscard]] static Result<std::unique_ptr<SqlQuery>> prepare(Database& database,
                                                                 const Schema& schema,
                                                                 std::string_view sql);
  // Errors: InvalidArgument when the count of values is not that of the parameters.
  [[nodiscard]] Result<void> bind(const std::vector<Value>& parameters);
  [[nodiscard]] Statement& statement() { return statement_; }
  [[nodiscard]] const std::string& sql() const { return sql_; }
  // Positions of the collections that it reads, ascending: what it must be run again for.
  [[nodiscard]] const std::vector<uint16_t>& collections() const { return collections_; }

 private:
  SqlQuery(Statement statement, std::string_view sql, std::vector<uint16_t> collections)
      : statement_(std::move(statement)), sql_(sql), collections_(std::move(collections)) {}
  Statement statement_;
  std::string sql_;
  std::vector<uint16_t> collections_;
};

}  // namespace twinstore
