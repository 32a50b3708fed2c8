// Which scopes are held here.
#include <algorithm>

#include "sync/outbox.h"
#include "sync/replica_records.h"
#include "twinstore/limits.h"
#include "twinstore/replica.h"

namespace twinstore {
namespace {}  // namespace

Result<void> Replica::load_scopes() {
  TWINSTORE_TRY(scopes_, read_scopes(storage_));
  return {};
}

Result<void> Replica::store_scope(const ScopeState& scope) { return write_scope(storage_, scope); }

bool Replica::covers(const ScopeState& state, const std::string& scope) {
  return !state.is_withdrawn && (state.scope == scope || state.scope == all_scopes);
}

bool Replica::is_covered(const std::string& scope) const {
  return std::ranges::any_of(scopes_,
                             [&](const ScopeState& state) { return covers(state, scope); });
}

Result<Commit> Replica::subscribe(const std::string& scope) {
  TWINSTORE_TRY_VOID(refresh());
  if (const auto at = find_scope(scopes_, scope); at != scopes_.end()) {
    if (!at->is_leaving && !at->is_withdrawn) return Commit{};
    return transact([&](Commit& commit) {
      if (at->is_withdrawn) *at = fresh_scope(*at);
      at->is_leaving = false;
      commit.is_status_changed = true;
      return store_scope(*at);
    });
  }
  if (scope.empty() || scopes_.size() >= limits::scopes_per_client_max) {
    return Error{ErrorCode::InvalidArgument, "a client subscribes to 1 to 256 named scopes"};
  }
  return transact([&](Commit& commit) -> Result<void> {
    TWINSTORE_TRY_VOID(end_standing_alone(commit));
    ScopeState state;
    state.scope = scope;
    scopes_.push_back(state);
    commit.is_status_changed = true;
    return store_scope(state);
  });
}

Result<Commit> Replica::unsubscribe(const std::string& scope) {
  TWINSTORE_TRY_VOID(refresh());
  const auto at = find_scope(scopes_, scope);
  if (at == scopes_.end()) return Commit{};
  return transact([&](Commit& commit) -> Result<void> {
    at->is_leaving = true;
    commit.is_status_changed = true;
    TWINSTORE_TRY_VOID(store_scope(*at));
    return finish_leaving(commit);
  });
}

// The authority gives it to this client no more. What waits to be sent in it is refused by the
// authority one by one, and so kept; then the rows leave.
Result<Commit> Replica::withdraw(const std::string& scope) {
  const auto at = find_scope(scopes_, scope);
  if (pull_under_way_ && pull_under_way_->first == scope) pull_under_way_.reset();
  if (at == scopes_.end() || at->is_withdrawn) return Commit{};
  return transact([&](Commit& commit) -> Result<void> {
    TWINSTORE_TRY_VOID(erase_staged_pages(storage_, scope));
    *at = fresh_scope(*at);
    at->is_withdrawn = true;
    at->is_behind = false;
    commit.is_status_changed = true;
    TWINSTORE_TRY_VOID(store_scope(*at));
    return drop_confirmed(commit);
  });
}

Result<void> Replica::finish_leaving(Commit& commit) {
  for (size_t i = scopes_.size(); i-- > 0;) {
    ScopeState& state = scopes_[i];
    if (!state.is_leaving && (!state.is_withdrawn || state.is_emptied)) continue;
    const std::string name = state.scope;
    TWINSTORE_TRY(const bool is_empty, empty_scope(name, commit));
    if (!is_empty) continue;
    commit.is_status_changed = true;
    if (!state.is_leaving) {
      state.is_emptied = true;
      TWINSTORE_TRY_VOID(store_scope(state));
      continue;
    }
    TWINSTORE_TRY_VOID(erase_scope(storage_, name));
    scopes_.erase(scopes_.begin() + static_cast<std::ptrdiff_t>(i));
    if (pull_under_way_ && pull_under_way_->first == name) pull_under_way_.reset();
  }
  return {};
}

// False while something of it waits to be sent. Rows that another scope covers as well stay.
Result<bool> Replica::empty_scope(const std::string& scope, Commit& commit) {
  std::vector<RowId> rows;
  bool is_waiting = false;
  TWINSTORE_TRY_VOID(
      storage_.rows_of_scope(scope, [&](const Collection& collection, RowVersion&& row) {
        RowId id{collection.position, collection.key_of(row.values)};
        is_waiting = outbox_->is_dirty(id);
        const std::string own = collection.scope_of(row.values);
        const bool stays = std::ranges::any_of(scopes_, [&](const ScopeState& other) {
          return other.scope != scope && covers(other, own);
        });
        if (!stays) rows.push_back(std::move(id));
        return !is_waiting;
      }));
  if (is_waiting) return false;
  for (const RowId& id : rows) {
    commit.touch(id.collection, id.key);
    TWINSTORE_TRY_VOID(storage_.forget(schema_.at(id.collection), id.key));
  }
  return true;
}

}  // namespace twinstore
