#include "services/ingest_base.h"

#include "base/sha256.h"
#include "schema/field_value.h"

namespace twinstore {
namespace {

constexpr size_t fingerprint_bytes = 16;
constexpr size_t short_value_bytes = 2 * fingerprint_bytes;
constexpr char fingerprint_mark = '#';  // begins no JSON text

std::string json_of(const Value& value) {
  std::string text;
  append_json_value(text, value);
  return text;
}

std::string fingerprint(const std::string& text) {
  return fingerprint_mark + hex_text(sha256(text), fingerprint_bytes);
}

bool is_kept_whole(const Collection& collection, uint16_t field, const std::string& text) {
  if (text.size() <= short_value_bytes) return true;
  return collection.policy_of(field) != Policy::LatestWins;
}

// As json_of wrote it.
std::optional<Value> value_of(const std::string& text) {
  const auto json = parse_json(text);
  if (!json.ok()) return std::nullopt;
  const JsonValue& value = json.value();
  if (value.is_string()) return Value(value.get<std::string>());
  if (value.is_number_integer()) return Value(value.get<int64_t>());
  if (value.is_number()) return Value(value.get<double>());
  return Value();
}

}  // namespace

RecordId ingest_base_record(std::string_view source, const Collection& collection, const Key& key) {
  return {"source/" + std::string(source), collection.name + key_text(key)};
}

Result<IngestBase> IngestBase::read(Storage& storage, std::string_view source,
                                    const Collection& collection, const Key& key) {
  IngestBase base(collection, ingest_base_record(source, collection, key));
  TWINSTORE_TRY(const auto text, storage.get(base.id_.space, base.id_.key));
  if (text) {
    TWINSTORE_TRY(base.fields_, parse_json(*text));
  }
  return base;
}

bool IngestBase::is_same(uint16_t field, const Value& value) const {
  const auto at = fields_.find(collection_.fields[field].name);
  if (at == fields_.end() || !at->is_string()) return false;
  const std::string text = json_of(value);
  return *at == text || *at == fingerprint(text);
}

std::optional<Value> IngestBase::value(uint16_t field, const Value& stored) const {
  if (is_same(field, stored)) return stored;
  const auto at = fields_.find(collection_.fields[field].name);
  if (at == fields_.end() || !at->is_string()) return std::nullopt;
  return value_of(at->get_ref<const std::string&>());
}

Result<void> IngestBase::write(Storage& storage, const Edit& edit) {
  for (const auto& [field, value] : edit.fields) {
    const std::string text = json_of(value);
    fields_[collection_.fields[field].name] =
        is_kept_whole(collection_, field, text) ? text : fingerprint(text);
  }
  return storage.put(id_.space, id_.key, fields_.dump());
}

}  // namespace twinstore
