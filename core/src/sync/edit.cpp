#include "twinstore/edit.h"

#include <algorithm>
#include <map>

#include "schema/field_value.h"

namespace twinstore {
namespace {

bool is_increment(const Edit& edit, uint16_t field) {
  return std::ranges::find(edit.increments, field) != edit.increments.end();
}

// The delta that an edit of a counter stands for.
Value counter_delta(const Edit& edit, uint16_t field, const Value& value, const Value& current) {
  if (is_increment(edit, field)) return value;
  const int64_t* now = std::get_if<int64_t>(&current);
  return std::get<int64_t>(value) - (now == nullptr ? 0 : *now);
}

Change start_change(const Edit& edit, ChangeKind kind, const RowVersion* stored) {
  Change change;
  change.collection = edit.collection;
  change.key = edit.key;
  change.kind = kind;
  if (stored == nullptr) return change;
  change.base_rev = stored->rev;
  change.seen = stored->is_deleted() ? stored->deleted_at : stored->latest_stamp();
  return change;
}

std::optional<Change> insert_change(const Collection& collection, const Edit& edit,
                                    const RowVersion* tombstone) {
  Change change = start_change(edit, ChangeKind::Insert, tombstone);
  change.fields.reserve(edit.fields.size());
  for (const auto& [field, value] : edit.fields) {
    const bool is_counter = collection.fields[field].type == FieldType::Counter;
    Value after = is_counter ? counter_delta(edit, field, value, {}) : value;
    const Value& before = collection.fields[field].default_value;
    change.fields.push_back({field, before, std::move(after), change.seen});
  }
  std::ranges::sort(change.fields, {}, &FieldChange::field);
  return change;
}

// The fields that really change, and with each the rest of its group.
std::optional<Change> update_change(const Collection& collection, const Edit& edit,
                                    const RowVersion& stored) {
  Change change = start_change(edit, ChangeKind::Update, &stored);
  std::map<uint16_t, FieldChange> fields;
  for (const auto& [field, value] : edit.fields) {
    const Value& current = stored.values[field];
    const bool is_counter = collection.fields[field].type == FieldType::Counter;
    const Value after = is_counter ? counter_delta(edit, field, value, current) : value;
    if (is_counter ? after == Value(int64_t{0}) : after == current) continue;
    for (const uint16_t member : collection.group_of(field)) {
      const Value& kept = stored.values[member];
      fields.try_emplace(member, FieldChange{member, kept, kept, stored.stamp(member)});
    }
    fields[field].after = after;
  }
  if (fields.empty()) return std::nullopt;
  for (auto& [position, field] : fields) change.fields.push_back(std::move(field));
  return change;
}

// What is deleted goes along where a policy compares values: an edit that the writer had not seen
// is then noticed, and both sides are there to decide between.
Change delete_change(const Collection& collection, const Edit& edit, const RowVersion& stored) {
  Change change = start_change(edit, ChangeKind::Delete, &stored);
  if (collection.policy == Policy::LatestWins) return change;
  for (size_t i = collection.key_count; i < collection.fields.size(); ++i) {
    const auto field = static_cast<uint16_t>(i);
    const Value nothing = type_default(collection.fields[i].type);
    change.fields.push_back({field, stored.values[i], nothing, stored.stamp(field)});
  }
  return change;
}

}  // namespace

Result<std::optional<Change>> make_change(const Collection& collection, const Edit& edit,
                                          const RowVersion* stored) {
  const bool is_live = stored != nullptr && !stored->is_deleted();
  switch (edit.kind) {
    case EditKind::Insert:
      if (is_live) {
        return Error{ErrorCode::RowExists, collection.name + " already has this row"};
      }
      return insert_change(collection, edit, stored);
    case EditKind::Upsert:
      if (!is_live) return insert_change(collection, edit, stored);
      return update_change(collection, edit, *stored);
    case EditKind::Update:
      if (!is_live) return Error{ErrorCode::RowMissing, collection.name + " has no such row"};
      return update_change(collection, edit, *stored);
    case EditKind::Resolve:
    case EditKind::Mark:
    case EditKind::Schedule:
    case EditKind::Cancel: return Error{ErrorCode::Internal, "this edit stands for others"};
    case EditKind::Delete: break;
  }
  if (!is_live) return std::optional<Change>{};
  return std::optional(delete_change(collection, edit, *stored));
}

}  // namespace twinstore
