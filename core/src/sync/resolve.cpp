#include "twinstore/conflict.h"

#include <algorithm>

namespace twinstore {
namespace {

// The writer had seen the stored version of what it changed: the row as a whole, this version of
// it, or it is the writer's own earlier work.
bool is_seen(const Change& change, const HybridTime& stamp, const RowVersion& stored,
             const HybridTime& stored_stamp, const HybridTime& seen_stamp) {
  return change.base_rev == stored.rev || stored_stamp == seen_stamp ||
         stored_stamp.client == stamp.client;
}

// A change made on top of what it saw is later than it, whatever the clocks say.
HybridTime later_than(const HybridTime& stamp, const HybridTime& seen) {
  if (stamp > seen) return stamp;
  HybridTime later = stamp;
  later.ticks = seen.ticks + 1;
  return later;
}

Value changed_value(const Field& field, const Value& current, const FieldChange& change) {
  if (field.type != FieldType::Counter) return change.after;
  const int64_t* count = std::get_if<int64_t>(&current);
  const int64_t* delta = std::get_if<int64_t>(&change.after);
  const int64_t sum = (count ? *count : 0) + (delta ? *delta : 0);
  return std::clamp(sum, -limits::integer_max, limits::integer_max);
}

Record new_record(const Collection& collection, const Change& change) {
  Record record = change.key;
  record.reserve(collection.fields.size());
  for (size_t i = collection.key_count; i < collection.fields.size(); ++i) {
    record.push_back(collection.fields[i].default_value);
  }
  for (const FieldChange& field : change.fields) {
    record[field.field] = changed_value(collection.fields[field.field], {}, field);
  }
  return record;
}

Result<Resolution> insert_new(const Collection& collection, const Change& change,
                              const HybridTime& stamp, const RowVersion* tombstone) {
  for (size_t i = 0; i < collection.fields.size(); ++i) {
    const Field& field = collection.fields[i];
    if (!field.is_required) continue;
    const auto at = std::ranges::find(change.fields, static_cast<uint16_t>(i), &FieldChange::field);
    if (at == change.fields.end() || is_null(at->after)) {
      return Error{ErrorCode::MissingField, collection.name + " needs " + field.name};
    }
  }
  RowVersion row;
  row.hlc = tombstone == nullptr ? stamp : later_than(stamp, tombstone->deleted_at);
  row.values = new_record(collection, change);
  return Resolution{OutcomeStatus::Applied, std::move(row), {}};
}

// The stamp of a group is the latest of its members': they are always written together.
HybridTime group_stamp(const RowVersion& row, const std::vector<uint16_t>& group) {
  HybridTime latest;
  for (const uint16_t field : group) latest = std::max(latest, row.stamp(field));
  return latest;
}

// Each field, or group of fields, is a last-writer-wins register.
Resolution merge_fields(const Collection& collection, const Change& change, const HybridTime& stamp,
                        const RowVersion& stored) {
  Resolution resolution;
  RowVersion row = stored;
  for (const FieldChange& field : change.fields) {
    const uint16_t at = field.field;
    if (at < collection.key_count) continue;
    const bool is_counter = collection.fields[at].type == FieldType::Counter;
    const std::vector<uint16_t> group = collection.group_of(at);
    const HybridTime stored_stamp = group_stamp(stored, group);
    HybridTime effective = stamp;
    if (is_seen(change, stamp, stored, stored_stamp, field.seen)) {
      effective = later_than(stamp, stored_stamp);
    } else if (stamp < stored_stamp && !is_counter) {
      if (row.values[at] != field.after) resolution.lost.push_back(at);
      continue;
    }
    row.values[at] = changed_value(collection.fields[at], row.values[at], field);
    row.set_stamp(at, std::max(effective, row.stamp(at)));
  }
  if (row != stored) resolution.row = std::move(row);
  if (!resolution.lost.empty()) {
    const bool is_all_lost = resolution.lost.size() == change.fields.size();
    resolution.status = is_all_lost ? OutcomeStatus::Superseded : OutcomeStatus::Merged;
  }
  return resolution;
}

// A deleted row keeps taking edits into its image, so that the result does not depend on the order
// of arrival: it is alive again as soon as one of its stamps is later than the deletion.
Resolution edit_deleted(const Collection& collection, const Change& change, const HybridTime& stamp,
                        const RowVersion& tombstone) {
  RowVersion image = tombstone;
  image.deleted_at = {};
  Resolution resolution = merge_fields(collection, change, stamp, image);
  if (!resolution.row || resolution.row->latest_stamp() < tombstone.deleted_at) {
    if (resolution.row) resolution.row->deleted_at = tombstone.deleted_at;
    resolution.status = OutcomeStatus::Superseded;
  }
  return resolution;
}

Resolution delete_row(const Change& change, const HybridTime& stamp, const RowVersion& stored) {
  const HybridTime latest = stored.latest_stamp();
  HybridTime effective = stamp;
  if (is_seen(change, stamp, stored, latest, change.seen)) {
    effective = later_than(stamp, latest);
  } else if (stamp < latest) {
    return {OutcomeStatus::Superseded, std::nullopt, {}};
  }
  if (stored.is_deleted() && effective <= stored.deleted_at) return {};
  RowVersion row = stored;
  row.deleted_at = effective;
  return {OutcomeStatus::Applied, std::move(row), {}};
}

bool changes_scope(const Collection& collection, const Change& change, const RowVersion& stored) {
  if (collection.scope_field < collection.key_count) return false;
  const auto at = std::ranges::find(change.fields, collection.scope_field, &FieldChange::field);
  return at != change.fields.end() && at->after != stored.values[collection.scope_field];
}

}  // namespace

Result<Resolution> resolve(const Collection& collection, const Change& change,
                           const HybridTime& stamp, const RowVersion* stored) {
  if (change.kind == ChangeKind::Delete) {
    if (stored == nullptr) return Resolution{};
    return delete_row(change, stamp, *stored);
  }
  if (stored == nullptr) {
    if (change.kind == ChangeKind::Insert) return insert_new(collection, change, stamp, nullptr);
    return Error{ErrorCode::RowMissing, "there is no such row in " + collection.name};
  }
  if (changes_scope(collection, change, *stored)) {
    return Error{ErrorCode::ScopeChanged, collection.name + ": the scope of a row never changes"};
  }
  if (stored->is_deleted()) {
    const bool is_known =
        change.base_rev == stored->rev || stored->deleted_at.client == stamp.client;
    if (change.kind == ChangeKind::Insert && is_known) {
      return insert_new(collection, change, stamp, stored);
    }
    return edit_deleted(collection, change, stamp, *stored);
  }
  if (collection.is_append_only) {
    const bool is_same = std::ranges::all_of(change.fields, [&](const FieldChange& field) {
      return stored->values[field.field] == field.after;
    });
    if (is_same) return Resolution{};
    return Error{ErrorCode::AppendOnly, "rows of " + collection.name + " are never changed"};
  }
  return merge_fields(collection, change, stamp, *stored);
}

std::string_view outcome_text(OutcomeStatus status) {
  switch (status) {
    case OutcomeStatus::Applied: return "applied";
    case OutcomeStatus::Merged: return "merged";
    case OutcomeStatus::Superseded: return "superseded";
    case OutcomeStatus::Conflict: return "conflict";
    case OutcomeStatus::Rejected: return "rejected";
  }
  return "";
}

Result<OutcomeStatus> parse_outcome(std::string_view text) {
  for (const OutcomeStatus status :
       {OutcomeStatus::Applied, OutcomeStatus::Merged, OutcomeStatus::Superseded,
        OutcomeStatus::Conflict, OutcomeStatus::Rejected}) {
    if (outcome_text(status) == text) return status;
  }
  return Error{ErrorCode::InvalidJson, "no such outcome"};
}

}  // namespace twinstore
