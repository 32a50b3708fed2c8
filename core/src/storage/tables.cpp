#include "storage/tables.h"

#include <algorithm>
#include <array>

#include "base/json.h"

namespace twinstore {
namespace {

constexpr std::array<std::string_view, 8> column_types{
    "TEXT", "INTEGER", "REAL", "INT_BOOL", "TEXT_TIME", "TEXT_JSON", "TEXT_SET", "INT_COUNTER"};

std::string quote_name(std::string_view name) { return '"' + std::string(name) + '"'; }

// Field names are identifiers of a-z, 0-9 and _, checked when the schema is parsed.
std::string column_list(const Collection& collection) {
  std::string out;
  for (const Field& field : collection.fields) out += quote_name(field.name) + ", ";
  return out + "_rev, _hlc, _stamps";
}

std::string key_columns(const Collection& collection, std::string_view after_each) {
  std::string out;
  for (size_t i = 0; i < collection.key_count; ++i) {
    if (i > 0) out += after_each == " = ?" ? " AND " : ", ";
    out += quote_name(collection.fields[i].name) + std::string(after_each);
  }
  return out;
}

std::string scope_column(const Collection& collection) {
  return quote_name(collection.fields[collection.scope_field].name);
}

std::string sql_literal(const Value& value) {
  std::string json;
  append_json_value(json, value);
  const auto* text = std::get_if<std::string>(&value);
  if (text == nullptr) return json;
  std::string out = "'";
  for (const char c : *text) out += c == '\'' ? std::string("''") : std::string(1, c);
  return out + "'";
}

// sqlite.org/withoutrowid.html: such tables suit rows that are small and have a composite key;
// documents make rows too large for an interior page.
bool is_without_rowid(const Collection& collection) {
  return std::ranges::none_of(collection.fields,
                              [](const Field& field) { return field.type == FieldType::Json; });
}

}  // namespace

std::string_view column_type(FieldType type) { return column_types[static_cast<size_t>(type)]; }

std::string add_column(const Collection& collection, const Field& field) {
  std::string sql = "ALTER TABLE " + quote_name(collection.name) + " ADD COLUMN " +
                    quote_name(field.name) + " " + std::string(column_type(field.type));
  if (is_null(field.default_value)) return sql;
  return sql + " DEFAULT " + sql_literal(field.default_value);
}

std::string create_table(const Collection& collection) {
  std::string table = "CREATE TABLE " + quote_name(collection.name) + " (";
  for (size_t i = 0; i < collection.fields.size(); ++i) {
    const Field& field = collection.fields[i];
    table += quote_name(field.name) + " " + std::string(column_type(field.type));
    table += i < collection.key_count ? " NOT NULL, " : ", ";
  }
  table += "_rev INTEGER NOT NULL, _hlc TEXT NOT NULL, _stamps TEXT, PRIMARY KEY (" +
           key_columns(collection, "") + "))";
  if (is_without_rowid(collection)) table += " WITHOUT ROWID";
  return table;
}

std::vector<TableIndex> indexes_of(const Collection& collection, bool has_feed) {
  const std::string& name = collection.name;
  std::vector<TableIndex> out;
  const auto add = [&](const std::string& index, const std::string& columns) {
    out.push_back({index, "CREATE INDEX " + quote_name(index) + " ON " + quote_name(name) + " (" +
                              columns + ")"});
  };
  for (const auto& index : collection.indexes) {
    std::string index_name = name;
    std::string columns;
    for (const uint16_t position : index) {
      const std::string& column = collection.fields[position].name;
      index_name += "_by_" + column;
      columns += (columns.empty() ? "" : ", ") + quote_name(column);
    }
    add(index_name, columns);
  }
  if (has_feed) {
    add(name + "_feed", "_rev");
    add(name + "_scope_feed", scope_column(collection) + ", _rev");
  }
  return out;
}

std::string select_by_key(const Collection& collection) {
  return "SELECT " + column_list(collection) + " FROM " + quote_name(collection.name) + " WHERE " +
         key_columns(collection, " = ?");
}

std::string replace_row(const Collection& collection) {
  std::string marks;
  for (size_t i = 0; i < collection.fields.size() + version_columns; ++i) {
    marks += i == 0 ? "?" : ", ?";
  }
  std::string updates;
  for (size_t i = collection.key_count; i < collection.fields.size(); ++i) {
    const std::string column = quote_name(collection.fields[i].name);
    updates += column + " = excluded." + column + ", ";
  }
  updates += "_rev = excluded._rev, _hlc = excluded._hlc, _stamps = excluded._stamps";
  return "INSERT INTO " + quote_name(collection.name) + " (" + column_list(collection) +
         ") VALUES (" + marks + ") ON CONFLICT (" + key_columns(collection, "") +
         ") DO UPDATE SET " + updates;
}

std::string delete_by_key(const Collection& collection) {
  return "DELETE FROM " + quote_name(collection.name) + " WHERE " + key_columns(collection, " = ?");
}

std::string select_changes(const Collection& collection, bool is_all) {
  return "SELECT " + column_list(collection) + " FROM " + quote_name(collection.name) +
         " WHERE _rev > ?" + (is_all ? "" : " AND " + scope_column(collection) + " = ?") +
         " ORDER BY _rev";
}

std::string select_scope(const Collection& collection, bool is_all) {
  return "SELECT " + column_list(collection) + " FROM " + quote_name(collection.name) +
         (is_all ? "" : " WHERE " + scope_column(collection) + " = ?") + " ORDER BY " +
         key_columns(collection, "");
}

}  // namespace twinstore
