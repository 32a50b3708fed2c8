#include "storage/sqlite_selection.h"

#include "storage/selection_sql.h"

namespace twinstore {
namespace {

SelectionSql sql_of(const Collection& collection, const Selection& selection) {
  return selection_sql(collection, selection,
                       [](size_t number) { return "?" + std::to_string(number); });
}

std::string from(const Collection& collection, const SelectionSql& sql) {
  const std::string where = sql.conditions.empty() ? "" : " WHERE " + sql.conditions;
  return " FROM \"" + collection.name + "\"" + where;
}

Result<Statement> bound(Database& database, const std::string& text, const SelectionSql& sql) {
  TWINSTORE_TRY(Statement statement, database.prepare(text));
  for (size_t i = 0; i < sql.parameters.size(); ++i) {
    statement.bind(static_cast<int>(i) + 1, sql.parameters[i].value);
  }
  return statement;
}

}  // namespace

Result<Statement> select_statement(Database& database, const Collection& collection,
                                   const Selection& selection) {
  const SelectionSql sql = sql_of(collection, selection);
  std::string text = "SELECT " + sql.columns + from(collection, sql) + sql.order;
  if (selection.rows_max > 0) text += " LIMIT " + std::to_string(selection.rows_max);
  return bound(database, text, sql);
}

Result<Statement> count_statement(Database& database, const Collection& collection,
                                  const Selection& selection) {
  const SelectionSql sql = sql_of(collection, selection);
  return bound(database, "SELECT count(*)" + from(collection, sql), sql);
}

}  // namespace twinstore
