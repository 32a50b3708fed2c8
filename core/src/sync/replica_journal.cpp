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

std::string names_of(const std::vector<Epoch>& epochs) {
  std::string names;
  for (const Epoch& epoch : epochs) names += (names.empty() ? "" : " ") + epoch.name;
  return names;
}

bool is_lost(const OutboxEntry& entry, const std::vector<Epoch>& epochs) {
  return entry.is_acked && entry.acked_rev > kept_until(entry.epoch, epochs);
}

}  // namespace

// What was confirmed and is lost waits again, without a number. Also a device that has not read
// anything yet can have been confirmed something, in an epoch that it did not know.
// False for a page from before a restore that is known here: each restore adds an epoch.
Result<bool> Replica::follow_epoch(const std::vector<Epoch>& epochs, Commit& commit) {
  TWINSTORE_TRY(const std::string known, read_epochs_known(storage_));
  const std::string told = names_of(epochs);
  if (known == told) return true;
  if (known.starts_with(told + " ")) return false;
  TWINSTORE_TRY_VOID(write_epochs_known(storage_, told));
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
  restored_.replayed += lost.size();
  if (!lost.empty()) TWINSTORE_TRY_VOID(replay_lost(std::move(lost), commit));
  restored_.is_incomplete = restored_.is_incomplete ||
                            journal_end > kept_until(known.substr(known.rfind(' ') + 1), epochs);
  commit.is_status_changed = true;
  TWINSTORE_TRY_VOID(write_restored(storage_, restored_));
  return true;
}

// Before what was written later: that was judged later, if at all, and is lost as well.
Result<void> Replica::replay_lost(std::vector<OutboxEntry> lost, Commit& commit) {
  const auto entries = outbox_->entries();
  std::vector<Mutation> again;
  for (OutboxEntry& entry : lost) {
    again.push_back(std::move(entry.mutation));
    again.back().is_replayed = true;
  }
  for (const auto& [order, entry] : entries) {
    if (entry.is_acked) continue;
    again.push_back(entry.mutation);
    TWINSTORE_TRY_VOID(outbox_->remove(storage_, order));
  }
  for (Mutation& mutation : again) {
    mutation.seq = 0;
    for (const Change& change : mutation.changes) {
      const RowId id{change.collection, change.key};
      commit.touch(id.collection, id.key);
      TWINSTORE_TRY(const auto row, load_row(storage_, schema_.at(id.collection), id.key));
      TWINSTORE_TRY_VOID(keep_base(id, row));
    }
    TWINSTORE_TRY_VOID(outbox_->add(storage_, std::move(mutation)));
  }
  return {};
}

}  // namespace twinstore
