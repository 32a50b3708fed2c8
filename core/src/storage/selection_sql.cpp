#include "storage/selection_sql.h"

#include <algorithm>

namespace twinstore {
namespace {

std::string column(const Collection& collection, uint16_t field) {
  return '"' + collection.fields[field].name + '"';
}

std::string columns_of(const Collection& collection, const std::vector<uint16_t>& left_out) {
  std::string out;
  for (uint16_t i = 0; i < collection.fields.size(); ++i) {
    const bool is_left_out = std::ranges::find(left_out, i) != left_out.end();
    out += (is_left_out ? "NULL" : column(collection, i)) + ", ";
  }
  return out + "_rev, _hlc, _stamps";
}

class Conditions {
 public:
  Conditions(const Collection& collection, SelectionSql& sql,
             const std::function<std::string(size_t)>& mark)
      : collection_(collection), sql_(sql), mark_(mark) {}

  void compare(uint16_t field, std::string_view sign, const Value& value) {
    add(column(collection_, field) + " " + std::string(sign) + " " + parameter(field, value));
  }
  void not_null(uint16_t field) {
    if (field >= collection_.key_count) add(column(collection_, field) + " IS NOT NULL");
  }
  // (a, b) > (1, 2), which both engines answer by an index
  // (sqlite.org/rowvalue.html#scrolling_window_queries).
  void after(const std::vector<uint16_t>& order, const std::vector<Value>& values,
             bool is_descending) {
    TWINSTORE_CHECK(order.size() == values.size());
    std::string columns;
    std::string marks;
    for (size_t i = 0; i < order.size(); ++i) {
      columns += (i > 0 ? ", " : "") + column(collection_, order[i]);
      marks += (i > 0 ? ", " : "") + parameter(order[i], values[i]);
    }
    add("(" + columns + ")" + (is_descending ? " < " : " > ") + "(" + marks + ")");
  }

 private:
  void add(const std::string& condition) {
    sql_.conditions += (sql_.conditions.empty() ? "" : " AND ") + condition;
  }
  std::string parameter(uint16_t field, const Value& value) {
    TWINSTORE_CHECK(!is_null(value));
    sql_.parameters.push_back({collection_.fields[field].type, value});
    return mark_(sql_.parameters.size());
  }

  const Collection& collection_;
  SelectionSql& sql_;
  const std::function<std::string(size_t)>& mark_;
};

}  // namespace

std::vector<uint16_t> order_of(const Selection& selection, size_t key_count) {
  std::vector<uint16_t> out;
  const auto add = [&](uint16_t field) {
    const bool is_fixed =
        std::ranges::any_of(selection.equal, [&](const auto& item) { return item.first == field; });
    if (!is_fixed && std::ranges::find(out, field) == out.end()) out.push_back(field);
  };
  for (const uint16_t field : selection.order) add(field);
  for (uint16_t field = 0; field < key_count; ++field) add(field);
  return out;
}

SelectionSql selection_sql(const Collection& collection, const Selection& selection,
                           const std::function<std::string(size_t)>& mark) {
  SelectionSql sql;
  sql.columns = columns_of(collection, selection.left_out);
  Conditions conditions(collection, sql, mark);
  for (const auto& [field, value] : selection.equal) conditions.compare(field, "=", value);
  for (const Selection::Bound& bound : selection.bounds) {
    conditions.compare(bound.field, bound.side == Selection::Side::Below ? "<" : ">=", bound.value);
  }
  const auto order = order_of(selection, collection.key_count);
  for (const uint16_t field : order) conditions.not_null(field);
  if (!selection.after.empty()) {
    conditions.after(order, selection.after, selection.is_descending);
  }
  for (const uint16_t field : order) {
    sql.order += (sql.order.empty() ? " ORDER BY " : ", ") + column(collection, field);
    if (selection.is_descending) sql.order += " DESC";
  }
  return sql;
}

}  // namespace twinstore
