#include "twinstore/ingest.h"

#include <array>

#include "base/json.h"
#include "base/sha256.h"
#include "schema/field_value.h"
#include "sync/edit_json.h"
#include "twinstore/time_text.h"

namespace twinstore {
namespace {

constexpr std::array<const char*, 3> time_fields{"updated_at", "analysis_timestamp", "recorded_at"};
constexpr size_t fingerprint_bytes = 16;
constexpr size_t short_value_bytes = 2 * fingerprint_bytes;

// A source is a client that keeps no queue: the same name is always the same client.
ClientId source_client(std::string_view source) {
  const Sha256 hash = sha256("source:" + std::string(source));
  ClientId id{};
  for (size_t i = 0; i < id.size(); ++i) id[i] = "0123456789abcdefghijklmnopqrstuv"[hash[i] % 32];
  return id;
}

std::string base_space(std::string_view source) { return "source/" + std::string(source); }

// Under which a source's base of the row is kept.
std::string row_name(const IngestRecord& record) {
  return record.collection->name + key_text(record.edit.key);
}

// Stands for a value when the next record is compared with this one.
std::string fingerprint(const Value& value) {
  std::string text;
  append_json_value(text, value);
  if (text.size() <= short_value_bytes) return text;
  return "#" + hex_text(sha256(text), fingerprint_bytes);
}

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
  record[key.name] = hex_text(sha256(content), fingerprint_bytes);
  return {};
}

// The named time field of the record; nothing when it names none.
std::optional<uint16_t> time_field(const Collection& collection, const JsonValue& record) {
  for (const char* name : time_fields) {
    if (collection.find_field(name) && record.contains(name) && !record[name].is_null()) {
      return collection.find_field(name);
    }
  }
  return std::nullopt;
}

Result<int64_t> record_time(const Collection& collection, const Edit& edit,
                            std::optional<uint16_t> field, Clock& clock) {
  if (!field) return clock.now_ms();
  for (const auto& [position, value] : edit.fields) {
    if (position == *field) return parse_time(std::get<std::string>(value));
  }
  return Error{ErrorCode::Internal, collection.name + ": the record lost its time"};
}

bool is_older(const RowVersion& stored, std::optional<uint16_t> field, int64_t time_ms) {
  if (!field || stored.is_deleted()) return false;
  const auto* text = std::get_if<std::string>(&stored.values[*field]);
  const auto stored_ms = text == nullptr ? Result<int64_t>(int64_t{0}) : parse_time(*text);
  return stored_ms.ok() && text != nullptr && time_ms < stored_ms.value();
}

// Leaves only the fields that differ from what the source last handed in.
void drop_known_fields(const Collection& collection, const JsonValue& base, Edit& edit) {
  std::erase_if(edit.fields, [&](const auto& item) {
    const auto at = base.find(collection.fields[item.first].name);
    return at != base.end() && *at == fingerprint(item.second);
  });
}

// A source has not seen the stored row, only its own earlier records; those are recognised by
// their client.
void forget_what_was_seen(Change& change) {
  change.base_rev = 0;
  change.seen = {};
  for (FieldChange& field : change.fields) field.seen = {};
}

JsonValue base_after(const Collection& collection, JsonValue base, const Edit& edit) {
  for (const auto& [position, value] : edit.fields) {
    base[collection.fields[position].name] = fingerprint(value);
  }
  return base;
}

Result<JsonValue> read_base(Storage& storage, std::string_view source, const std::string& row) {
  TWINSTORE_TRY(const auto text, storage.get(base_space(source), row));
  if (!text) return JsonValue(JsonValue::object());
  return parse_json(*text);
}

Result<IngestResult> apply(Authority& authority, const Collection& collection, const Edit& edit,
                           const std::optional<RowVersion>& stored, const HybridTime& stamp,
                           std::set<std::string>& scopes) {
  TWINSTORE_TRY(auto change, make_change(collection, edit, stored ? &*stored : nullptr));
  if (!change) return IngestResult{};
  forget_what_was_seen(*change);
  Mutation mutation;
  mutation.hlc = stamp;
  mutation.changes.push_back(std::move(*change));
  TWINSTORE_TRY_VOID(authority.catch_up());
  const Rev head = authority.head();
  TWINSTORE_TRY(Outcome outcome, authority.apply(mutation, scopes));
  IngestResult result{IngestStatus::Changed, std::move(outcome)};
  if (!stored) result.status = IngestStatus::Added;
  if (result.outcome.status == OutcomeStatus::Superseded) result.status = IngestStatus::Superseded;
  if (result.outcome.status == OutcomeStatus::Rejected) {
    result.status = IngestStatus::Rejected;
  } else if (authority.head() == head) {
    result.status = IngestStatus::Unchanged;
  }
  return result;
}

}  // namespace

Result<IngestRecord> read_ingest_record(const Schema& schema, std::string_view collection_name,
                                        std::string_view record_json) {
  const Collection* collection = schema.find(collection_name);
  if (collection == nullptr) {
    return Error{ErrorCode::UnknownCollection,
                 "there is no collection " + std::string(collection_name)};
  }
  TWINSTORE_TRY(JsonValue record, parse_json(record_json));
  if (!record.is_object()) return Error{ErrorCode::WrongType, "a record is an object"};
  TWINSTORE_TRY_VOID(derive_key(*collection, record));
  const auto time_at = time_field(*collection, record);
  TWINSTORE_TRY(Edit edit, read_edit(schema, {{"op", "upsert"},
                                              {"collection", collection->name},
                                              {"fields", std::move(record)}}));
  return IngestRecord{collection, std::move(edit), time_at};
}

Result<void> prefetch_ingest(Authority& authority, std::string_view source,
                             const std::vector<IngestRecord>& records) {
  std::vector<RowId> rows;
  std::vector<RecordId> bases;
  for (const IngestRecord& record : records) {
    rows.push_back({record.collection->position, record.edit.key});
    bases.push_back({base_space(source), row_name(record)});
  }
  return authority.storage().prefetch(rows, bases);
}

Result<IngestResult> ingest(Authority& authority, std::string_view source, IngestRecord record,
                            std::set<std::string>& scopes) {
  Storage& storage = authority.storage();
  const Collection& collection = *record.collection;
  Edit& edit = record.edit;
  const std::string row = row_name(record);
  TWINSTORE_TRY(const JsonValue base, read_base(storage, source, row));
  TWINSTORE_TRY(const int64_t time_ms,
                record_time(collection, edit, record.time_field, authority.clock()));
  TWINSTORE_TRY(const auto stored, load_row(storage, collection, edit.key));
  if (stored && is_older(*stored, record.time_field, time_ms)) {
    return IngestResult{IngestStatus::Superseded, {}};
  }
  drop_known_fields(collection, base, edit);
  if (edit.fields.empty() && (stored || !base.empty())) return IngestResult{};
  TWINSTORE_TRY(IngestResult result, apply(authority, collection, edit, stored,
                                           hybrid_time_at(time_ms, source_client(source)), scopes));
  if (result.status == IngestStatus::Rejected || result.status == IngestStatus::Superseded) {
    return result;
  }
  const JsonValue handed_in = base_after(collection, base, edit);
  TWINSTORE_TRY_VOID(storage.put(base_space(source), row, handed_in.dump()));
  return result;
}

Result<IngestResult> ingest(Authority& authority, std::string_view source,
                            std::string_view collection, std::string_view record_json,
                            std::set<std::string>& scopes) {
  TWINSTORE_TRY(IngestRecord record,
                read_ingest_record(authority.schema(), collection, record_json));
  return ingest(authority, source, std::move(record), scopes);
}

}  // namespace twinstore
