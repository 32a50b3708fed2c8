// Data from a backend: records that a named source hands in, that carry their own time and may be
// older than what is stored. They take the same road as a client's push: one `resolve`, one rev.
// Thread rule: the authority's thread, inside a transaction that the caller has begun.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "twinstore/authority.h"
#include "twinstore/edit.h"

namespace twinstore {

enum class IngestStatus : uint8_t { Added, Changed, Unchanged, Superseded, Rejected };
// added, changed, unchanged, superseded, rejected.
[[nodiscard]] std::string_view ingest_text(IngestStatus status);

struct IngestResult {
  IngestStatus status = IngestStatus::Unchanged;
  Outcome outcome{};  // of Changed: whether something was merged, or waits for a decision
  Rev rev = 0;        // that the row has now; 0: there is no row
};

// A record that is read and checked, before anything is stored.
struct IngestRecord {
  const Collection* collection = nullptr;  // of the schema it was read with
  Edit edit;
  std::optional<uint16_t> time_field;  // the one that says how old the record is
  std::optional<int64_t> time_ms;      // what it says; nothing: the time of receipt
  std::optional<Rev> base_rev;         // the version of the row that the source has seen
};

// Reads one object with the collection's fields, and `base_rev`; an append-only record may leave
// out a text key, which is then derived from its content. Touches no storage. Errors: those of
// parse_json and of the values, UnknownCollection, UnknownField, MissingField; Forbidden for a
// collection of the system.
[[nodiscard]] Result<IngestRecord> read_ingest_record(const Schema& schema,
                                                      std::string_view collection,
                                                      std::string_view record_json);

// Tells the storage what these records will read, so that one round trip fetches it. Leaving it out
// costs time alone. Errors: as Storage.
[[nodiscard]] Result<void> prefetch_ingest(Authority& authority, std::string_view source,
                                           const std::vector<IngestRecord>& records);

// Judges a record by the policies of `rules`, the schema that it was read with: the authority's, or
// the same with other policies.
// - A record's time is its `updated_at`, `analysis_timestamp` or `recorded_at`, else the time of
//   receipt. One that is older than the stored row is Superseded and changes nothing.
// - Fields that it does not name, and fields that equal what this source last handed in for the
//   row, are no changes: handing in the same record twice changes nothing and keeps what people
//   edited. Where a policy merges, what this source last handed in is the base. A row that the
//   source itself deleted (own_writes.h) begins anew; one that others deleted stays deleted.
// - When `base_rev` is that of the stored row, every field that differs from it is a change, and no
//   clock decides.
// Errors, with nothing written: InvalidArgument for a base_rev that was never given; and the
// storage's.
[[nodiscard]] Result<IngestResult> ingest(Authority& authority, const Schema& rules,
                                          std::string_view source, IngestRecord record,
                                          std::set<std::string>& scopes);

// Reads a record by the authority's own schema, and judges it.
[[nodiscard]] Result<IngestResult> ingest(Authority& authority, std::string_view source,
                                          std::string_view collection, std::string_view record_json,
                                          std::set<std::string>& scopes);

}  // namespace twinstore
