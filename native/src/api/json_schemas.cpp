#include "api/json_schemas.h"

#include <algorithm>

namespace twinstore {
namespace {

JsonSchema number_of(double number) {
  const auto whole = static_cast<int64_t>(number);
  if (static_cast<double>(whole) == number) return whole;
  return number;
}

JsonSchema field_schema(const Field& field) {
  switch (field.type) {
    case FieldType::Text: return {{"type", "string"}, {"maxLength", field.bytes_max}};
    case FieldType::Int:
    case FieldType::Counter:
      return {
          {"type", "integer"}, {"minimum", -limits::integer_max}, {"maximum", limits::integer_max}};
    case FieldType::Double: return {{"type", "number"}};
    case FieldType::Bool: return {{"type", "boolean"}};
    case FieldType::Time: return {{"type", "string"}, {"format", "date-time"}};
    case FieldType::Json: return JsonSchema::object();
    case FieldType::Set: return {{"type", "array"}};
  }
  return JsonSchema::object();
}

// Storage makes the empty set and zero of a null.
bool is_never_null(const Field& field) {
  return field.type == FieldType::Set || field.type == FieldType::Counter;
}

JsonSchema nullable(JsonSchema schema) {
  if (schema.contains("type")) schema["type"] = {schema["type"], "null"};
  return schema;
}

}  // namespace

JsonSchema parameter_schema(const Parameter& parameter) {
  JsonSchema schema;
  switch (parameter.type) {
    case ParameterType::Text:
      schema = {{"type", "string"},
                {"minLength", number_of(parameter.min)},
                {"maxLength", number_of(parameter.max)}};
      break;
    case ParameterType::Integer:
    case ParameterType::Number:
      schema = {{"type", parameter.type == ParameterType::Integer ? "integer" : "number"},
                {"minimum", number_of(parameter.min)},
                {"maximum", number_of(parameter.max)}};
      break;
    case ParameterType::Boolean: schema = {{"type", "boolean"}}; break;
    case ParameterType::Time: schema = {{"type", "string"}, {"format", "date-time"}}; break;
  }
  if (const auto* text = std::get_if<std::string>(&parameter.default_value)) {
    schema["default"] = *text;
  } else if (const auto* number = std::get_if<double>(&parameter.default_value)) {
    schema["default"] = *number;
  } else if (const auto* integer = std::get_if<int64_t>(&parameter.default_value)) {
    if (parameter.type == ParameterType::Boolean) {
      schema["default"] = *integer != 0;
    } else {
      schema["default"] = *integer;
    }
  }
  return schema;
}

JsonSchema members_schema(const std::vector<Parameter>& members) {
  JsonSchema properties = JsonSchema::object();
  JsonSchema required = JsonSchema::array();
  for (const Parameter& member : members) {
    properties[member.name] = parameter_schema(member);
    properties[member.name]["description"] = member.summary;
    if (member.is_required) required.push_back(member.name);
  }
  JsonSchema schema{{"type", "object"}, {"properties", properties}};
  if (!required.empty()) schema["required"] = required;
  schema["additionalProperties"] = false;
  return schema;
}

JsonSchema row_schema(const Collection& collection) {
  std::vector<std::pair<std::string, JsonSchema>> members;
  for (size_t i = 0; i < collection.fields.size(); ++i) {
    const Field& field = collection.fields[i];
    const bool is_set = i < collection.key_count || is_never_null(field);
    members.emplace_back(field.name, is_set ? field_schema(field) : nullable(field_schema(field)));
  }
  members.emplace_back("rev", JsonSchema{{"type", "integer"}, {"minimum", 1}});
  return object_of(members);
}

JsonSchema record_schema(const Collection& collection, const std::vector<std::string>& from_path) {
  JsonSchema properties = JsonSchema::object();
  JsonSchema required = JsonSchema::array();
  for (size_t i = 0; i < collection.fields.size(); ++i) {
    const Field& field = collection.fields[i];
    const bool is_key = i < collection.key_count;
    properties[field.name] = is_key ? field_schema(field) : nullable(field_schema(field));
    const bool is_derived = is_key && collection.is_append_only;
    const bool is_named = std::ranges::find(from_path, field.name) != from_path.end();
    if ((is_key || field.is_required) && !is_named && !is_derived) required.push_back(field.name);
  }
  properties["base_rev"] = {{"type", "integer"}, {"minimum", 0}, {"maximum", limits::integer_max}};
  JsonSchema schema{{"type", "object"}, {"properties", properties}};
  if (!required.empty()) schema["required"] = required;
  schema["additionalProperties"] = false;
  return schema;
}

JsonSchema problem_schema() {
  const JsonSchema text{{"type", "string"}};
  JsonSchema schema = object_of({{"type", text},
                                 {"title", text},
                                 {"status", {{"type", "integer"}}},
                                 {"detail", text},
                                 {"code", text},
                                 {"request_id", text}});
  schema["properties"]["field"] = {{"type", "string"},
                                   {"description", "the parameter or member that is to blame"}};
  return schema;
}

JsonSchema array_of(std::string_view schema_name) {
  return {{"type", "array"}, {"items", reference(schema_name)}};
}

JsonSchema reference(std::string_view schema_name) {
  return {{"$ref", "#/components/schemas/" + std::string(schema_name)}};
}

JsonSchema object_of(const std::vector<std::pair<std::string, JsonSchema>>& members) {
  JsonSchema properties = JsonSchema::object();
  JsonSchema required = JsonSchema::array();
  for (const auto& [name, schema] : members) {
    properties[name] = schema;
    required.push_back(name);
  }
  return {{"type", "object"},
          {"properties", properties},
          {"required", required},
          {"additionalProperties", false}};
}

namespace {

const JsonSchema& count_schema() {
  static const JsonSchema schema{{"type", "integer"}, {"minimum", 0}};
  return schema;
}

JsonSchema counts_of(std::initializer_list<std::string_view> names) {
  std::vector<std::pair<std::string, JsonSchema>> members;
  for (const std::string_view name : names) members.emplace_back(name, count_schema());
  return object_of(members);
}

}  // namespace

JsonSchema row_counts_schema(const Schema& schema) {
  std::vector<std::pair<std::string, JsonSchema>> members;
  for (const Collection& collection : schema.collections()) {
    if (!collection.is_system) members.emplace_back(collection.name, count_schema());
  }
  return object_of(members);
}

JsonSchema sync_stats_schema() {
  JsonSchema schema = counts_of({"applied", "merged", "superseded", "rejected", "conflicts",
                                 "conflicts_open", "conflicts_resolved"});
  schema["properties"]["by_strategy"] = counts_of({"LATEST_WINS", "MERGE", "MANUAL"});
  schema["required"].push_back("by_strategy");
  return schema;
}

JsonSchema persistence_stats_schema(const Schema& schema) {
  return object_of({{"cache", counts_of({"entries", "bytes", "hits", "expired"})},
                    {"rows", row_counts_schema(schema)},
                    {"sync", reference("SyncStats")}});
}

}  // namespace twinstore
