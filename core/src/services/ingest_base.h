// What a source last handed in for a row, field by field: the base against which its next record
// is read. A long value is kept whole only where a policy needs it to merge, else as a fingerprint.
// Thread rule: the storage's.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "twinstore/edit.h"
#include "twinstore/storage.h"

namespace twinstore {

// The record in which it is kept.
[[nodiscard]] RecordId ingest_base_record(std::string_view source, const Collection& collection,
                                          const Key& key);

class IngestBase {
 public:
  // Errors: as Storage.
  [[nodiscard]] static Result<IngestBase> read(Storage& storage, std::string_view source,
                                               const Collection& collection, const Key& key);

  // The source never handed in this row.
  [[nodiscard]] bool is_empty() const { return fields_.empty(); }
  // The value is what the source last handed in for the field.
  [[nodiscard]] bool is_same(uint16_t field, const Value& value) const;
  // What the source last handed in, as far as it is known: kept whole, or the stored value where
  // that has the same fingerprint. Nothing: not known.
  [[nodiscard]] std::optional<Value> value(uint16_t field, const Value& stored) const;

  // As if the source had never handed in this row.
  void forget() { fields_ = JsonValue::object(); }
  // Remembers the fields that a record names. Errors: as Storage.
  [[nodiscard]] Result<void> write(Storage& storage, const Edit& edit);

 private:
  IngestBase(const Collection& collection, RecordId id)
      : collection_(collection), id_(std::move(id)) {}

  const Collection& collection_;
  RecordId id_;
  JsonValue fields_ = JsonValue::object();  // by name: a value's JSON, or its fingerprint
};

}  // namespace twinstore
