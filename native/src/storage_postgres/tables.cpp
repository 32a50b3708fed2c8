#include "storage_postgres/tables.h"

#include <functional>

#include "base/json.h"
#include "base/sha256.h"

namespace twinstore::postgres {
namespace {

constexpr size_t index_text_bytes_max = limits::key_bytes_max;
constexpr size_t kept_bytes = 900;
constexpr size_t digest_bytes = 32;

std::string parameter(size_t number) { return "$" + std::to_string(number); }

std::string joined(size_t count, std::string_view between,
                   const std::function<std::string(size_t)>& part) {
  std::string out;
  for (size_t i = 0; i < count; ++i) out += (i > 0 ? std::string(between) : "") + part(i);
  return out;
}

std::string column(const Collection& collection, size_t position) {
  return quote_name(collection.fields[position].name);
}

std::string key_columns(const Collection& collection) {
  return joined(collection.key_count, ", ", [&](size_t i) { return column(collection, i); });
}

std::string row_columns(const Collection& collection) {
  return joined(collection.fields.size(), ", ",
                [&](size_t i) { return "t." + column(collection, i); }) +
         ", t._rev, t._hlc, t._stamps";
}

std::string type_of(const Collection& collection, size_t position) {
  return std::string(postgres_type(collection.fields[position].type));
}

// bigint[] and the like: an array has its elements' type without their collation.
std::string array_type_of(const Collection& collection, size_t position) {
  const std::string type = type_of(collection, position);
  return type.substr(0, type.find(" COLLATE")) + "[]";
}

// unnest($2::text[], $3::bigint[]) for the key fields.
std::string unnested_keys(const Collection& collection) {
  return "unnest(" +
         joined(collection.key_count, ", ",
                [&](size_t i) { return parameter(i + 2) + "::" + array_type_of(collection, i); }) +
         ")";
}

std::vector<std::string> key_list(const Collection& collection) {
  std::vector<std::string> out;
  for (size_t i = 0; i < collection.key_count; ++i) out.push_back(column(collection, i));
  return out;
}

std::string save_sql(const Collection& collection) {
  const size_t fields = collection.fields.size();
  const std::string names = joined(fields, ", ", [&](size_t i) { return column(collection, i); }) +
                            ", _rev, _hlc, _stamps";
  const std::string arrays =
      joined(fields, ", ",
             [&](size_t i) { return parameter(i + 2) + "::" + array_type_of(collection, i); }) +
      ", " + parameter(fields + 2) + "::bigint[], " + parameter(fields + 3) + "::text[], " +
      parameter(fields + 4) + "::text[]";
  std::string updates;
  for (size_t i = collection.key_count; i < fields; ++i) {
    updates += column(collection, i) + " = excluded." + column(collection, i) + ", ";
  }
  return "INSERT INTO " + quote_name(collection.name) + " (_workspace, " + names +
         ") SELECT $1, w.* FROM unnest(" + arrays + ") AS w ON CONFLICT (_workspace, " +
         key_columns(collection) + ") DO UPDATE SET " + updates +
         "_rev = excluded._rev, _hlc = excluded._hlc, _stamps = excluded._stamps";
}

// Documents have no order worth keeping; their digest finds the equal one.
std::string index_column(const Collection& collection, uint16_t position) {
  const FieldType type = collection.fields[position].type;
  const std::string name = column(collection, position);
  return type == FieldType::Json || type == FieldType::Set ? "md5(" + name + ")" : name;
}

Index index_on(const Collection& collection, const std::string& suffix, const std::string& columns,
               bool is_unique = false) {
  const std::string name = short_name(collection.name + suffix);
  return {name, std::string("CREATE ") + (is_unique ? "UNIQUE " : "") + "INDEX " +
                    quote_name(name) + " ON " + quote_name(collection.name) + " (_workspace, " +
                    columns + ")"};
}

std::string literal(const Field& field, const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return quote_text(*text);
  if (field.type == FieldType::Bool) return std::get<int64_t>(value) != 0 ? "true" : "false";
  std::string number;
  append_json_value(number, value);
  return number;
}

std::string column_definition(const Collection& collection, size_t position) {
  const Field& field = collection.fields[position];
  std::string sql = column(collection, position) + " " + type_of(collection, position);
  if (position < collection.key_count) return sql + " NOT NULL";
  if (!is_null(field.default_value)) sql += " DEFAULT " + literal(field, field.default_value);
  return sql;
}

// Narrow and ordered by an index for each table, so that the merge reads no more than is asked.
std::string feed_part(const std::string& what, const std::string& table, const std::string& rev,
                      const std::string& scope_condition) {
  return "(SELECT " + what + ", " + rev + " AS rev FROM " + table + " WHERE _workspace = $1" +
         scope_condition + " AND " + rev + " > $2 ORDER BY " + rev + " LIMIT $3)";
}

}  // namespace

// PostgreSQL cuts longer names, and two could become one.
std::string short_name(std::string name) {
  if (name.size() <= limits::name_bytes_max) return name;
  const std::string digest = hex_text(sha256(name), 8);
  return name.substr(0, limits::name_bytes_max - digest.size() - 1) + "_" + digest;
}

std::string quote_name(std::string_view name) { return '"' + std::string(name) + '"'; }

std::string quote_text(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("''") : std::string(1, c);
  return out + "'";
}

std::string index_text(std::string_view text) {
  if (text.size() <= index_text_bytes_max) return std::string(text);
  size_t end = kept_bytes;
  while ((static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;  // between characters
  return std::string(text.substr(0, end)) + '\x7f' + hex_text(sha256(text), digest_bytes);
}

std::string from_keys(const std::string& table, const std::vector<std::string>& key,
                      const std::string& arrays, const std::string& fixed) {
  const auto of_key = [&](const std::string& prefix) {
    return joined(key.size(), ", ", [&](size_t i) { return prefix + key[i]; });
  };
  const auto wanted = [&](const std::string& prefix) {
    return joined(key.size(), ", ", [&](size_t i) { return prefix + std::to_string(i); });
  };
  return " FROM " + arrays + " WITH ORDINALITY AS w (" + wanted("k") +
         ", place) CROSS JOIN LATERAL (SELECT f.ctid, f.* FROM " + table +
         " f WHERE f._workspace = $1" + fixed + " AND (" + of_key("f.") + ") >= (" +
         wanted("w.k") + ") ORDER BY " + of_key("f.") + " LIMIT 1) AS t WHERE (" + of_key("t.") +
         ") = (" + wanted("w.k") + ")";
}

std::string delete_keys(const std::string& table, const std::vector<std::string>& key,
                        const std::string& arrays) {
  return "DELETE FROM " + table + " WHERE ctid = ANY (ARRAY(SELECT t.ctid" +
         from_keys(table, key, arrays) + "))";
}

std::string sorted(const std::string& rows, const std::string& order) {
  return "SELECT * FROM (" + rows + " OFFSET 0) AS t" + order;
}

CollectionQueries queries_of(const Collection& collection) {
  const std::string table = quote_name(collection.name);
  const std::string columns = row_columns(collection);
  const auto key = key_list(collection);
  const std::string keys = unnested_keys(collection);
  const std::string scope = "t." + column(collection, collection.scope_field);
  const std::string cursor = "DECLARE walk NO SCROLL CURSOR FOR ";
  const std::string rows = "SELECT " + columns + " FROM " + table + " t WHERE t._workspace = $1";
  const std::string in_key_order = " ORDER BY " + key_columns(collection);
  CollectionQueries queries;
  queries.load = {"load." + collection.name,
                  "SELECT w.place, " + columns + from_keys(table, key, keys)};
  queries.save = {"save." + collection.name, save_sql(collection)};
  queries.remove = {"remove." + collection.name, delete_keys(table, key, keys)};
  queries.by_rev = {"by_rev." + collection.name,
                    sorted(rows + " AND t._rev = ANY ($2::bigint[])", " ORDER BY _rev")};
  queries.scope_all = {"scope_all." + collection.name, cursor + rows + in_key_order};
  queries.scope = {"scope." + collection.name,
                   cursor + sorted(rows + " AND " + scope + " = $2", in_key_order)};
  return queries;
}

Query feed_order(const Schema& schema, bool is_all) {
  const std::string in_order = " UNION ALL ";
  std::string sql;
  for (const Collection& collection : schema.collections()) {
    sql += feed_part(std::to_string(collection.position) + "::bigint AS source",
                     quote_name(collection.name), "_rev",
                     is_all ? "" : " AND " + column(collection, collection.scope_field) + " = $4") +
           in_order;
  }
  sql += feed_part(std::to_string(schema.collections().size()) + "::bigint AS source",
                   "_tombstones", "rev", is_all ? "" : " AND scope = $4");
  return {is_all ? "feed_all" : "feed", sql + " ORDER BY rev LIMIT $3"};
}

Query touched_scopes(const Schema& schema) {
  std::string sql;
  for (const Collection& collection : schema.collections()) {
    const std::string scope = "coalesce(" + column(collection, collection.scope_field) + ", '')";
    sql += feed_part(scope + " AS scope", quote_name(collection.name), "_rev", "") + " UNION ALL ";
  }
  sql += feed_part("scope", "_tombstones", "rev", "");
  return {"touched", "SELECT scope, max(rev), count(*) FROM (" + sql +
                         " ORDER BY rev LIMIT $3) AS changes GROUP BY scope"};
}

std::string create_table(const Collection& collection) {
  const std::string fields = joined(collection.fields.size(), ", ",
                                    [&](size_t i) { return column_definition(collection, i); });
  return "CREATE TABLE " + quote_name(collection.name) +
         " (_workspace text COLLATE \"C\" NOT NULL, " + fields +
         ", _rev bigint NOT NULL, _hlc text COLLATE \"C\" NOT NULL, _stamps text COLLATE \"C\","
         " PRIMARY KEY (_workspace, " +
         key_columns(collection) + "))";
}

std::string workspace_policy(const std::string& table) {
  const std::string alter = "ALTER TABLE " + quote_name(table);
  return alter + " ENABLE ROW LEVEL SECURITY; " + alter +
         " FORCE ROW LEVEL SECURITY; DROP POLICY IF EXISTS workspace ON " + quote_name(table) +
         "; CREATE POLICY workspace ON " + quote_name(table) +
         " USING (_workspace = nullif(current_setting('twinstore.workspace', true), ''));";
}

std::string add_column(const Collection& collection, const Field& field) {
  return "ALTER TABLE " + quote_name(collection.name) + " ADD COLUMN " +
         column_definition(collection, *collection.find_field(field.name));
}

std::vector<Index> indexes_of(const Collection& collection) {
  std::vector<Index> out;
  for (const auto& index : collection.indexes) {
    std::string suffix;
    for (const uint16_t position : index) suffix += "_by_" + collection.fields[position].name;
    out.push_back(index_on(collection, suffix, joined(index.size(), ", ", [&](size_t i) {
                             return index_column(collection, index[i]);
                           })));
  }
  out.push_back(index_on(collection, "_feed", "_rev", true));
  out.push_back(
      index_on(collection, "_scope_feed", column(collection, collection.scope_field) + ", _rev"));
  return out;
}

}  // namespace twinstore::postgres
