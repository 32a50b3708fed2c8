// The outbox: transactions that the authority has not confirmed, in the order they were made, and
// which rows they touch. It mirrors its records in memory; after a failed transaction, load again.
// Invariants: (1) an entry that has a seq is never changed, so a repeated push is byte-equal;
// (2) seqs ascend with the order; (3) an entry leaves only when its effect is in the base.
// Thread rule: as its Storage.
#pragma once

#include <map>
#include <set>

#include "twinstore/change.h"
#include "twinstore/schema.h"
#include "twinstore/storage.h"

namespace twinstore {

struct OutboxEntry {
  Mutation mutation;  // seq 0: not sent yet
  Rev acked_rev = 0;  // the authority confirmed it in this rev; 0: not yet
  std::string epoch;  // of the authority that confirmed it
  bool is_acked = false;
  size_t encoded_bytes = 0;  // of the mutation's text; kept by Outbox
};

[[nodiscard]] std::string outbox_entry_text(const Schema& schema, const OutboxEntry& entry);
// Errors: StorageCorrupt, and those of a mutation.
[[nodiscard]] Result<OutboxEntry> read_outbox_entry(const Schema& schema, std::string_view text);

class Outbox {
 public:
  explicit Outbox(const Schema& schema) : schema_(schema) {}

  [[nodiscard]] Result<void> load(Storage& storage);
  [[nodiscard]] const std::map<int64_t, OutboxEntry>& entries() const { return entries_; }
  // Entries that touch the row, ascending; null when it is clean.
  [[nodiscard]] const std::set<int64_t>* touching(const RowId& row) const;
  [[nodiscard]] bool is_dirty(const RowId& row) const { return touching(row) != nullptr; }
  [[nodiscard]] size_t unacked_count() const;

  // Each requires a transaction.
  [[nodiscard]] Result<void> add(Storage& storage, Mutation mutation);
  // Makes one entry of the last one and `mutation` when both change the same one row, neither is
  // sent, and the order of other writes is kept. False when they stay apart.
  [[nodiscard]] Result<bool> join_last(Storage& storage, const Mutation& mutation);
  [[nodiscard]] Result<void> replace(Storage& storage, int64_t order, OutboxEntry entry);
  [[nodiscard]] Result<void> remove(Storage& storage, int64_t order);

 private:
  void index(int64_t order, const Mutation& mutation);
  [[nodiscard]] Result<void> store(Storage& storage, int64_t order, OutboxEntry& entry);

  const Schema& schema_;
  std::map<int64_t, OutboxEntry> entries_;
  std::map<RowId, std::set<int64_t>> rows_;
};

}  // namespace twinstore
