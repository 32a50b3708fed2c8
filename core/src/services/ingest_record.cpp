#include "services/ingest_record.h"

#include <array>

#include "base/sha256.h"
#include "schema/field_value.h"
#include "sync/edit_json.h"
#include "twinstore/time_text.h"

namespace twinstore {
namespace {

constexpr std::array<const char*, 3> time_fields{"updated_at", "analysis_timestamp", "recorded_at"};
constexpr std::string_view base_rev_name = "base_rev";
constexpr size_t derived_key_bytes = 16;

// The key of an append-only record that has none: the same content is the same row.
Result<void> derive_key(const Collection& collection, JsonValue& record) {
  const Field& key = collection.fields[0];
  const bool is_derivable = collection.is_append_only && collection.key_count == 1 &&
                            key.type == FieldType::Text && !record.contains(key.name);
  if (!is_derivable) return {};
  std::string content;
  for (size_t i = 1; i < collection.fields.size(); ++i) {
    const Field& field = collection.fields[i];
    const auto at = record.find(field.name);
    TWINSTORE_TRY(const Value value, to_value(field, at == record.end() ? JsonValue() : *at));
    append_json_value(content, value);
    content += '\n';
  }
  record[key.name] = hex_text(sha256(content), derived_key_bytes);
  return {};
}

Result<std::optional<Rev>> take_base_rev(JsonValue& record) {
  const auto at = record.find(base_rev_name);
  if (at == record.end()) return std::optional<Rev>{};
  if (!at->is_number_integer() || at->get<int64_t>() < 0) {
    return Error{ErrorCode::WrongType, "base_rev takes an integer from 0"};
  }
  const Rev rev = at->get<int64_t>();
  record.erase(at);
  return std::optional(rev);
}

Result<void> read_time(IngestRecord& record) {
  for (const char* name : time_fields) {
    const auto field = record.collection->find_field(name);
    for (const auto& [position, value] : record.edit.fields) {
      if (!field || position != *field || is_null(value)) continue;
      TWINSTORE_TRY(record.time_ms, parse_time(std::get<std::string>(value)));
      record.time_field = field;
      return {};
    }
  }
  return {};
}

}  // namespace

Result<IngestRecord> read_ingest_record(const Schema& schema, std::string_view collection,
                                        JsonValue record) {
  IngestRecord read;
  read.collection = schema.find(collection);
  if (read.collection == nullptr) {
    return Error{ErrorCode::UnknownCollection, "there is no collection " + std::string(collection)};
  }
  if (!record.is_object()) return Error{ErrorCode::WrongType, "a record is an object"};
  TWINSTORE_TRY(read.base_rev, take_base_rev(record));
  TWINSTORE_TRY_VOID(derive_key(*read.collection, record));
  TWINSTORE_TRY(read.edit, read_edit(schema, {{"op", "upsert"},
                                              {"collection", read.collection->name},
                                              {"fields", std::move(record)}}));
  TWINSTORE_TRY_VOID(read_time(read));
  return read;
}

Result<IngestRecord> read_ingest_record(const Schema& schema, std::string_view collection,
                                        std::string_view record_json) {
  TWINSTORE_TRY(JsonValue record, parse_json(record_json));
  return read_ingest_record(schema, collection, std::move(record));
}

ClientId source_client(std::string_view source) {
  const Sha256 hash = sha256("source:" + std::string(source));
  ClientId id{};
  for (size_t i = 0; i < id.size(); ++i) id[i] = "0123456789abcdefghijklmnopqrstuv"[hash[i] % 32];
  return id;
}

}  // namespace twinstore
