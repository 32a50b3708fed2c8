#include "twinstore/conflict.h"

#include <algorithm>

#include "merge/merge_value.h"

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
    const Value& value = at == change.fields.end() ? field.default_value : at->after;
    if (is_null(value)) {
      return Error{ErrorCode::MissingField, collection.name + " needs " + field.name};
    }
  }
  RowVersion row;
  row.hlc = tombstone == nullptr ? stamp : later_than(stamp, tombstone->deleted_at);
  row.values = new_record(collection, change);
  Resolution resolution;
  resolution.row = std::move(row);
  return resolution;
}

// The stamp of a group is the latest of its members': they are always written together.
HybridTime group_stamp(const RowVersion& row, const std::vector<uint16_t>& group) {
  HybridTime latest;
  for (const uint16_t field : group) latest = std::max(latest, row.stamp(field));
  return latest;
}

// One field of a change, and the version of it that is stored.
struct Encounter {
  const Collection& collection;
  const Change& change;
  const FieldChange& field;
  const RowVersion& stored;
  HybridTime stamp;         // of the change
  HybridTime stored_stamp;  // of the field, or the latest of its group
};

// MERGE and MANUAL look at values; a group is one value.
bool is_group(const Encounter& meeting, Value FieldChange::*side) {
  return std::ranges::all_of(
      meeting.collection.group_of(meeting.field.field), [&](uint16_t member) {
        const auto at = std::ranges::find(meeting.change.fields, member, &FieldChange::field);
        return at == meeting.change.fields.end() || (*at).*side == meeting.stored.values[member];
      });
}

bool waits_for_decision(const Collection& collection, uint16_t field) {
  const auto group = collection.group_of(field);
  return std::ranges::any_of(group, [&](uint16_t member) {
    return collection.policy_of(member) == Policy::Manual ||
           collection.fields[member].merge_rule == MergeRule::Manual;
  });
}

enum class Verdict : uint8_t { Take, Keep, Lose, Merge, Wait };

// A rule that mixes both sides makes a version that not even its writer has seen, so for such a
// field only an equal value or the same rev counts as seen.
Verdict judge(const Encounter& meeting) {
  const auto& [collection, change, field, stored, stamp, stored_stamp] = meeting;
  if (collection.fields[field.field].type == FieldType::Counter) return Verdict::Take;
  const bool was_seen = is_seen(change, stamp, stored, stored_stamp, field.seen);
  const Policy policy = collection.policy_of(field.field);
  if (policy == Policy::LatestWins) {
    return was_seen || stamp > stored_stamp ? Verdict::Take : Verdict::Lose;
  }
  const bool is_alone = collection.fields[field.field].group.empty();
  const MergeRule rule = is_alone ? collection.fields[field.field].merge_rule : MergeRule::Latest;
  const bool is_mixing = rule != MergeRule::Latest && rule != MergeRule::Manual;
  const bool is_same_rev = change.base_rev == stored.rev;
  if (is_same_rev || (was_seen && !(is_mixing && policy == Policy::Merge))) return Verdict::Take;
  if (is_group(meeting, &FieldChange::after)) return Verdict::Keep;
  if (is_group(meeting, &FieldChange::before)) return Verdict::Take;
  if (waits_for_decision(collection, field.field)) return Verdict::Wait;
  if (is_mixing) return Verdict::Merge;
  return stamp > stored_stamp ? Verdict::Take : Verdict::Lose;
}

// A value that somebody else has written since what the writer saw, and that is not the same.
bool is_replacing(const Encounter& meeting) {
  const auto& [collection, change, field, stored, stamp, stored_stamp] = meeting;
  if (collection.fields[field.field].type == FieldType::Counter) return false;
  if (is_seen(change, stamp, stored, stored_stamp, field.seen)) return false;
  const Value& remote = stored.values[field.field];
  return remote != field.before && remote != field.after;
}

void merge_field(const Encounter& meeting, RowVersion& row, Resolution& resolution) {
  const auto& [collection, change, field, stored, stamp, stored_stamp] = meeting;
  const uint16_t at = field.field;
  const Verdict verdict = judge(meeting);
  if (verdict == Verdict::Take && is_replacing(meeting)) resolution.replaced.push_back(at);
  switch (verdict) {
    case Verdict::Keep: return;
    case Verdict::Wait: resolution.conflicts.push_back(at); return;
    case Verdict::Lose:
      if (row.values[at] != field.after) resolution.lost.push_back(at);
      return;
    case Verdict::Merge: {
      const ThreeSides sides{field.before, field.after, stored.values[at], stamp > stored_stamp};
      MergedValue merged = merge_value(collection.fields[at], sides);
      resolution.merged.push_back(at);
      if (merged.is_lost) resolution.lost.push_back(at);
      if (merged.value == stored.values[at]) return;
      row.values[at] = std::move(merged.value);
      break;
    }
    case Verdict::Take:
      row.values[at] = changed_value(collection.fields[at], row.values[at], field);
      break;
  }
  const bool is_register = collection.policy_of(at) == Policy::LatestWins &&
                           !is_seen(change, stamp, stored, stored_stamp, field.seen);
  const HybridTime effective = is_register ? stamp : later_than(stamp, stored_stamp);
  row.set_stamp(at, std::max(effective, row.stamp(at)));
}

OutcomeStatus status_of(const Resolution& resolution, const Change& change) {
  if (!resolution.conflicts.empty()) return OutcomeStatus::Conflict;
  const bool is_all_lost = !resolution.row && resolution.lost.size() == change.fields.size();
  if (is_all_lost && !change.fields.empty()) return OutcomeStatus::Superseded;
  const bool is_plain = resolution.lost.empty() && resolution.merged.empty();
  return is_plain ? OutcomeStatus::Applied : OutcomeStatus::Merged;
}

// Field by field, each by its policy.
Resolution merge_fields(const Collection& collection, const Change& change, const HybridTime& stamp,
                        const RowVersion& stored) {
  Resolution resolution;
  RowVersion row = stored;
  for (const FieldChange& field : change.fields) {
    if (field.field < collection.key_count) continue;
    const HybridTime stored_stamp = group_stamp(stored, collection.group_of(field.field));
    merge_field({collection, change, field, stored, stamp, stored_stamp}, row, resolution);
  }
  if (row != stored) resolution.row = std::move(row);
  resolution.status = status_of(resolution, change);
  return resolution;
}

Resolution decided_whole(OutcomeStatus status) {
  Resolution resolution;
  resolution.status = status;
  resolution.is_whole_row = true;
  return resolution;
}

// LATEST_WINS: a deleted row keeps taking edits into its image, so that the result does not depend
// on the order of arrival: it is alive again as soon as one of its stamps is later than the
// deletion.
Resolution edit_deleted_register(const Collection& collection, const Change& change,
                                 const HybridTime& stamp, const RowVersion& tombstone) {
  RowVersion image = tombstone;
  image.deleted_at = {};
  Resolution resolution = merge_fields(collection, change, stamp, image);
  if (!resolution.row || resolution.row->latest_stamp() < tombstone.deleted_at) {
    if (resolution.row) resolution.row->deleted_at = tombstone.deleted_at;
    resolution.status = OutcomeStatus::Superseded;
  }
  resolution.is_whole_row = true;
  return resolution;
}

// An edit that met a deletion it had not seen.
Resolution edit_deleted(const Collection& collection, const Change& change, const HybridTime& stamp,
                        const RowVersion& tombstone) {
  if (collection.policy == Policy::LatestWins) {
    return edit_deleted_register(collection, change, stamp, tombstone);
  }
  if (collection.policy == Policy::Manual) return decided_whole(OutcomeStatus::Conflict);
  if (collection.delete_wins) return decided_whole(OutcomeStatus::Superseded);
  RowVersion image = tombstone;
  image.deleted_at = {};
  Resolution resolution = merge_fields(collection, change, stamp, image);
  RowVersion row = resolution.row.value_or(image);
  const HybridTime revived = later_than(stamp, tombstone.deleted_at);
  for (const FieldChange& field : change.fields) {
    row.set_stamp(field.field, std::max(revived, row.stamp(field.field)));
  }
  resolution.row = std::move(row);
  if (resolution.status != OutcomeStatus::Conflict) resolution.status = OutcomeStatus::Merged;
  resolution.is_whole_row = resolution.conflicts.empty();
  return resolution;
}

// A delete that met a version it had not seen.
std::optional<OutcomeStatus> refused_delete(const Collection& collection, const HybridTime& stamp,
                                            const HybridTime& latest) {
  switch (collection.policy) {
    case Policy::LatestWins:
      if (stamp > latest) return std::nullopt;
      return OutcomeStatus::Superseded;
    case Policy::Merge:
      if (collection.delete_wins) return std::nullopt;
      return OutcomeStatus::Superseded;
    case Policy::Manual: return OutcomeStatus::Conflict;
  }
  return std::nullopt;
}

// Under a policy that compares values: what was deleted is what is stored.
bool is_delete_seen(const Collection& collection, const Change& change, const HybridTime& stamp,
                    const RowVersion& stored) {
  const HybridTime latest = stored.latest_stamp();
  if (collection.policy == Policy::LatestWins || stored.is_deleted()) {
    return is_seen(change, stamp, stored, latest, change.seen);
  }
  if (change.base_rev == stored.rev) return true;
  if (change.fields.empty()) return latest == change.seen;
  return std::ranges::all_of(change.fields, [&](const FieldChange& field) {
    return stored.values[field.field] == field.before;
  });
}

Resolution delete_row(const Collection& collection, const Change& change, const HybridTime& stamp,
                      const RowVersion& stored) {
  const HybridTime latest = stored.latest_stamp();
  const bool was_seen = is_delete_seen(collection, change, stamp, stored);
  if (!stored.is_deleted() && !was_seen) {
    const auto refused = refused_delete(collection, stamp, latest);
    if (refused) return decided_whole(*refused);
  } else if (stored.is_deleted() && !was_seen && stamp < latest) {
    Resolution earlier;
    earlier.status = OutcomeStatus::Superseded;
    return earlier;
  }
  const bool is_register = collection.policy == Policy::LatestWins && !was_seen;
  const HybridTime effective = is_register ? stamp : later_than(stamp, latest);
  if (stored.is_deleted() && effective <= stored.deleted_at) return {};
  RowVersion row = stored;
  row.deleted_at = effective;
  Resolution resolution;
  resolution.row = std::move(row);
  resolution.is_whole_row = !stored.is_deleted() && !was_seen;
  return resolution;
}

bool changes_scope(const Collection& collection, const Change& change, const RowVersion& stored) {
  if (collection.scope_field < collection.key_count) return false;
  const auto at = std::ranges::find(change.fields, collection.scope_field, &FieldChange::field);
  return at != change.fields.end() && at->after != stored.values[collection.scope_field];
}

}  // namespace

namespace {

Result<Resolution> resolve_unbounded(const Collection& collection, const Change& change,
                                     const HybridTime& stamp, const RowVersion* stored) {
  if (change.kind == ChangeKind::Delete) {
    if (stored == nullptr) return Resolution{};
    return delete_row(collection, change, stamp, *stored);
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

size_t text_bytes(const Record& values) {
  size_t bytes = 0;
  for (const Value& value : values) {
    if (const auto* text = std::get_if<std::string>(&value)) bytes += text->size();
  }
  return bytes;
}

}  // namespace

Result<Resolution> resolve(const Collection& collection, const Change& change,
                           const HybridTime& stamp, const RowVersion* stored) {
  auto resolution = resolve_unbounded(collection, change, stamp, stored);
  const bool is_long = resolution.ok() && resolution.value().row && !collection.is_system &&
                       text_bytes(resolution.value().row->values) > limits::row_bytes_max;
  if (is_long) {
    return Error{ErrorCode::ValueTooLong, "a row of " + collection.name + " has at most 2 MiB"};
  }
  return resolution;
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
