// The outbox: transactions that the authority has not confirmed, in the order they were made, and
// which rows they touch. It mirrors its records in memory; after a failed transaction, load again.
// Invariants: (1) a mutation that has a seq is never changed, so a repeated push is byte-equal;
// (2) seqs of one client ascend with the order; (3) an entry leaves only when its effect is in the
// base; (4) an order is never given twice.
// Thread rule: as its Storage.
#pragma once

#include <map>
#include <set>

#include "twinstore/change.h"
#include "twinstore/schema.h"
#include "twinstore/storage.h"

namespace twinstore {

// Where its records are.
inline constexpr std::string_view outbox_space = "outbox";

struct OutboxEntry {
  Mutation mutation;         // seq 0: not sent yet
  ClientId client{};         // in whose name it was numbered
  bool is_acked = false;     // the authority has it, in the epoch that is followed
  Rev acked_rev = 0;         // when it was last confirmed: contained in this rev
  std::string epoch;         // and in which epoch
  std::string arrived_in;    // its effect has come to be in the rows that were read in this epoch
  HybridTime counted;        // the time it counts as; unset: its own
  size_t encoded_bytes = 0;  // of the entry's text; kept by Outbox

  [[nodiscard]] const HybridTime& time() const { return counted.is_set() ? counted : mutation.hlc; }
};

[[nodiscard]] std::string outbox_entry_text(const Schema& schema, const OutboxEntry& entry);
// Errors: StorageCorrupt, and those of a mutation.
[[nodiscard]] Result<OutboxEntry> read_outbox_entry(const Schema& schema, std::string_view text);

class Outbox {
 public:
  explicit Outbox(const Schema& schema) : schema_(schema) {}

  // No order below `next_order` is given.
  [[nodiscard]] Result<void> load(Storage& storage, int64_t next_order);
  [[nodiscard]] int64_t next_order() const { return next_order_; }
  [[nodiscard]] const std::map<int64_t, OutboxEntry>& entries() const { return entries_; }
  // Entries that touch the row, ascending; null when it is clean.
  [[nodiscard]] const std::set<int64_t>* touching(const RowId& row) const;
  [[nodiscard]] bool is_dirty(const RowId& row) const { return touching(row) != nullptr; }
  [[nodiscard]] size_t unacked_count() const;
  // When the first of them was made; 0: there is none.
  [[nodiscard]] int64_t unacked_since_ms() const;

  // Each requires a transaction.
  [[nodiscard]] Result<void> add(Storage& storage, Mutation mutation);
  // Makes one entry of the last one and `mutation` when both change the same one row, neither is
  // sent, and the order of other writes is kept. False when they stay apart.
  [[nodiscard]] Result<bool> join_last(Storage& storage, const Mutation& mutation);
  [[nodiscard]] Result<void> replace(Storage& storage, int64_t order, OutboxEntry entry);
  // One that had left, in its old place.
  [[nodiscard]] Result<void> put_back(Storage& storage, int64_t order, OutboxEntry entry);
  [[nodiscard]] Result<void> remove(Storage& storage, int64_t order);

 private:
  void index(int64_t order, const Mutation& mutation);
  [[nodiscard]] Result<void> store(Storage& storage, int64_t order, OutboxEntry& entry);

  const Schema& schema_;
  std::map<int64_t, OutboxEntry> entries_;
  std::map<RowId, std::set<int64_t>> rows_;
  int64_t next_order_ = 1;
};

}  // namespace twinstore
