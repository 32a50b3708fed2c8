#include "storage_postgres/selection_query.h"

#include "base/sha256.h"
#include "storage/selection_sql.h"
#include "storage_postgres/tables.h"

namespace twinstore::postgres {
namespace {

constexpr size_t name_bytes = 16;

Query named(std::string sql) {
  std::string name = "selection." + hex_text(sha256(sql), name_bytes);
  return {std::move(name), std::move(sql)};
}

}  // namespace

SelectionQuery selection_query(const Collection& collection, const Selection& selection,
                               const std::string& workspace) {
  // The workspace is the first parameter of every statement.
  const SelectionSql sql = selection_sql(
      collection, selection, [](size_t number) { return "$" + std::to_string(number + 1); });
  const std::string from = " FROM " + quote_name(collection.name) + " WHERE _workspace = $1" +
                           (sql.conditions.empty() ? "" : " AND " + sql.conditions);
  SelectionQuery query;
  const std::string limit =
      selection.rows_max == 0 ? "" : " LIMIT $" + std::to_string(sql.parameters.size() + 2);
  query.select =
      named("DECLARE walk NO SCROLL CURSOR FOR SELECT " + sql.columns + from + sql.order + limit);
  query.count = named("SELECT count(*)" + from);
  query.count_parameters.add(workspace);
  for (const SelectionParameter& parameter : sql.parameters) {
    query.count_parameters.add(parameter.type, parameter.value);
  }
  query.select_parameters = query.count_parameters;
  if (!limit.empty()) query.select_parameters.add(static_cast<int64_t>(selection.rows_max));
  return query;
}

}  // namespace twinstore::postgres
