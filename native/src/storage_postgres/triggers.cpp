#include "storage_postgres/triggers.h"

#include <functional>

#include "storage_postgres/tables.h"

namespace twinstore::postgres {
namespace {

constexpr std::string_view unless_own =
    " WHEN (current_setting('twinstore.authority', true) IS DISTINCT FROM 'on')";

std::string name_of(const Collection& collection, const Field& field) {
  return quote_text(collection.name + "." + field.name);
}

// NEW."tags" := _twinstore_set('branches.tags', NEW."tags", 1048576);
std::string checked(const Collection& collection, const Field& field) {
  const std::string column = "NEW." + quote_name(field.name);
  const std::string name = name_of(collection, field);
  const std::string bounded =
      "(" + name + ", " + column + ", " + std::to_string(field.bytes_max) + ")";
  const std::string unbounded = "(" + name + ", " + column + ")";
  std::string value;
  switch (field.type) {
    case FieldType::Text: value = "_twinstore_text" + bounded; break;
    case FieldType::Json: value = "_twinstore_json" + bounded; break;
    case FieldType::Set: value = "_twinstore_set" + bounded; break;
    case FieldType::Int: value = "_twinstore_integer" + unbounded; break;
    case FieldType::Counter: value = "coalesce(_twinstore_integer" + unbounded + ", 0)"; break;
    case FieldType::Double: value = "_twinstore_double" + unbounded; break;
    case FieldType::Time: value = "_twinstore_time" + unbounded; break;
    case FieldType::Bool: return {};
  }
  return "    " + column + " := " + value + ";\n";
}

// The value as it stands in a digest and an image: append_json_value in json.cpp.
std::string value_text(const std::string& record, const Field& field) {
  const std::string column = record + "." + quote_name(field.name);
  switch (field.type) {
    case FieldType::Int:
    case FieldType::Counter: return "coalesce(" + column + "::text, 'null')";
    case FieldType::Double: return "coalesce(_twinstore_number(" + column + "), 'null')";
    case FieldType::Bool: return "coalesce(" + column + "::int::text, 'null')";
    case FieldType::Time: return "coalesce(_twinstore_time_text(" + column + "), 'null')";
    default: return "coalesce(to_json(" + column + ")::text, 'null')";
  }
}

std::string joined(const Collection& collection, std::string_view between,
                   const std::function<std::string(const Field&)>& part) {
  std::string out;
  for (const Field& field : collection.fields) {
    out += (out.empty() ? std::string() : std::string(between)) + part(field);
  }
  return out;
}

std::string values_of(const Collection& collection, const std::string& record) {
  return "ARRAY[" +
         joined(collection, ", ", [&](const Field& field) { return value_text(record, field); }) +
         "]";
}

std::string required_fields(const Collection& collection) {
  std::string out;
  for (const Field& field : collection.fields) {
    if (!field.is_required) continue;
    out += "    IF NEW." + quote_name(field.name) + " IS NULL THEN PERFORM _twinstore_refuse(" +
           name_of(collection, field) + " || ' is required'); END IF;\n";
  }
  return out;
}

// A row that is there already: the insert will say so, or become an update, which comes here again.
std::string is_there(const Collection& collection) {
  std::string out = "    PERFORM 1 FROM " + quote_name(collection.name) +
                    " t WHERE t._workspace = NEW._workspace";
  for (size_t i = 0; i < collection.key_count; ++i) {
    const std::string column = quote_name(collection.fields[i].name);
    out += " AND t." + column + " = NEW." + column;
  }
  return out + ";\n    IF FOUND THEN NEW._rev := 0; NEW._hlc := ''; RETURN NEW; END IF;\n";
}

std::string capture_call(const Collection& collection) {
  const auto names = [](const Field& field) { return quote_text(field.name); };
  const auto groups = [](const Field& field) {
    return field.group.empty() ? std::string("NULL") : quote_text(field.group);
  };
  return "_twinstore_capture(workspace, " + quote_text(collection.name) + ", ARRAY[" +
         joined(collection, ", ", names) + "], ARRAY[" + joined(collection, ", ", groups) +
         "]::text[], " + std::to_string(collection.key_count) + ", " +
         std::to_string(collection.scope_field + 1) + ", " +
         (collection.is_append_only ? "true" : "false") + ", before, after, " +
         "CASE TG_OP WHEN 'INSERT' THEN NULL ELSE OLD._rev END, "
         "CASE TG_OP WHEN 'INSERT' THEN NULL ELSE OLD._hlc END, "
         "CASE TG_OP WHEN 'INSERT' THEN NULL ELSE OLD._stamps END)";
}

std::string capture_function(const Collection& collection, const std::string& name) {
  return "CREATE OR REPLACE FUNCTION " + name +
         "() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT"
         " AS $capture$\n"
         "DECLARE\n  before text[];\n  after text[];\n  written record;\n  workspace text;\n"
         "BEGIN\n"
         "  IF TG_OP <> 'INSERT' THEN\n    workspace := OLD._workspace;\n    before := " +
         values_of(collection, "OLD") +
         ";\n  END IF;\n"
         "  IF TG_OP <> 'DELETE' THEN\n"
         "    IF workspace <> NEW._workspace THEN\n"
         "      PERFORM _twinstore_refuse('a row never changes its workspace');\n    END IF;\n"
         "    workspace := NEW._workspace;\n" +
         joined(collection, "", [&](const Field& field) { return checked(collection, field); }) +
         required_fields(collection) + "    after := " + values_of(collection, "NEW") +
         ";\n  END IF;\n"
         "  IF TG_OP = 'INSERT' THEN\n" +
         is_there(collection) +
         "  END IF;\n"
         "  SELECT * INTO written FROM " +
         capture_call(collection) +
         ";\n"
         "  IF TG_OP = 'DELETE' OR written.rev IS NULL THEN RETURN OLD; END IF;\n"
         "  NEW._rev := written.rev;\n  NEW._hlc := written.hlc;\n"
         "  NEW._stamps := written.stamps;\n  RETURN NEW;\n"
         "END $capture$;\n";
}

std::string trigger(const std::string& table, std::string_view name, std::string_view when,
                    std::string_view condition, const std::string& function) {
  return "CREATE OR REPLACE TRIGGER " + std::string(name) + " " + std::string(when) + " ON " +
         table + std::string(condition) + " EXECUTE FUNCTION " + function + "();\n";
}

}  // namespace

std::string create_triggers(const Collection& collection) {
  const std::string table = quote_name(collection.name);
  constexpr std::string_view any = "INSERT OR UPDATE OR DELETE";
  const std::string before = "BEFORE " + std::string(any);
  const std::string each_statement = " FOR EACH STATEMENT";
  const std::string refuse = "_twinstore_refuse_statement";
  const std::string truncate =
      trigger(table, "_truncate", "BEFORE TRUNCATE", each_statement, refuse);
  const std::string for_others = each_statement + std::string(unless_own);
  if (collection.is_system) {
    return trigger(table, "_lock", before, for_others, refuse) + truncate;
  }
  const std::string function = quote_name(short_name("_capture_" + collection.name));
  return "ALTER TABLE " + table + " ALTER COLUMN _workspace SET DEFAULT _twinstore_workspace();\n" +
         capture_function(collection, function) +
         trigger(table, "_lock", before, for_others, "_twinstore_lock") +
         trigger(table, "_capture", before, " FOR EACH ROW" + std::string(unless_own), function) +
         trigger(table, "_signal", "AFTER " + std::string(any), for_others, "_twinstore_signal") +
         truncate;
}

}  // namespace twinstore::postgres
