// Receiving: pages, checkpoints, and what the authority's rows make of the pending ones.
#include <algorithm>
#include <set>

#include "base/planted.h"
#include "schema/field_value.h"
#include "sync/digest.h"
#include "sync/outbox.h"
#include "sync/replica_records.h"
#include "twinstore/replica.h"

namespace twinstore {
namespace {

// Up to where the reading that is under way has come.
Rev reached(const ScopeState& scope) {
  return scope.staged_pages > 0 || scope.is_rereading ? scope.staged_rev : scope.rev;
}

// Two rows with the same hash only cost a look into the storage.
uint64_t key_hash(uint16_t collection, const Key& key) {
  return std::hash<std::string>{}(std::to_string(collection) + key_text(key));
}

}  // namespace

std::optional<std::string> Replica::next_pull() {
  const auto scope = std::ranges::find(scopes_, true, &ScopeState::is_behind);
  if (scope == scopes_.end()) return std::nullopt;
  const bool is_continued = scope->staged_pages > 0;
  const std::string& cursor = is_continued ? scope->staged_cursor : scope->cursor;
  pull_under_way_.emplace(scope->scope, reached(*scope));
  return encode(schema_, Message(PullRequest{hello(), clock_.client(), scope->scope, cursor, 0}));
}

// Pages wait in storage until the checkpoint makes them visible together.
Result<void> Replica::receive_page(const PullResponse& page, std::string_view text,
                                   Commit& commit) {
  const auto scope = find_scope(scopes_, page.scope);
  if (scope == scopes_.end() || scope->is_withdrawn) return {};
  if (pull_under_way_ == std::pair(page.scope, page.after)) pull_under_way_.reset();
  if (epoch_.empty()) epoch_ = page.epoch;
  const Rev at = reached(*scope);
  if (page.after > at) {
    mark_scope_behind(*scope);  // something before it is missing
    return {};
  }
  if (page.rev < at) return {};  // what came over the live connection is newer
  // A row that has moved on since is not in the pages that wait: an older state has no end here.
  if (page.head < scope->staged_head && !TWINSTORE_PLANTED(late_checkpoint)) return {};
  if (page.is_checkpoint || TWINSTORE_PLANTED(page_before_checkpoint))
    return apply_checkpoint(*scope, page, commit);
  TWINSTORE_TRY_VOID(stage_page(storage_, scope->scope, scope->staged_pages, text));
  ++scope->staged_pages;
  scope->staged_cursor = page.cursor;
  scope->staged_rev = page.rev;
  scope->staged_head = page.head;
  scope->is_behind = true;
  return store_scope(*scope);
}

Result<void> Replica::apply_checkpoint(ScopeState& scope, const PullResponse& last,
                                       Commit& commit) {
  std::set<RowId> present;
  std::set<uint64_t> read;
  const bool is_first = scope.rev == 0 && !scope.is_rereading && scopes_.size() == 1;
  const ScopeState before = scope;
  const bool is_restored = scope.is_rereading && !scope.epoch.empty() && scope.epoch != last.epoch;
  // Numbers that were not given here are those of a copy of this device.
  const bool is_own = last.progress && last.progress->client == clock_.client() &&
                      last.progress->last_seq < next_seq_;
  if (scope.epoch != last.epoch) scope.last_seq = 0;
  if (is_own) scope.last_seq = last.progress->last_seq;
  scope.epoch = last.epoch;
  scope.rev = last.rev;
  scope.cursor = last.cursor;
  if (scope.is_rereading) scope.digest = 0;
  const auto apply = [&](const PullResponse& page) -> Result<void> {
    for (const RowChange& change : page.rows) {
      const Key key = schema_.at(change.collection).key_of(change.row.values);
      // On the first reading only a row that moved between two pages is here already.
      const bool is_known = !is_first || !read.insert(key_hash(change.collection, key)).second;
      const bool is_counted =
          !scope.is_rereading || !present.insert({change.collection, key}).second;
      TWINSTORE_TRY_VOID(
          apply_row(change, is_known, is_counted, is_restored, scope.digest, commit));
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
    TWINSTORE_TRY_VOID(forget_absent(scope, present, is_restored, commit));
  }
  TWINSTORE_TRY_VOID(erase_staged_pages(storage_, scope.scope));
  scope.staged_cursor.clear();
  scope.staged_rev = 0;
  scope.staged_head = 0;
  scope.staged_pages = 0;
  scope.is_behind = std::exchange(scope.is_behind_again, false);
  const bool was_reread = std::exchange(scope.is_rereading, false);
  scope.verified_at_ms = wall_clock_.now_ms();
  commit.is_status_changed = true;
  TWINSTORE_TRY_VOID(compare_digest(scope, last, was_reread));
  TWINSTORE_TRY_VOID(store_scope(scope));
  TWINSTORE_TRY_VOID(replay_contained(before, scope, commit));
  return drop_confirmed(commit);
}

// Whose effect came with the page, or was none, is not replayed on top of it any more.
Result<void> Replica::replay_contained(const ScopeState& before, const ScopeState& now,
                                       Commit& commit) {
  std::set<RowId> rows;
  for (const auto& [order, entry] : outbox_->entries()) {
    if (holds(before, entry) == holds(now, entry)) continue;
    for (const Change& change : entry.mutation.changes) {
      rows.insert({change.collection, change.key});
    }
  }
  for (const RowId& id : rows) {
    commit.touch(id.collection, id.key);
    TWINSTORE_TRY_VOID(replay(id));
  }
  return {};
}

// A scope that is not what the authority has is read again; if that does not help, the authority's
// own count is wrong, and it is taken over, so that nobody reads for ever. Scopes that share rows
// cannot be told apart here.
Result<void> Replica::compare_digest(ScopeState& scope, const PullResponse& page, bool was_reread) {
  const bool is_shared = std::ranges::any_of(scopes_, [&](const ScopeState& other) {
    return other.scope != scope.scope && !other.is_emptied &&
           (other.scope == all_scopes || scope.scope == all_scopes);
  });
  if (is_shared || scope.is_partial || !page.digest ||
      page.digest->schema_version != schema_.version())
    return {};
  if (page.digest->sum == scope.digest) return {};
  ++mismatches_;
  if (was_reread) {
    scope.digest = page.digest->sum;
  } else {
    scope = fresh_scope(scope);
  }
  return write_mismatches(storage_, mismatches_);
}

// A tombstone arrives without the row's image; what is known here stays as its image.
Result<void> Replica::apply_row(const RowChange& change, bool is_known, bool is_counted,
                                bool is_restored, Digest& digest, Commit& commit) {
  const Collection& collection = schema_.at(change.collection);
  const RowId id{change.collection, collection.key_of(change.row.values)};
  clock_.observe(change.row.is_deleted() ? change.row.deleted_at : change.row.latest_stamp());
  commit.origin = Origin::Remote;
  commit.touch(id.collection, id.key);
  const bool is_dirty = outbox_->is_dirty(id);
  RowVersion row = change.row;
  std::optional<RowVersion> known;
  if (is_dirty) {
    TWINSTORE_TRY(known, read_base(id));
  } else if (is_known) {
    TWINSTORE_TRY(known, load_row(storage_, collection, id.key));
  }
  // A row of rev 0 is of this device's own making: no page has counted it.
  const bool was_counted = is_counted && known && known->rev != 0;
  digest += digest_change(collection, was_counted ? &*known : nullptr, &row);
  TWINSTORE_TRY_VOID(compare_restored(id, known ? &*known : nullptr, &row, is_restored));
  if (row.is_deleted()) {
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
                                    bool is_restored, Commit& commit) {
  std::vector<std::pair<RowId, RowVersion>> absent;
  TWINSTORE_TRY_VOID(
      storage_.rows_of_scope(scope.scope, [&](const Collection& collection, RowVersion&& row) {
        RowId id{collection.position, collection.key_of(row.values)};
        if (!present.contains(id)) absent.emplace_back(std::move(id), std::move(row));
        return true;
      }));
  for (const auto& [id, view] : absent) {
    commit.touch(id.collection, id.key);
    std::optional<RowVersion> known = view;
    const bool is_dirty = outbox_->is_dirty(id);
    if (is_dirty) {
      TWINSTORE_TRY(known, read_base(id));
    }
    TWINSTORE_TRY_VOID(compare_restored(id, known ? &*known : nullptr, nullptr, is_restored));
    if (is_dirty) {
      TWINSTORE_TRY_VOID(write_base(storage_, schema_, id, std::nullopt));
      TWINSTORE_TRY_VOID(replay(id));
    } else {
      TWINSTORE_TRY_VOID(storage_.forget(schema_.at(id.collection), id.key));
    }
  }
  return {};
}

}  // namespace twinstore
