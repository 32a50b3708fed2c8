// What this replica has seen and a restored authority does not have: kept and listed until it comes
// back. The device that wrote it sends it again (replica_journal.cpp), unless it was put back to an
// older state itself; then nobody can, and this is where it is told.
#include <algorithm>

#include "sync/replica_records.h"
#include "twinstore/limits.h"
#include "twinstore/replica.h"

namespace twinstore {
namespace {

// Something of `known` is later than what is there now, and different. A deletion that is not there
// any more may only be forgotten.
bool is_lost(const Collection& collection, const RowVersion& known, const RowVersion* now) {
  if (now == nullptr) return !known.is_deleted();
  if (known.is_deleted()) return !now->is_deleted() && known.deleted_at > now->latest_stamp();
  if (now->is_deleted()) return known.latest_stamp() > now->deleted_at;
  for (size_t i = collection.key_count; i < collection.fields.size(); ++i) {
    const auto field = static_cast<uint16_t>(i);
    // What an insert did not name stands at its default, as old as the row.
    const bool is_written =
        known.stamp(field) != known.hlc || known.values[i] != collection.fields[i].default_value;
    const bool is_later = known.stamp(field) > now->stamp(field);
    if (is_written && is_later && known.values[i] != now->values[i]) return true;
  }
  return false;
}

HybridTime latest_of(const RowVersion& row) { return std::max(row.latest_stamp(), row.deleted_at); }

// What is newest in either.
RowVersion joined(const Collection& collection, const RowVersion& first, const RowVersion& second) {
  if (first.is_deleted() || second.is_deleted()) {
    return latest_of(first) > latest_of(second) ? first : second;
  }
  RowVersion row = second;
  for (size_t i = collection.key_count; i < collection.fields.size(); ++i) {
    const auto field = static_cast<uint16_t>(i);
    if (first.stamp(field) <= second.stamp(field)) continue;
    row.values[i] = first.values[i];
    row.set_stamp(field, first.stamp(field));
  }
  return row;
}

}  // namespace

Result<void> Replica::compare_restored(const RowId& id, const RowVersion* known,
                                       const RowVersion* now, bool is_restored) {
  const Collection& collection = schema_.at(id.collection);
  std::optional<RowVersion> lost;
  if (missing_.contains(id)) {
    TWINSTORE_TRY(auto missing, read_missing(storage_, schema_, id));
    if (missing && is_lost(collection, missing->version, now)) lost = std::move(missing->version);
  }
  // A row of rev 0 was never read from an authority.
  const bool is_read = is_restored && known != nullptr && known->rev != 0;
  if (is_read && is_lost(collection, *known, now)) {
    if (missing_.size() == limits::missing_rows_max && !missing_.contains(id)) {
      restored_.is_incomplete = true;
      return write_restored(storage_, restored_);
    }
    missing_.insert(id);
    return write_missing(storage_, schema_,
                         {id, lost ? joined(collection, *lost, *known) : *known});
  }
  if (lost || !missing_.contains(id)) return {};
  missing_.erase(id);
  return erase_missing(storage_, schema_, id);
}

Result<std::vector<MissingRow>> Replica::missing_rows() {
  std::vector<MissingRow> rows;
  for (const RowId& id : missing_) {
    TWINSTORE_TRY(auto row, read_missing(storage_, schema_, id));
    if (row) rows.push_back(*std::move(row));
  }
  return rows;
}

}  // namespace twinstore
