// The shipped collections in a schema, and their rows as the records of code_mri.h.
// Thread rule: pure functions.
#pragma once

#include <type_traits>

#include "base/json.h"
#include "schema/field_value.h"
#include "twinstore/code_mri.h"
#include "twinstore/schema.h"

namespace twinstore {

// Each has every field of its record.
struct CodeCollections {
  const Collection* repositories = nullptr;
  const Collection* branches = nullptr;
  const Collection* analyses = nullptr;
  const Collection* metrics = nullptr;
  const Collection* cache_entries = nullptr;

  // Points into `schema`, which outlives it. Errors: UnknownCollection when the schema is not one
  // of these collections.
  [[nodiscard]] static Result<CodeCollections> of(const Schema& schema);
};

// Requires that the collection has the field.
[[nodiscard]] inline uint16_t field_at(const Collection& collection, std::string_view name) {
  const auto field = collection.find_field(name);
  TWINSTORE_CHECK(field.has_value());
  return *field;
}

[[nodiscard]] inline Value text_value(std::string_view text) { return std::string(text); }

namespace code_record {

inline void read(const Value& value, std::string& member) {
  if (const auto* text = std::get_if<std::string>(&value)) member = *text;
}
inline void read(const Value& value, OptionalField<std::string>& member) {
  const auto* text = std::get_if<std::string>(&value);
  member = text == nullptr ? OptionalField<std::string>(nullptr) : *text;
}
inline void read(const Value& value, OptionalField<JsonText>& member) {
  const auto* text = std::get_if<std::string>(&value);
  member = text == nullptr ? OptionalField<JsonText>(nullptr) : JsonText{*text};
}
inline void read(const Value& value, OptionalField<int64_t>& member) {
  const auto* number = std::get_if<int64_t>(&value);
  member = number == nullptr ? OptionalField<int64_t>(nullptr) : *number;
}
inline void read(const Value& value, OptionalField<double>& member) {
  const auto* number = std::get_if<double>(&value);
  member = number == nullptr ? OptionalField<double>(nullptr) : *number;
}
inline void read(const Value& value, OptionalField<bool>& member) {
  const auto* number = std::get_if<int64_t>(&value);
  member = number == nullptr ? OptionalField<bool>(nullptr) : *number != 0;
}
void read(const Value& value, OptionalField<std::vector<std::string>>& member);

[[nodiscard]] Result<JsonValue> written(const JsonText& document);
template <class T>
[[nodiscard]] Result<JsonValue> written(const T& value) {
  return JsonValue(value);
}

// Adds the member to the object if the record names it.
template <class T>
[[nodiscard]] Result<void> add(JsonValue& object, const char* name,
                               const OptionalField<T>& member) {
  if (!member.is_named()) return {};
  if (!member.has_value()) {
    object[name] = nullptr;
    return {};
  }
  TWINSTORE_TRY(object[name], written(*member));
  return {};
}
[[nodiscard]] inline Result<void> add(JsonValue& object, const char* name,
                                      const std::string& member) {
  if (!member.empty()) object[name] = member;
  return {};
}

}  // namespace code_record

// A stored row as a record; every field is named.
template <class Info>
[[nodiscard]] Info record_of(const Collection& collection, const RowVersion& row) {
  Info info;
  Info::visit_fields(info, [&](const char* name, auto& member) {
    code_record::read(row.values[field_at(collection, name)], member);
  });
  info.rev = row.rev;
  return info;
}

// A record as read_ingest_record takes it, with the version that it was read at as `base_rev`.
// Errors: those of parse_json for a document.
template <class Info>
[[nodiscard]] Result<JsonValue> record_json(const Info& info) {
  JsonValue object = JsonValue::object();
  Result<void> added;
  Info::visit_fields(info, [&](const char* name, const auto& member) {
    if (added.ok()) added = code_record::add(object, name, member);
  });
  if (!added.ok()) return added.error();
  if (info.rev > 0) object["base_rev"] = info.rev;
  return object;
}

}  // namespace twinstore
