// The journal: confirmed writes of this device, kept for a while, because an authority that is
// brought back from a backup has lost those since. They are sent again, and both sides count them.
#include <algorithm>

#include "sync/outbox.h"
#include "sync/replica_records.h"
#include "twinstore/limits.h"
#include "twinstore/replica.h"

namespace twinstore {
namespace {

// Up to which rev of `epoch` the authority still has everything.
Rev kept_until(const std::string& epoch, const std::vector<Epoch>& epochs) {
  const auto at = std::ranges::find(epochs, epoch, &Epoch::name);
  const auto later = at == epochs.end() ? epochs.begin() : at + 1;
  Rev kept = limits::integer_max;
  for (auto it = later; it != epochs.end(); ++it) kept = std::min(kept, it->start);
  return kept;
}

bool is_lost(const OutboxEntry& entry, const std::vector<Epoch>& epochs) {
  return entry.is_acked && entry.acked_rev > kept_until(entry.epoch, epochs);
}

}  // namespace

// What was confirmed and is lost waits again, without a number. Also a device that has not read
// anything yet can have been confirmed something, in an epoch that it did not know.
Result<void> Replica::follow_epoch(const std::vector<Epoch>& epochs, Commit& commit) {
  TWINSTORE_TRY(const std::string known, read_epoch(storage_));
  if (known == epochs.back().name) return {};
  TWINSTORE_TRY_VOID(write_epoch(storage_, epochs.back().name));
  TWINSTORE_TRY(const Rev journal_end, read_journal_end(storage_));
  TWINSTORE_TRY(std::vector<OutboxEntry> lost, take_journal(storage_, schema_));
  for (const OutboxEntry& entry : lost) {
    if (!is_lost(entry, epochs)) TWINSTORE_TRY_VOID(write_journal(storage_, schema_, entry));
  }
  std::erase_if(lost, [&](const OutboxEntry& entry) { return !is_lost(entry, epochs); });
  const auto entries = outbox_->entries();
  for (const auto& [order, entry] : entries) {
    if (!is_lost(entry, epochs)) continue;
    lost.push_back(entry);
    TWINSTORE_TRY_VOID(outbox_->remove(storage_, order));
  }
  for (OutboxEntry& entry : lost) TWINSTORE_TRY_VOID(replay_lost(std::move(entry), commit));
  restored_.replayed += lost.size();
  const bool is_older = !known.empty() && journal_end > kept_until(known, epochs);
  restored_.is_incomplete = restored_.is_incomplete || is_older;
  commit.is_status_changed = true;
  return write_restored(storage_, restored_);
}

Result<void> Replica::replay_lost(OutboxEntry entry, Commit& commit) {
  entry.mutation.seq = 0;
  entry.mutation.is_replayed = true;
  for (const Change& change : entry.mutation.changes) {
    const RowId id{change.collection, change.key};
    commit.touch(id.collection, id.key);
    TWINSTORE_TRY(const auto row, load_row(storage_, schema_.at(id.collection), id.key));
    TWINSTORE_TRY_VOID(keep_base(id, row));
  }
  return outbox_->add(storage_, std::move(entry.mutation));
}

}  // namespace twinstore
