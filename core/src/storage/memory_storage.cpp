#include "twinstore/memory_storage.h"

#include <algorithm>

namespace twinstore {

Result<void> MemoryStorage::begin() {
  TWINSTORE_CHECK(!before_);
  before_ = content_;
  return {};
}

Result<void> MemoryStorage::commit() {
  TWINSTORE_CHECK(before_.has_value());
  before_.reset();
  return {};
}

void MemoryStorage::rollback() {
  if (!before_) return;
  content_ = *std::move(before_);
  before_.reset();
}

Result<std::vector<std::optional<RowVersion>>> MemoryStorage::load(const Collection& collection,
                                                                   std::span<const Key> keys) {
  std::vector<std::optional<RowVersion>> rows;
  for (const Key& key : keys) {
    const auto at = content_.rows.find({collection.position, key});
    rows.push_back(at == content_.rows.end() ? std::nullopt : std::optional(at->second));
  }
  return rows;
}

Result<void> MemoryStorage::save(const Collection& collection, const RowVersion& row) {
  content_.rows.insert_or_assign({collection.position, collection.key_of(row.values)}, row);
  return {};
}

Result<void> MemoryStorage::forget(const Collection& collection, const Key& key) {
  content_.rows.erase({collection.position, key});
  return {};
}

bool MemoryStorage::is_in(std::string_view scope, const Entry& entry) const {
  const auto& [id, row] = entry;
  return scope == all_scopes || schema_.at(id.collection).scope_of(row.values) == scope;
}

void MemoryStorage::give(std::vector<const Entry*> entries, const TakeChange& take) const {
  for (const Entry* entry : entries) {
    if (!take(schema_.at(entry->first.collection), RowVersion(entry->second))) return;
  }
}

void MemoryStorage::give_in_rev_order(std::vector<const Entry*> entries,
                                      const TakeChange& take) const {
  std::ranges::sort(entries, {}, [](const Entry* entry) { return entry->second.rev; });
  give(std::move(entries), take);
}

Result<void> MemoryStorage::changes(std::string_view scope, Rev after, const TakeChange& take) {
  std::vector<const Entry*> entries;
  for (const Entry& entry : content_.rows) {
    if (entry.second.rev > after && is_in(scope, entry)) entries.push_back(&entry);
  }
  give_in_rev_order(std::move(entries), take);
  return {};
}

Result<void> MemoryStorage::rows_of_scope(std::string_view scope, const TakeChange& take) {
  std::vector<const Entry*> entries;
  for (const Entry& entry : content_.rows) {
    const bool is_local = schema_.at(entry.first.collection).is_local;
    if (!is_local && is_in(scope, entry)) entries.push_back(&entry);
  }
  std::ranges::stable_partition(entries,
                                [](const Entry* entry) { return !entry->second.is_deleted(); });
  give(std::move(entries), take);
  return {};
}

std::vector<const MemoryStorage::Entry*> MemoryStorage::selected(const Collection& collection,
                                                                 const Selection& selection) const {
  const auto order = order_of(selection, collection.key_count);
  const auto place = [&](const Entry* entry) {
    std::vector<Value> values;
    for (const uint16_t field : order) values.push_back(entry->second.values[field]);
    return values;
  };
  const auto is_before = [&](const std::vector<Value>& left, const std::vector<Value>& right) {
    return selection.is_descending ? right < left : left < right;
  };
  std::vector<const Entry*> entries;
  for (const Entry& entry : content_.rows) {
    const auto& [id, row] = entry;
    if (id.collection != collection.position || row.is_deleted()) continue;
    const bool is_taken =
        std::ranges::all_of(
            selection.equal,
            [&](const auto& item) { return row.values[item.first] == item.second; }) &&
        std::ranges::all_of(selection.bounds,
                            [&](const Selection::Bound& bound) {
                              const Value& value = row.values[bound.field];
                              const bool is_below = value < bound.value;
                              return !is_null(value) &&
                                     is_below == (bound.side == Selection::Side::Below);
                            }) &&
        std::ranges::none_of(order, [&](uint16_t field) { return is_null(row.values[field]); }) &&
        (selection.after.empty() || is_before(selection.after, place(&entry)));
    if (is_taken) entries.push_back(&entry);
  }
  std::ranges::sort(entries, is_before, place);
  return entries;
}

Result<void> MemoryStorage::select(const Collection& collection, const Selection& selection,
                                   const TakeChange& take) {
  size_t given = 0;
  for (const Entry* entry : selected(collection, selection)) {
    RowVersion row = entry->second;
    for (const uint16_t field : selection.left_out) row.values[field] = {};
    if (!take(collection, std::move(row)) || ++given == selection.rows_max) break;
  }
  return {};
}

Result<int64_t> MemoryStorage::count(const Collection& collection, const Selection& selection) {
  return static_cast<int64_t>(selected(collection, selection).size());
}

Result<void> MemoryStorage::tombstones(const HybridTime& before, const TakeChange& take) {
  std::vector<const Entry*> entries;
  for (const Entry& entry : content_.rows) {
    const RowVersion& row = entry.second;
    if (row.is_deleted() && row.deleted_at < before) entries.push_back(&entry);
  }
  give_in_rev_order(std::move(entries), take);
  return {};
}

Result<std::optional<std::string>> MemoryStorage::get(std::string_view space,
                                                      std::string_view key) {
  const auto at = content_.records.find({std::string(space), std::string(key)});
  if (at == content_.records.end()) return std::optional<std::string>{};
  return std::optional(at->second);
}

Result<void> MemoryStorage::put(std::string_view space, std::string_view key,
                                std::string_view value) {
  content_.records.insert_or_assign({std::string(space), std::string(key)}, std::string(value));
  return {};
}

Result<void> MemoryStorage::erase(std::string_view space, std::string_view key) {
  content_.records.erase({std::string(space), std::string(key)});
  return {};
}

Result<void> MemoryStorage::scan(std::string_view space, std::string_view first,
                                 std::string_view last, const TakeRecord& take) {
  auto at = content_.records.lower_bound({std::string(space), std::string(first)});
  for (; at != content_.records.end() && at->first.space == space; ++at) {
    if (!last.empty() && at->first.key >= last) break;
    if (!take(at->first.key, at->second)) break;
  }
  return {};
}

Result<std::vector<std::string>> MemoryStorage::spaces() {
  std::vector<std::string> names;
  for (const auto& [id, value] : content_.records) {
    if (names.empty() || names.back() != id.space) names.push_back(id.space);
  }
  return names;
}

}  // namespace twinstore
