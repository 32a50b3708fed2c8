// The exchange with the authority: what to send next, and what an answer does to the replica.
#include <algorithm>

#include "sync/outbox.h"
#include "sync/replica_records.h"
#include "twinstore/conflict.h"
#include "twinstore/limits.h"
#include "twinstore/replica.h"

namespace twinstore {
namespace {

auto find_scope(auto& scopes, const std::string& name) {
  return std::ranges::find(scopes, name, &ScopeState::scope);
}

// From the beginning: what the authority no longer has will be gone at the next checkpoint.
ScopeState fresh_scope(const ScopeState& expired) {
  ScopeState scope;
  scope.scope = expired.scope;
  scope.verified_at_ms = expired.verified_at_ms;
  scope.is_rereading = true;
  return scope;
}

}  // namespace

ProtocolHello Replica::hello() const {
  return {protocol_version, schema_.name(), schema_.version()};
}

Result<void> Replica::load_scopes() {
  TWINSTORE_TRY(scopes_, read_scopes(storage_));
  return {};
}

Result<void> Replica::store_scope(const ScopeState& scope) { return write_scope(storage_, scope); }

Result<Commit> Replica::subscribe(const std::string& scope) {
  if (find_scope(scopes_, scope) != scopes_.end()) return Commit{};
  if (scope.empty() || scopes_.size() >= limits::scopes_per_client_max) {
    return Error{ErrorCode::InvalidArgument, "a client subscribes to 1 to 256 named scopes"};
  }
  return transact([&](Commit& commit) -> Result<void> {
    ScopeState state;
    state.scope = scope;
    scopes_.push_back(state);
    commit.is_status_changed = true;
    return store_scope(state);
  });
}

Result<std::optional<std::string>> Replica::next_message() {
  if (!is_push_under_way_) {
    TWINSTORE_TRY(auto push, next_push());
    if (push) return push;
  }
  if (pull_under_way_) return std::optional<std::string>{};
  return next_pull();
}

void Replica::lost() {
  is_push_under_way_ = false;
  pull_under_way_.reset();
}

void Replica::mark_behind() {
  for (ScopeState& scope : scopes_) mark_scope_behind(scope);
}

// What becomes known while a page is on its way is not in that page.
void Replica::mark_scope_behind(ScopeState& scope) {
  scope.is_behind = true;
  scope.is_behind_again = pull_under_way_ && pull_under_way_->first == scope.scope;
}

std::string Replica::subscribe_message() const {
  Subscribe subscribe{hello(), clock_.client(), {}};
  for (const ScopeState& scope : scopes_) subscribe.scopes.emplace_back(scope.scope, scope.cursor);
  return encode(schema_, Message(std::move(subscribe)));
}

// The first entries without an answer, as many as fit into one push.
std::vector<int64_t> Replica::orders_to_push() const {
  std::vector<int64_t> orders;
  size_t bytes = 0;
  for (const auto& [order, entry] : outbox_->entries()) {
    if (entry.is_acked) continue;
    bytes += entry.encoded_bytes;
    const bool is_full =
        orders.size() == limits::mutations_per_push_max || bytes > limits::push_bytes_aim;
    if (is_full && !orders.empty()) break;
    orders.push_back(order);
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
        TWINSTORE_TRY_VOID(outbox_->replace(storage_, order, std::move(entry)));
      }
      return {};
    });
    if (!numbered.ok()) return numbered.error();
  }
  PushRequest push{hello(), clock_.client(), acked_seq_, {}};
  for (const int64_t order : orders) {
    const Mutation& mutation = outbox_->entries().at(order).mutation;
    push.mutations.push_back({mutation.seq, {}, mutation});
  }
  is_push_under_way_ = true;
  return std::optional(encode(schema_, Message(std::move(push))));
}

std::optional<std::string> Replica::next_pull() {
  const auto scope = std::ranges::find(scopes_, true, &ScopeState::is_behind);
  if (scope == scopes_.end()) return std::nullopt;
  const bool is_continued = scope->staged_pages > 0;
  const std::string& cursor = is_continued ? scope->staged_cursor : scope->cursor;
  pull_under_way_.emplace(scope->scope, is_continued ? scope->staged_rev : scope->rev);
  return encode(schema_, Message(PullRequest{hello(), clock_.client(), scope->scope, cursor, 0}));
}

Result<Commit> Replica::receive(std::string_view text) {
  TWINSTORE_TRY(const Message message, decode(schema_, text));
  if (const auto* error = std::get_if<ErrorMessage>(&message)) {
    lost();
    TWINSTORE_TRY(Commit commit,
                  transact([&](Commit& out) { return receive_error(error->error, out); }));
    if (commit.is_status_changed) return commit;
    return error->error;
  }
  if (const auto* behind = std::get_if<Behind>(&message)) {
    const auto scope = find_scope(scopes_, behind->scope);
    if (scope != scopes_.end()) mark_scope_behind(*scope);
    return Commit{};
  }
  if (const auto* pushed = std::get_if<PushResponse>(&message)) {
    is_push_under_way_ = false;
    return transact([&](Commit& commit) { return receive_outcomes(*pushed, commit); });
  }
  if (const auto* page = std::get_if<PullResponse>(&message)) {
    return transact([&](Commit& commit) { return receive_page(*page, text, commit); });
  }
  return Error{ErrorCode::InvalidJson, "this message is for a server"};
}

Result<void> Replica::receive_outcomes(const PushResponse& response, Commit& commit) {
  std::map<int64_t, int64_t> order_of_seq;
  for (const auto& [order, entry] : outbox_->entries()) {
    if (!entry.is_acked && entry.mutation.seq != 0) order_of_seq[entry.mutation.seq] = order;
  }
  for (const Outcome& outcome : response.outcomes) {
    const auto at = order_of_seq.find(outcome.seq);
    if (at == order_of_seq.end()) continue;  // a late repetition
    TWINSTORE_TRY_VOID(receive_outcome(outcome, at->second, commit));
  }
  commit.is_status_changed = true;
  return drop_confirmed(commit);
}

Result<void> Replica::receive_outcome(const Outcome& outcome, int64_t order, Commit& commit) {
  acked_seq_ = std::max(acked_seq_, outcome.seq);
  if (outcome.status == OutcomeStatus::Rejected) {
    TWINSTORE_TRY_VOID(keep_rejected(order, outcome));
    return drop_entry(order, false, commit);
  }
  OutboxEntry entry = outbox_->entries().at(order);
  entry.is_acked = true;
  entry.acked_rev = outcome.rev;
  if (outcome.hlc.is_set()) entry.mutation.hlc = outcome.hlc;
  return outbox_->replace(storage_, order, std::move(entry));
}

Result<void> Replica::keep_rejected(int64_t order, const Outcome& outcome) {
  ++rejected_;
  return write_rejected(storage_, schema_, outbox_->entries().at(order).mutation, outcome);
}

// Pages wait in storage until the checkpoint makes them visible together.
Result<void> Replica::receive_page(const PullResponse& page, std::string_view text,
                                   Commit& commit) {
  const auto scope = find_scope(scopes_, page.scope);
  if (scope == scopes_.end()) return {};
  if (pull_under_way_ == std::pair(page.scope, page.after)) pull_under_way_.reset();
  const Rev at = scope->staged_pages > 0 ? scope->staged_rev : scope->rev;
  if (page.after > at) {
    mark_scope_behind(*scope);  // something before it is missing
    return {};
  }
  if (page.rev < at) return {};  // what came over the live connection is newer
  if (page.is_checkpoint) return apply_checkpoint(*scope, page, commit);
  TWINSTORE_TRY_VOID(stage_page(storage_, scope->scope, scope->staged_pages, text));
  ++scope->staged_pages;
  scope->staged_cursor = page.cursor;
  scope->staged_rev = page.rev;
  scope->is_behind = true;
  return store_scope(*scope);
}

Result<void> Replica::apply_checkpoint(ScopeState& scope, const PullResponse& last,
                                       Commit& commit) {
  std::set<RowId> present;
  const auto apply = [&](const PullResponse& page) -> Result<void> {
    for (const RowChange& change : page.rows) {
      if (scope.is_rereading) {
        present.insert(
            {change.collection, schema_.at(change.collection).key_of(change.row.values)});
      }
      TWINSTORE_TRY_VOID(apply_row(change, commit));
    }
    return {};
  };
  TWINSTORE_TRY(const auto numbers, staged_page_numbers(storage_, scope.scope));
  for (const std::string& number : numbers) {
    TWINSTORE_TRY(const std::string text, read_staged_page(storage_, scope.scope, number));
    TWINSTORE_TRY(const Message staged, decode(schema_, text));
    TWINSTORE_TRY_VOID(apply(std::get<PullResponse>(staged)));
  }
  TWINSTORE_TRY_VOID(apply(last));
  if (scope.is_rereading) {
    TWINSTORE_TRY_VOID(forget_absent(scope, present, commit));
  }
  TWINSTORE_TRY_VOID(erase_staged_pages(storage_, scope.scope));
  scope.cursor = last.cursor;
  scope.rev = last.rev;
  scope.staged_cursor.clear();
  scope.staged_rev = 0;
  scope.staged_pages = 0;
  scope.is_behind = std::exchange(scope.is_behind_again, false);
  scope.is_rereading = false;
  scope.verified_at_ms = wall_clock_.now_ms();
  commit.is_status_changed = true;
  TWINSTORE_TRY_VOID(store_scope(scope));
  return drop_confirmed(commit);
}

// A tombstone arrives without the row's image; what is known here stays as its image.
Result<void> Replica::apply_row(const RowChange& change, Commit& commit) {
  const Collection& collection = schema_.at(change.collection);
  const RowId id{change.collection, collection.key_of(change.row.values)};
  clock_.observe(change.row.is_deleted() ? change.row.deleted_at : change.row.latest_stamp());
  commit.origin = Origin::Remote;
  commit.touch(id.collection, id.key);
  const bool is_dirty = outbox_->is_dirty(id);
  RowVersion row = change.row;
  if (row.is_deleted()) {
    TWINSTORE_TRY(const auto known,
                  is_dirty ? read_base(id) : load_row(storage_, collection, id.key));
    if (known && known->latest_stamp() < row.deleted_at) {
      row.values = known->values;
      row.hlc = known->hlc;
      row.stamps = known->stamps;
    }
  }
  if (!is_dirty) return storage_.save(collection, row);
  TWINSTORE_TRY_VOID(write_base(storage_, schema_, id, row));
  return replay(id);
}

// After a scope was read from the beginning: what did not come is gone at the authority.
Result<void> Replica::forget_absent(const ScopeState& scope, const std::set<RowId>& present,
                                    Commit& commit) {
  std::vector<RowId> absent;
  TWINSTORE_TRY_VOID(
      storage_.rows_of_scope(scope.scope, [&](const Collection& collection, RowVersion&& row) {
        RowId id{collection.position, collection.key_of(row.values)};
        if (!present.contains(id)) absent.push_back(std::move(id));
        return true;
      }));
  for (const RowId& id : absent) {
    commit.touch(id.collection, id.key);
    if (outbox_->is_dirty(id)) {
      TWINSTORE_TRY_VOID(write_base(storage_, schema_, id, std::nullopt));
      TWINSTORE_TRY_VOID(replay(id));
    } else {
      TWINSTORE_TRY_VOID(storage_.forget(schema_.at(id.collection), id.key));
    }
  }
  return {};
}

// The errors after which the replica knows by itself how to go on.
Result<void> Replica::receive_error(const Error& error, Commit& commit) {
  switch (error.code) {
    case ErrorCode::CursorExpired:
    case ErrorCode::BadCursor:
      for (ScopeState& scope : scopes_) {
        if (!scope.is_behind) continue;
        TWINSTORE_TRY_VOID(erase_staged_pages(storage_, scope.scope));
        scope = fresh_scope(scope);
        TWINSTORE_TRY_VOID(store_scope(scope));
      }
      commit.is_status_changed = true;
      return {};
    case ErrorCode::SequenceGap:
    case ErrorCode::IdReuse:
    case ErrorCode::ClientForked: commit.is_status_changed = true; return take_new_identity();
    default: return {};
  }
}

const ScopeState* Replica::covering(const std::string& scope) const {
  for (const ScopeState& state : scopes_) {
    if (state.scope == scope || state.scope == all_scopes) return &state;
  }
  return nullptr;
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
      const ScopeState* scope = row ? covering(collection.scope_of(row->values)) : nullptr;
      if (scope == nullptr) {
        is_absorbed = true;
      } else if (scope->rev < entry.acked_rev) {
        is_arrived = false;
      }
    }
    if (is_arrived) confirmed.emplace_back(order, is_absorbed);
  }
  for (const auto& [order, is_absorbed] : confirmed) {
    TWINSTORE_TRY_VOID(drop_entry(order, is_absorbed, commit));
  }
  return {};
}

Result<void> Replica::drop_entry(int64_t order, bool is_absorbed, Commit& commit) {
  const OutboxEntry entry = outbox_->entries().at(order);
  TWINSTORE_TRY_VOID(outbox_->remove(storage_, order));
  std::set<RowId> rows;
  for (const Change& change : entry.mutation.changes) {
    const RowId id{change.collection, change.key};
    rows.insert(id);
    if (!is_absorbed) continue;
    TWINSTORE_TRY(const auto base, read_base(id));
    auto resolution =
        resolve(schema_.at(id.collection), change, entry.mutation.hlc, base ? &*base : nullptr);
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
