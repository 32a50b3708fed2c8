#include "schema/field_value.h"

#include <algorithm>
#include <cmath>

#include "twinstore/limits.h"
#include "twinstore/time_text.h"

namespace twinstore {
namespace {

Error wrong_type(const Field& field) {
  return {ErrorCode::WrongType, field.name + " takes " + std::string(field_type_text(field.type))};
}

Result<Value> bounded_text(const Field& field, std::string text) {
  if (text.size() > field.bytes_max) {
    return Error{ErrorCode::ValueTooLong,
                 field.name + " is longer than " + std::to_string(field.bytes_max) + " bytes"};
  }
  return Value(std::move(text));
}

Result<Value> integer(const Field& field, const JsonValue& json) {
  if (!json.is_number_integer()) {
    if (!json.is_number_float()) return wrong_type(field);
    const double number = json.get<double>();
    if (std::trunc(number) != number) return wrong_type(field);
    if (std::fabs(number) > static_cast<double>(limits::integer_max)) {
      return Error{ErrorCode::NumberOutOfRange, field.name + " is beyond ±(2^53-1)"};
    }
    return Value(static_cast<int64_t>(number));
  }
  const int64_t number = json.get<int64_t>();
  if (number > limits::integer_max || number < -limits::integer_max) {
    return Error{ErrorCode::NumberOutOfRange, field.name + " is beyond ±(2^53-1)"};
  }
  return Value(number);
}

// Members in canonical order, each once, so that equal sets are equal text.
Result<std::string> canonical_set(const Field& field, const JsonValue& json) {
  if (!json.is_array()) return wrong_type(field);
  std::vector<std::string> members;
  for (const JsonValue& item : json) {
    TWINSTORE_TRY(std::string member, canonical_json(item));
    members.push_back(std::move(member));
  }
  std::ranges::sort(members);
  const auto repeated = std::ranges::unique(members);
  members.erase(repeated.begin(), repeated.end());
  std::string out = "[";
  for (const std::string& member : members) {
    if (out.size() > 1) out += ',';
    out += member;
  }
  return out + "]";
}

Result<Value> scalar(const Field& field, const JsonValue& json) {
  switch (field.type) {
    case FieldType::Int:
    case FieldType::Counter: return integer(field, json);
    case FieldType::Double:
      if (!json.is_number()) return wrong_type(field);
      return Value(json.get<double>() == 0.0 ? 0.0 : json.get<double>());
    default:
      if (!json.is_string()) return wrong_type(field);
      return bounded_text(field, json.get<std::string>());
  }
}

Result<Value> canonical_time(const Field& field, const std::string& text) {
  const auto ms = parse_time(text);
  if (!ms.ok()) return Error{ErrorCode::WrongType, field.name + ": " + ms.error().message};
  return Value(time_text(ms.value()));
}

}  // namespace

Value type_default(FieldType type) {
  if (type == FieldType::Counter) return int64_t{0};
  if (type == FieldType::Set) return std::string("[]");
  return {};
}

Result<Value> to_value(const Field& field, const JsonValue& json) {
  if (json.is_null()) return type_default(field.type);
  switch (field.type) {
    case FieldType::Bool:
      if (!json.is_boolean()) return wrong_type(field);
      return Value(int64_t{json.get<bool>() ? 1 : 0});
    case FieldType::Time:
      if (!json.is_string()) return wrong_type(field);
      return canonical_time(field, json.get_ref<const std::string&>());
    case FieldType::Json: {
      TWINSTORE_TRY(std::string text, canonical_json(json));
      return bounded_text(field, std::move(text));
    }
    case FieldType::Set: {
      TWINSTORE_TRY(std::string text, canonical_set(field, json));
      return bounded_text(field, std::move(text));
    }
    default: return scalar(field, json);
  }
}

JsonValue from_value(const Field& field, const Value& value) {
  switch (value.index()) {
    case 1:
      if (field.type == FieldType::Bool) return JsonValue(std::get<int64_t>(value) != 0);
      return JsonValue(std::get<int64_t>(value));
    case 2: return JsonValue(std::get<double>(value));
    case 3: {
      const std::string& text = std::get<std::string>(value);
      if (field.type != FieldType::Json && field.type != FieldType::Set) return JsonValue(text);
      auto parsed = parse_json(text);
      TWINSTORE_CHECK(parsed.ok());  // only canonical text is stored in such fields
      return std::move(parsed).value();
    }
    default: return JsonValue(nullptr);
  }
}

Result<Value> check_wire_value(const Field& field, const JsonValue& json) {
  if (json.is_null()) return type_default(field.type);
  switch (field.type) {
    case FieldType::Bool: {
      if (json != 0 && json != 1) return wrong_type(field);
      return Value(json.get<int64_t>());
    }
    case FieldType::Time:
      if (!json.is_string()) return wrong_type(field);
      return canonical_time(field, json.get_ref<const std::string&>());
    case FieldType::Json:
    case FieldType::Set: {
      if (!json.is_string()) return wrong_type(field);
      TWINSTORE_TRY(const JsonValue document, parse_json(json.get_ref<const std::string&>()));
      return to_value(field, document);
    }
    default: return scalar(field, json);
  }
}

Result<Key> to_key(const Collection& collection, const JsonValue& json) {
  const JsonValue one = json.is_array() ? JsonValue() : JsonValue::array({json});
  const JsonValue& parts = json.is_array() ? json : one;
  if (parts.size() != collection.key_count) {
    return Error{ErrorCode::MissingField, "the key of " + collection.name + " has " +
                                              std::to_string(collection.key_count) + " parts"};
  }
  Key key;
  size_t bytes = 0;
  for (size_t i = 0; i < collection.key_count; ++i) {
    const Field& field = collection.fields[i];
    if (parts[i].is_null()) {
      return Error{ErrorCode::MissingField, field.name + " is part of the key"};
    }
    TWINSTORE_TRY(Value value, to_value(field, parts[i]));
    const auto* text = std::get_if<std::string>(&value);
    bytes += text != nullptr ? text->size() : sizeof(int64_t);
    key.push_back(std::move(value));
  }
  if (bytes > limits::row_key_bytes_max) {
    return Error{ErrorCode::ValueTooLong,
                 "a key of " + collection.name + " has at most 2048 bytes"};
  }
  return key;
}

std::string key_text(const Key& key) {
  std::string out = "[";
  for (const Value& value : key) {
    if (out.size() > 1) out += ',';
    append_json_value(out, value);
  }
  return out + "]";
}

}  // namespace twinstore
