// Sending what waits: numbers, answers, and when an entry has done its work.
#include <algorithm>

#include "base/planted.h"
#include "sync/outbox.h"
#include "sync/replica_records.h"
#include "twinstore/conflict.h"
#include "twinstore/limits.h"
#include "twinstore/rejected_write.h"
#include "twinstore/replica.h"

namespace twinstore {

// The first entries without an answer, as many as fit into one push: of one name, without a gap.
std::vector<int64_t> Replica::orders_to_push() const {
  std::vector<int64_t> orders;
  size_t bytes = 0;
  ClientId name{};
  int64_t expected = 0;
  int64_t unsent = next_seq_;
  for (const auto& [order, entry] : outbox_->entries()) {
    if (entry.is_acked) continue;
    const bool is_unsent = entry.mutation.seq == 0;
    const int64_t seq = is_unsent ? unsent++ : entry.mutation.seq;
    const ClientId& client = is_unsent ? clock_.client() : entry.client;
    bytes += entry.encoded_bytes;
    const bool is_full = orders.size() == push_max_ || bytes > limits::push_bytes_aim;
    if (!orders.empty() && (is_full || client != name || seq != expected)) break;
    orders.push_back(order);
    name = client;
    expected = seq + 1;
  }
  return orders;
}

// Numbers what is sent for the first time, durably: after that it never changes.
Result<std::optional<std::string>> Replica::next_push() {
  const std::vector<int64_t> orders = orders_to_push();
  if (orders.empty()) return std::optional<std::string>{};
  const bool has_unsent = outbox_->entries().at(orders.back()).mutation.seq == 0;
  if (has_unsent) {
    const auto numbered = transact([&](Commit&) -> Result<void> {
      for (const int64_t order : orders) {
        OutboxEntry entry = outbox_->entries().at(order);
        if (entry.mutation.seq != 0) continue;
        entry.mutation.seq = next_seq_++;
        entry.client = clock_.client();
        TWINSTORE_TRY_VOID(outbox_->replace(storage_, order, std::move(entry)));
      }
      if (TWINSTORE_PLANTED(seq_not_durable)) {
        storage_.rollback();
        return storage_.begin();
      }
      return {};
    });
    if (!numbered.ok()) return numbered.error();
  }
  const OutboxEntry& first = outbox_->entries().at(orders.front());
  const OutboxEntry& last = outbox_->entries().at(orders.back());
  // Under an earlier name only what was confirmed once is sent.
  const bool is_own = first.client == clock_.client();
  PushRequest push{
      hello(), first.client, is_own ? acked_seq_ : last.mutation.seq, first.mutation.seq - 1, {}};
  const auto judged = judged_.find(first.client);
  if (judged != judged_.end()) push.after = std::min(push.after, judged->second);
  for (const int64_t order : orders) {
    const Mutation& mutation = outbox_->entries().at(order).mutation;
    push.mutations.push_back({mutation.seq, {}, mutation});
  }
  is_push_under_way_ = true;
  pushed_count_ = orders.size();
  pushed_first_ = {first.client, first.mutation.seq};
  return std::optional(encode(schema_, Message(std::move(push))));
}

Result<void> Replica::receive_outcomes(const PushResponse& response, Commit& commit) {
  push_max_ = std::min(push_max_ * 2, limits::mutations_per_push_max);
  is_push_suspect_ = false;
  if (epoch_.empty()) epoch_ = response.epoch;
  int64_t& judged = judged_[response.client];
  judged = std::max(judged, response.last_seq);
  std::map<int64_t, int64_t> order_of_seq;
  for (const auto& [order, entry] : outbox_->entries()) {
    const bool is_asked = !entry.is_acked && entry.client == response.client;
    if (is_asked && entry.mutation.seq != 0) order_of_seq[entry.mutation.seq] = order;
  }
  for (const Outcome& outcome : response.outcomes) {
    const auto at = order_of_seq.find(outcome.seq);
    if (at == order_of_seq.end()) continue;  // a late repetition
    TWINSTORE_TRY_VOID(receive_outcome(outcome, response, at->second, commit));
  }
  commit.is_status_changed = true;
  if (TWINSTORE_PLANTED(edit_during_push_marked)) {
    const auto entries = outbox_->entries();
    for (const auto& [order, entry] : entries) {
      if (entry.mutation.seq == 0) TWINSTORE_TRY_VOID(drop_entry(int64_t{order}, false, commit));
    }
  }
  return drop_confirmed(commit);
}

Result<void> Replica::receive_outcome(const Outcome& outcome, const PushResponse& response,
                                      int64_t order, Commit& commit) {
  if (response.client == clock_.client()) acked_seq_ = std::max(acked_seq_, outcome.seq);
  if (outcome.status == OutcomeStatus::Rejected) {
    TWINSTORE_TRY_VOID(keep_rejected(order, outcome, commit));
    return drop_entry(order, false, commit);
  }
  OutboxEntry entry = outbox_->entries().at(order);
  entry.is_acked = true;
  entry.acked_rev = outcome.rev;
  entry.epoch = response.epoch;
  entry.counted = outcome.hlc;
  return outbox_->replace(storage_, order, std::move(entry));
}

Result<void> Replica::keep_rejected(int64_t order, const Outcome& outcome, Commit& commit) {
  const Collection& collection = rejected_writes_of(schema_);
  const auto authoritys = [&](const RowId& id) { return read_base(id); };
  TWINSTORE_TRY(const RowVersion row, rejected_write(schema_, outbox_->entries().at(order).mutation,
                                                     outcome, wall_clock_.now_ms(), authoritys));
  ++rejected_;
  commit.touch(collection.position, collection.key_of(row.values));
  return storage_.save(collection, row);
}

// What the authority will never judge: it takes the push of this mutation alone for none, or has
// judged one of this number so long ago that it cannot tell whether it was this one. It is kept for
// the user to look at: neither lost nor done twice.
Result<void> Replica::set_aside_refused(const Error& error, Commit& commit) {
  const auto order = refused_order();
  if (!order) return {};
  Outcome outcome;
  outcome.seq = outbox_->entries().at(*order).mutation.seq;
  outcome.status = OutcomeStatus::Rejected;
  outcome.code = error.code;
  outcome.message = error.message;
  TWINSTORE_TRY_VOID(keep_rejected(*order, outcome, commit));
  return drop_entry(*order, false, commit);
}

// An error that refuses a push is about its first mutation; nothing when that was answered since.
std::optional<int64_t> Replica::refused_order() const {
  for (const auto& [order, entry] : outbox_->entries()) {
    if (entry.is_acked) continue;
    const bool is_it = std::pair(entry.client, entry.mutation.seq) == pushed_first_;
    return is_it && entry.mutation.seq != 0 ? std::optional(order) : std::nullopt;
  }
  return std::nullopt;
}

// The rows that were read in the scope hold what the entry did.
bool Replica::holds(const ScopeState& scope, const OutboxEntry& entry) const {
  const bool has_arrived = !entry.arrived_in.empty();
  if (has_arrived && (scope.epoch.empty() || scope.epoch == entry.arrived_in)) return true;
  const int64_t seq = entry.mutation.seq;
  if (entry.client == clock_.client() && seq != 0 && seq <= scope.last_seq) return true;
  if (!entry.is_acked) return false;
  // Confirmed before the epoch began, and kept: it was there from the first.
  return entry.epoch == scope.epoch ? entry.acked_rev <= scope.rev : scope.epoch == epoch_;
}

bool Replica::is_contained(const OutboxEntry& entry, const std::string& scope) const {
  if (!is_covered(scope)) return !entry.arrived_in.empty();
  return std::ranges::any_of(scopes_, [&](const ScopeState& state) {
    return covers(state, scope) && holds(state, entry);
  });
}

// And no page that is on its way is from before it.
bool Replica::is_settled(const OutboxEntry& entry, const std::string& scope) const {
  return std::ranges::any_of(scopes_, [&](const ScopeState& state) {
    return covers(state, scope) && state.epoch == epoch_ && holds(state, entry);
  });
}

// An acknowledged entry leaves once the rows that contain it have arrived; in a scope that is not
// subscribed nothing will arrive, and its own effect becomes the base.
Result<void> Replica::drop_confirmed(Commit& commit) {
  std::vector<std::pair<int64_t, bool>> confirmed;
  for (const auto& [order, entry] : outbox_->entries()) {
    if (!entry.is_acked) continue;
    bool is_arrived = true;
    bool is_absorbed = false;
    for (const Change& change : entry.mutation.changes) {
      const Collection& collection = schema_.at(change.collection);
      TWINSTORE_TRY(const auto row, load_row(storage_, collection, change.key));
      const std::string scope = row ? collection.scope_of(row->values) : std::string();
      if (!row || !is_covered(scope)) {
        is_absorbed = true;
      } else if (!is_settled(entry, scope)) {
        is_arrived = false;
      }
    }
    if (is_arrived) confirmed.emplace_back(order, is_absorbed);
  }
  for (const auto& [order, is_absorbed] : confirmed) {
    TWINSTORE_TRY_VOID(drop_entry(order, is_absorbed, commit));
  }
  return finish_leaving(commit);
}

Result<void> Replica::drop_entry(int64_t order, bool is_absorbed, Commit& commit) {
  const OutboxEntry entry = outbox_->entries().at(order);
  TWINSTORE_TRY_VOID(outbox_->remove(storage_, order));
  if (entry.is_acked) {
    OutboxEntry confirmed = entry;
    confirmed.arrived_in = epoch_;
    TWINSTORE_TRY_VOID(write_journal(storage_, schema_, order, confirmed));
  }
  std::set<RowId> rows;
  for (const Change& change : entry.mutation.changes) {
    const RowId id{change.collection, change.key};
    rows.insert(id);
    if (!is_absorbed || !entry.arrived_in.empty()) continue;
    TWINSTORE_TRY(const auto view, load_row(storage_, schema_.at(id.collection), id.key));
    // Of a transaction in several scopes, only what does not arrive is taken from here.
    if (view && !TWINSTORE_PLANTED(absorbs_held_rows) &&
        is_covered(schema_.at(id.collection).scope_of(view->values)))
      continue;
    TWINSTORE_TRY(const auto base, read_base(id));
    auto resolution =
        resolve(schema_.at(id.collection), change, entry.time(), base ? &*base : nullptr);
    if (resolution.ok() && resolution.value().row) {
      TWINSTORE_TRY_VOID(write_base(storage_, schema_, id, resolution.value().row));
    }
  }
  for (const RowId& id : rows) {
    commit.touch(id.collection, id.key);
    TWINSTORE_TRY_VOID(replay(id));
  }
  return {};
}

}  // namespace twinstore
