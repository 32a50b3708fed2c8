// Data from a backend: records that a named source hands in, that carry their own time and may be
// older than what is stored. They take the same road as a client's push: one `resolve`, one rev.
// Thread rule: the authority's thread, inside a transaction that the caller has begun.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "twinstore/authority.h"
#include "twinstore/edit.h"

namespace twinstore {

enum class IngestStatus : uint8_t { Added, Changed, Unchanged, Superseded, Rejected };

struct IngestResult {
  IngestStatus status = IngestStatus::Unchanged;
  Outcome outcome;
};

// A record that is read and checked, before anything is stored.
struct IngestRecord {
  const Collection* collection = nullptr;  // of the schema it was read with
  Edit edit;
  std::optional<uint16_t> time_field;  // the one that says how old the record is
};

// As ingest() reads it, and with its errors about the record.
[[nodiscard]] Result<IngestRecord> read_ingest_record(const Schema& schema,
                                                      std::string_view collection,
                                                      std::string_view record_json);

// Tells the storage what these records will read, so that one round trip fetches it. Leaving it out
// costs time alone. Errors: as Storage.
[[nodiscard]] Result<void> prefetch_ingest(Authority& authority, std::string_view source,
                                           const std::vector<IngestRecord>& records);

[[nodiscard]] Result<IngestResult> ingest(Authority& authority, std::string_view source,
                                          IngestRecord record, std::set<std::string>& scopes);

// `record_json` is one object with the collection's fields; an append-only record may leave out a
// text key, which is then derived from its content. The record's time is its `updated_at`,
// `analysis_timestamp` or `recorded_at`, else the time of receipt. Fields that equal what this
// source last handed in for the row, and fields it does not name, are no changes: handing in the
// same record twice changes nothing and keeps what people edited. A record older than the stored
// one is Superseded. Errors, with nothing written: those of parse_json and of the values,
// UnknownCollection, UnknownField, MissingField; and the storage's.
[[nodiscard]] Result<IngestResult> ingest(Authority& authority, std::string_view source,
                                          std::string_view collection, std::string_view record_json,
                                          std::set<std::string>& scopes);

}  // namespace twinstore
