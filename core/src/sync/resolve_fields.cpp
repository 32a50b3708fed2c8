// Insert and update of a live row: each field, or group of fields, by its policy.
#include <algorithm>

#include "base/planted.h"
#include "merge/merge_value.h"
#include "sync/resolve_parts.h"
#include "twinstore/limits.h"

namespace twinstore {
namespace {

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

// A group is one value: what holds of it holds of each member that the change names.
template <class Predicate>
bool holds_for_group(const Encounter& meeting, Predicate predicate) {
  const auto group = meeting.collection.group_of(meeting.field.field);
  return std::ranges::all_of(meeting.change.fields, [&](const FieldChange& field) {
    return std::ranges::find(group, field.field) == group.end() || predicate(field);
  });
}

bool is_stored(const Encounter& meeting, Value FieldChange::*side) {
  return holds_for_group(meeting, [&](const FieldChange& field) {
    return field.*side == meeting.stored.values[field.field];
  });
}

bool is_unchanged(const Encounter& meeting) {
  return holds_for_group(meeting,
                         [](const FieldChange& field) { return field.before == field.after; });
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
    const bool has_seen = was_seen && !TWINSTORE_PLANTED(lww_by_wall_clock);
    return has_seen || stamp > stored_stamp ? Verdict::Take : Verdict::Lose;
  }
  const bool is_alone = collection.fields[field.field].group.empty();
  const MergeRule rule = is_alone ? collection.fields[field.field].merge_rule : MergeRule::Latest;
  const bool is_mixing = rule != MergeRule::Latest && rule != MergeRule::Manual;
  const bool is_same_rev = change.base_rev == stored.rev;
  if (is_same_rev || (was_seen && !(is_mixing && policy == Policy::Merge))) return Verdict::Take;
  if (is_stored(meeting, &FieldChange::after) || is_unchanged(meeting)) return Verdict::Keep;
  if (is_stored(meeting, &FieldChange::before)) return Verdict::Take;
  if (waits_for_decision(collection, field.field)) {
    return TWINSTORE_PLANTED(manual_overwrites) ? Verdict::Take : Verdict::Wait;
  }
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
      if (!is_stored(meeting, &FieldChange::after)) resolution.lost.push_back(at);
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

}  // namespace

bool is_seen(const Change& change, const HybridTime& stamp, const RowVersion& stored,
             const HybridTime& stored_stamp, const HybridTime& seen_stamp) {
  return change.base_rev == stored.rev || stored_stamp == seen_stamp ||
         stored_stamp.client == stamp.client;
}

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

}  // namespace twinstore
