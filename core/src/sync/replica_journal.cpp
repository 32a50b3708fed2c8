// Following an authority that was brought back from a backup, and has lost what it judged since.
// A mutation is known by the name and the number that it was first sent under, for ever. So the
// authority only has to say how far it is with each name: what comes after that goes again, as it
// was; a restore that brings it back as well is no danger. Confirmed writes are kept in the
// journal for this. Whatever an answer that comes late makes of all this, the next one mends.
#include <algorithm>

#include "sync/outbox.h"
#include "sync/replica_records.h"
#include "twinstore/limits.h"
#include "twinstore/replica.h"

namespace twinstore {

Result<void> Replica::begin_inquiry(bool is_forced) {
  if (inquiry_) return {};
  Inquiry inquiry;
  inquiry.is_forced = is_forced;
  inquiry.names.insert(clock_.client());
  for (const auto& [order, entry] : outbox_->entries()) {
    if (entry.mutation.seq != 0) inquiry.names.insert(entry.client);
  }
  TWINSTORE_TRY(const auto journal, read_journal(storage_, schema_));
  for (const auto& [order, entry] : journal) inquiry.names.insert(entry.client);
  TWINSTORE_TRY(const auto end, read_journal_end(storage_));
  if (end) inquiry.names.insert(end->client);
  inquiry_ = std::move(inquiry);
  return {};
}

// A push of nothing for a name that has no answer yet.
std::string Replica::next_inquiry() {
  const auto name = std::ranges::find_if(
      inquiry_->names, [&](const ClientId& client) { return !inquiry_->judged.contains(client); });
  TWINSTORE_CHECK(name != inquiry_->names.end());
  is_push_under_way_ = true;
  pushed_count_ = 0;
  pushed_first_ = {*name, 0};
  return encode(schema_, Message(PushRequest{hello(), *name, 0, 0, {}}));
}

Result<Commit> Replica::receive_judged(const PushResponse& answer) {
  if (!inquiry_) TWINSTORE_TRY_VOID(begin_inquiry(false));
  if (inquiry_->epoch != answer.epoch) inquiry_->judged.clear();
  inquiry_->epoch = answer.epoch;
  inquiry_->judged[answer.client] = answer.last_seq;
  const bool is_complete = std::ranges::all_of(
      inquiry_->names, [&](const ClientId& client) { return inquiry_->judged.contains(client); });
  if (!is_complete) return Commit{};
  Inquiry told = *std::exchange(inquiry_, std::nullopt);
  if (told.epoch == epoch_ && !told.is_forced) return Commit{};
  auto followed = transact([&](Commit& commit) { return follow(told, commit); });
  if (followed.ok()) {
    judged_ = std::move(told.judged);
  } else {
    told.judged.clear();
    inquiry_ = std::move(told);
  }
  return followed;
}

Result<void> Replica::follow(const Inquiry& told, Commit& commit) {
  epoch_ = told.epoch;
  TWINSTORE_TRY(const size_t lost, put_back_lost(told, commit));
  restored_.replayed += lost;
  TWINSTORE_TRY(const auto end, read_journal_end(storage_));
  if (end && end->seq > told.judged.at(end->client)) restored_.is_incomplete = true;
  for (ScopeState& scope : scopes_) {
    TWINSTORE_TRY_VOID(erase_staged_pages(storage_, scope.scope));
    scope = fresh_scope(scope);
    TWINSTORE_TRY_VOID(store_scope(scope));
  }
  commit.is_status_changed = true;
  return write_restored(storage_, restored_);
}

// The rows that are here contain what comes out of the journal, until they are read again.
Result<size_t> Replica::put_back_lost(const Inquiry& told, Commit& commit) {
  size_t lost = 0;
  const auto is_lost = [&](const OutboxEntry& entry) {
    return entry.is_acked && entry.mutation.seq > told.judged.at(entry.client);
  };
  const auto entries = outbox_->entries();
  for (const auto& [order, entry] : entries) {
    if (!is_lost(entry)) continue;
    OutboxEntry again = entry;
    again.is_acked = false;
    TWINSTORE_TRY_VOID(outbox_->replace(storage_, order, std::move(again)));
    ++lost;
  }
  TWINSTORE_TRY(auto journal, read_journal(storage_, schema_));
  for (auto& [order, entry] : journal) {
    if (!is_lost(entry)) continue;
    TWINSTORE_TRY_VOID(erase_journal(storage_, order));
    for (const Change& change : entry.mutation.changes) {
      const RowId id{change.collection, change.key};
      commit.touch(id.collection, id.key);
      TWINSTORE_TRY(const auto row, load_row(storage_, schema_.at(id.collection), id.key));
      TWINSTORE_TRY_VOID(keep_base(id, row));
    }
    entry.is_acked = false;
    TWINSTORE_TRY_VOID(outbox_->put_back(storage_, order, std::move(entry)));
    ++lost;
  }
  return lost;
}

}  // namespace twinstore
