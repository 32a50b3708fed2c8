#include "api/body_record.h"

#include <algorithm>

#include "config/server_limits.h"
#include "schema/field_value.h"
#include "services/ingest_record.h"

namespace twinstore {
namespace {

constexpr std::string_view base_rev_name = "base_rev";

ArgumentError wrong_field(const std::string& field, ErrorCode code, const std::string& message) {
  return {field, {code, message}};
}

// Nothing, or what is wrong with a member.
std::optional<ArgumentError> check_member(const Collection& collection, const std::string& name,
                                          const JsonValue& value, const std::string& shown) {
  if (name == base_rev_name) {
    const bool is_rev = value.is_number_integer() && value.get<int64_t>() >= 0;
    if (is_rev) return std::nullopt;
    return wrong_field(shown, ErrorCode::WrongType, shown + " is an integer from 0");
  }
  const auto field = collection.find_field(name);
  if (!field) {
    return wrong_field(shown, ErrorCode::UnknownField, "there is no field " + shown);
  }
  const auto checked = to_value(collection.fields[*field], value);
  if (checked.ok()) return std::nullopt;
  return wrong_field(shown, checked.error().code, checked.error().message);
}

// What an insert must name, so that a record is refused before it is known whether it is one.
std::optional<ArgumentError> check_complete(const Collection& collection, const JsonValue& record,
                                            const std::string& where) {
  for (size_t i = 0; i < collection.fields.size(); ++i) {
    const Field& field = collection.fields[i];
    const bool is_key = i < collection.key_count;
    const bool is_derived = is_key && collection.is_append_only;
    if ((!is_key && !field.is_required) || is_derived) continue;
    const auto at = record.find(field.name);
    if (at != record.end() && !at->is_null()) continue;
    return wrong_field(where + field.name, ErrorCode::MissingField,
                       where + field.name + " is required");
  }
  return std::nullopt;
}

std::optional<ArgumentError> complete_from_path(JsonValue& record, const PathFields& from_path,
                                                const std::string& where) {
  for (const auto& [name, value] : from_path) {
    const auto at = record.find(name);
    if (at != record.end() && *at != value) {
      return wrong_field(where + name, ErrorCode::InvalidArgument,
                         where + name + " is not that of the path");
    }
    record[name] = value;
  }
  return std::nullopt;
}

}  // namespace

BodyRecord read_body_record(const Schema& schema, std::string_view collection_name, JsonValue body,
                            const PathFields& from_path, const std::string& where) {
  const Collection& collection = *schema.find(collection_name);
  BodyRecord out;
  if (!body.is_object()) {
    const std::string shown = where.empty() ? "" : where.substr(0, where.size() - 1);
    out.wrong = ArgumentError{shown, {ErrorCode::WrongType, "a record is an object"}};
    return out;
  }
  for (auto it = body.begin(); it != body.end() && !out.wrong; ++it) {
    out.wrong = check_member(collection, it.key(), it.value(), where + it.key());
  }
  if (!out.wrong) out.wrong = complete_from_path(body, from_path, where);
  if (!out.wrong) out.wrong = check_complete(collection, body, where);
  if (out.wrong) return out;
  auto record = read_ingest_record(schema, collection_name, std::move(body));
  if (record.ok()) {
    out.record = std::move(record).value();
  } else {
    out.wrong = ArgumentError{"", record.error()};
  }
  return out;
}

BodyRecords read_body_records(const Schema& schema, std::string_view collection, JsonValue body,
                              std::string_view name, const PathFields& from_path) {
  BodyRecords out;
  const std::string list(name);
  if (!body.is_object()) {
    out.wrong = ArgumentError{"", {ErrorCode::WrongType, "the body is an object"}};
    return out;
  }
  for (auto it = body.begin(); it != body.end(); ++it) {
    if (it.key() == list) continue;
    out.wrong = ArgumentError{it.key(), {ErrorCode::UnknownField, "there is no " + it.key()}};
    return out;
  }
  const JsonValue* items = json_array(body, list.c_str());
  if (items == nullptr || items->empty()) {
    const ErrorCode code = body.contains(list) ? ErrorCode::WrongType : ErrorCode::MissingField;
    out.wrong = ArgumentError{list, {code, list + " is an array of records"}};
    return out;
  }
  if (items->size() > limits::rest_rows_max) {
    out.wrong = ArgumentError{list, {ErrorCode::BatchTooLarge, list + " has too many records"}};
    return out;
  }
  for (size_t i = 0; i < items->size(); ++i) {
    BodyRecord read = read_body_record(schema, collection, (*items)[i], from_path,
                                       list + "[" + std::to_string(i) + "].");
    if (read.wrong) {
      out.wrong = std::move(read.wrong);
      return out;
    }
    out.records.push_back(*std::move(read.record));
  }
  return out;
}

}  // namespace twinstore
