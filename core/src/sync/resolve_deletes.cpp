// Where a deletion meets an edit.
#include <algorithm>

#include "sync/resolve_parts.h"

namespace twinstore {
namespace {

Resolution decided_whole(OutcomeStatus status) {
  Resolution resolution;
  resolution.status = status;
  resolution.is_whole_row = true;
  return resolution;
}

// The row as edited, its fields written at `time` at least.
RowVersion revived(const Resolution& resolution, const RowVersion& image, const Change& change,
                   const HybridTime& time) {
  RowVersion row = resolution.row.value_or(image);
  for (const FieldChange& field : change.fields) {
    row.set_stamp(field.field, std::max(time, row.stamp(field.field)));
  }
  return row;
}

// LATEST_WINS: a deleted row keeps taking edits into its image, so that the result does not depend
// on the order of arrival; an edit later than the deletion brings it back. Fields that wait for a
// decision, or that both sides wrote alike, are brought back too; and an older edit never is, even
// where its rule made a version later than what it met.
Resolution edit_deleted_register(const Collection& collection, const Change& change,
                                 const HybridTime& stamp, const RowVersion& tombstone) {
  RowVersion image = tombstone;
  image.deleted_at = {};
  Resolution resolution = merge_fields(collection, change, stamp, image);
  resolution.is_whole_row = true;
  if (stamp > tombstone.deleted_at) {
    resolution.row = revived(resolution, image, change, stamp);
    return resolution;
  }
  if (resolution.row) {
    RowVersion& row = *resolution.row;
    row.deleted_at = later_than(tombstone.deleted_at, row.latest_stamp());
  }
  resolution.status = OutcomeStatus::Superseded;
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

}  // namespace

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
  const HybridTime time = later_than(stamp, tombstone.deleted_at);
  resolution.row = revived(resolution, image, change, time);
  if (resolution.status != OutcomeStatus::Conflict) resolution.status = OutcomeStatus::Merged;
  resolution.is_whole_row = resolution.conflicts.empty();
  return resolution;
}

Resolution delete_row(const Collection& collection, const Change& change, const HybridTime& stamp,
                      const RowVersion& stored) {
  const HybridTime latest = stored.latest_stamp();
  const bool was_seen = is_delete_seen(collection, change, stamp, stored);
  if (!stored.is_deleted() && !was_seen) {
    const auto refused = refused_delete(collection, stamp, latest);
    if (refused) return decided_whole(*refused);
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

}  // namespace twinstore
