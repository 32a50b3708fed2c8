// Making room on a device that is short of it: rows that others keep leave, and can come back.
#include <algorithm>

#include "schema/field_value.h"
#include "sync/conflict_rows.h"
#include "sync/outbox.h"
#include "sync/replica_records.h"
#include "twinstore/replica.h"

namespace twinstore {
namespace {

// The rows that somebody has yet to decide about: collection and key.
Result<std::set<std::string>> disputed_rows(const Schema& schema, Storage& storage) {
  std::set<std::string> rows;
  Selection open;
  open.equal = {{conflict_field::status, std::string("open")}};
  TWINSTORE_TRY_VOID(
      storage.select(conflicts_of(schema), open, [&](const Collection&, const RowVersion& row) {
        rows.insert(conflict_text(row, conflict_field::collection) +
                    conflict_text(row, conflict_field::row_key));
        return true;
      }));
  return rows;
}

}  // namespace

// Over all collections, the oldest first.
Result<std::vector<RowId>> Replica::oldest_rows(size_t rows_max) {
  TWINSTORE_TRY(const auto disputed, disputed_rows(schema_, storage_));
  std::vector<std::pair<Value, RowId>> found;
  for (const Collection& collection : schema_.collections()) {
    if (!collection.evict_by) continue;
    size_t taken = 0;
    Selection oldest;
    oldest.order = {*collection.evict_by};
    TWINSTORE_TRY_VOID(
        storage_.select(collection, oldest, [&](const Collection&, const RowVersion& row) {
          const RowId id{collection.position, collection.key_of(row.values)};
          const bool stays = row.rev == 0 || outbox_->is_dirty(id) ||
                             disputed.contains(collection.name + key_text(id.key));
          if (stays) return true;
          found.emplace_back(row.values[*collection.evict_by], id);
          return ++taken < rows_max;
        }));
  }
  std::ranges::sort(found);
  std::vector<RowId> rows;
  for (auto& [time, id] : found) {
    if (rows.size() < rows_max) rows.push_back(std::move(id));
  }
  return rows;
}

Result<void> Replica::mark_partial(const std::set<std::string>& names, Commit& commit) {
  for (ScopeState& scope : scopes_) {
    const bool has_lost =
        std::ranges::any_of(names, [&](const std::string& name) { return covers(scope, name); });
    if (!has_lost || scope.is_partial) continue;
    scope.is_partial = true;
    commit.is_status_changed = true;
    TWINSTORE_TRY_VOID(store_scope(scope));
  }
  return {};
}

Result<Eviction> Replica::evict(size_t rows_max) {
  Eviction eviction;
  if (rows_max == 0) return eviction;
  TWINSTORE_TRY(eviction.commit, transact([&](Commit& commit) -> Result<void> {
                  TWINSTORE_TRY(const auto rows, oldest_rows(rows_max));
                  eviction.rows = rows.size();
                  std::set<std::string> names;
                  for (const RowId& id : rows) {
                    const Collection& collection = schema_.at(id.collection);
                    TWINSTORE_TRY(const auto row, load_row(storage_, collection, id.key));
                    if (row) names.insert(collection.scope_of(row->values));
                    commit.touch(id.collection, id.key);
                    TWINSTORE_TRY_VOID(storage_.forget(collection, id.key));
                  }
                  return mark_partial(names, commit);
                }));
  return eviction;
}

Result<Commit> Replica::refill() {
  return transact([&](Commit& commit) -> Result<void> {
    for (ScopeState& scope : scopes_) {
      if (!scope.is_partial) continue;
      TWINSTORE_TRY_VOID(erase_staged_pages(storage_, scope.scope));
      scope = fresh_scope(scope);
      commit.is_status_changed = true;
      TWINSTORE_TRY_VOID(store_scope(scope));
    }
    return {};
  });
}

}  // namespace twinstore
