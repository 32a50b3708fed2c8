#include "twinstore/ingest.h"

#include <algorithm>
#include <array>

#include "services/ingest_base.h"
#include "services/ingest_record.h"
#include "twinstore/time_text.h"

namespace twinstore {
namespace {

constexpr std::array<std::string_view, 5> status_texts{"added", "changed", "unchanged",
                                                       "superseded", "rejected"};

bool is_older(const IngestRecord& record, const RowVersion& stored) {
  if (!record.time_field || stored.is_deleted()) return false;
  const auto* text = std::get_if<std::string>(&stored.values[*record.time_field]);
  if (text == nullptr) return false;
  const auto stored_ms = parse_time(*text);
  return stored_ms.ok() && *record.time_ms < stored_ms.value();
}

// A source has not seen the stored row, only its own earlier records: those are the base, and they
// are recognised by their client.
void rest_on_base(const Collection& collection, const IngestBase& base, const Edit& edit,
                  const RowVersion* stored, Change& change) {
  change.base_rev = 0;
  change.seen = {};
  for (FieldChange& field : change.fields) {
    field.seen = {};
    if (stored == nullptr) continue;
    const Field& of = collection.fields[field.field];
    const Value& current = stored->values[field.field];
    const auto known = base.value(field.field, current);
    if (of.type != FieldType::Counter) {
      field.before = known.value_or(of.default_value);
      continue;
    }
    // A counter travels as a delta: from what the source said last, where that is known.
    const bool is_delta = std::ranges::find(edit.increments, field.field) != edit.increments.end();
    const int64_t* said = known ? std::get_if<int64_t>(&*known) : nullptr;
    const int64_t* now = std::get_if<int64_t>(&current);
    if (said == nullptr || is_delta) continue;
    field.after = std::get<int64_t>(field.after) + (now == nullptr ? 0 : *now) - *said;
  }
}

IngestStatus status_of(const Outcome& outcome, bool is_new, bool is_moved) {
  if (outcome.status == OutcomeStatus::Rejected) return IngestStatus::Rejected;
  if (outcome.status == OutcomeStatus::Superseded) return IngestStatus::Superseded;
  if (!is_moved) return IngestStatus::Unchanged;
  return is_new ? IngestStatus::Added : IngestStatus::Changed;
}

Result<IngestResult> superseded(Authority& authority, Rev rev) {
  IngestResult result;
  result.status = IngestStatus::Superseded;
  result.outcome.status = OutcomeStatus::Superseded;
  result.rev = rev;
  TWINSTORE_TRY_VOID(authority.count(OutcomeStatus::Superseded));
  return result;
}

Rev live_rev(const std::optional<RowVersion>& row) {
  return row && !row->is_deleted() ? row->rev : 0;
}

}  // namespace

std::string_view ingest_text(IngestStatus status) {
  return status_texts[static_cast<size_t>(status)];
}

Result<void> prefetch_ingest(Authority& authority, std::string_view source,
                             const std::vector<IngestRecord>& records) {
  std::vector<RowId> rows;
  std::vector<RecordId> bases;
  for (const IngestRecord& record : records) {
    rows.push_back({record.collection->position, record.edit.key});
    bases.push_back(ingest_base_record(source, *record.collection, record.edit.key));
  }
  return authority.storage().prefetch(rows, bases);
}

Result<IngestResult> ingest(Authority& authority, const Schema& rules, std::string_view source,
                            IngestRecord record, std::set<std::string>& scopes) {
  const Collection& collection = *record.collection;
  Storage& storage = authority.storage();
  TWINSTORE_TRY_VOID(authority.catch_up());
  const Rev head = authority.head();
  if (record.base_rev.value_or(0) > head) {
    return Error{ErrorCode::InvalidArgument, "base_rev names a version that was never given"};
  }
  TWINSTORE_TRY(const auto stored, load_row(storage, collection, record.edit.key));
  const RowVersion* row = stored ? &*stored : nullptr;
  const bool has_seen = row != nullptr && record.base_rev == row->rev;
  if (row != nullptr && !has_seen && is_older(record, *row)) {
    return superseded(authority, live_rev(stored));
  }
  TWINSTORE_TRY(IngestBase base, IngestBase::read(storage, source, collection, record.edit.key));
  if (row != nullptr && row->deleted_at.is_set() &&
      row->deleted_at.client == source_client(source)) {
    base.forget();
  }
  const Edit handed_in = record.edit;
  if (!has_seen) {
    std::erase_if(record.edit.fields,
                  [&](const auto& item) { return base.is_same(item.first, item.second); });
  }
  IngestResult result;
  result.rev = live_rev(stored);
  const bool is_known = row != nullptr || !base.is_empty();
  if (record.edit.fields.empty() && is_known) return result;
  TWINSTORE_TRY(auto change, make_change(collection, record.edit, row));
  if (change) {
    if (!has_seen) rest_on_base(collection, base, record.edit, row, *change);
    Mutation mutation;
    mutation.hlc =
        hybrid_time_at(record.time_ms.value_or(authority.clock().now_ms()), source_client(source));
    mutation.changes.push_back(*std::move(change));
    TWINSTORE_TRY(result.outcome, authority.apply(mutation, rules, scopes));
    result.status = status_of(result.outcome, row == nullptr, authority.head() != head);
  }
  if (result.status == IngestStatus::Rejected || result.status == IngestStatus::Superseded) {
    return result;
  }
  TWINSTORE_TRY_VOID(base.write(storage, handed_in));
  if (!change) return result;
  TWINSTORE_TRY(const auto now, load_row(storage, collection, handed_in.key));
  result.rev = live_rev(now);
  return result;
}

Result<IngestResult> ingest(Authority& authority, std::string_view source,
                            std::string_view collection, std::string_view record_json,
                            std::set<std::string>& scopes) {
  TWINSTORE_TRY(IngestRecord record,
                read_ingest_record(authority.schema(), collection, record_json));
  return ingest(authority, authority.schema(), source, std::move(record), scopes);
}

}  // namespace twinstore
