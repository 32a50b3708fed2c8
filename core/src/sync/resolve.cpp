#include <algorithm>

#include "sync/resolve_parts.h"
#include "twinstore/limits.h"

namespace twinstore {
namespace {

Record new_record(const Collection& collection, const Change& change) {
  Record record = change.key;
  record.reserve(collection.fields.size());
  for (size_t i = collection.key_count; i < collection.fields.size(); ++i) {
    record.push_back(collection.fields[i].default_value);
  }
  for (const FieldChange& field : change.fields) {
    record[field.field] = changed_value(collection.fields[field.field], {}, field);
  }
  return record;
}

Result<Resolution> insert_new(const Collection& collection, const Change& change,
                              const HybridTime& stamp, const RowVersion* tombstone) {
  for (size_t i = 0; i < collection.fields.size(); ++i) {
    const Field& field = collection.fields[i];
    if (!field.is_required) continue;
    const auto at = std::ranges::find(change.fields, static_cast<uint16_t>(i), &FieldChange::field);
    const Value& value = at == change.fields.end() ? field.default_value : at->after;
    if (is_null(value)) {
      return Error{ErrorCode::MissingField, collection.name + " needs " + field.name};
    }
  }
  RowVersion row;
  row.hlc = tombstone == nullptr ? stamp : later_than(stamp, tombstone->deleted_at);
  row.values = new_record(collection, change);
  Resolution resolution;
  resolution.row = std::move(row);
  return resolution;
}

bool changes_scope(const Collection& collection, const Change& change, const RowVersion& stored) {
  if (collection.scope_field < collection.key_count) return false;
  const auto at = std::ranges::find(change.fields, collection.scope_field, &FieldChange::field);
  return at != change.fields.end() && at->after != stored.values[collection.scope_field];
}

Result<Resolution> resolve_unbounded(const Collection& collection, const Change& change,
                                     const HybridTime& stamp, const RowVersion* stored) {
  if (change.kind == ChangeKind::Delete) {
    if (stored == nullptr) return Resolution{};
    return delete_row(collection, change, stamp, *stored);
  }
  if (stored == nullptr) {
    if (change.kind == ChangeKind::Insert) return insert_new(collection, change, stamp, nullptr);
    return Error{ErrorCode::RowMissing, "there is no such row in " + collection.name};
  }
  if (changes_scope(collection, change, *stored)) {
    return Error{ErrorCode::ScopeChanged, collection.name + ": the scope of a row never changes"};
  }
  if (stored->is_deleted()) {
    const bool is_known = is_seen(change, stamp, *stored, stored->deleted_at, change.seen);
    if (change.kind == ChangeKind::Insert && is_known) {
      return insert_new(collection, change, stamp, stored);
    }
    return edit_deleted(collection, change, stamp, *stored);
  }
  if (collection.is_append_only) {
    const bool is_same = std::ranges::all_of(change.fields, [&](const FieldChange& field) {
      return stored->values[field.field] == field.after;
    });
    if (is_same) return Resolution{};
    return Error{ErrorCode::AppendOnly, "rows of " + collection.name + " are never changed"};
  }
  return merge_fields(collection, change, stamp, *stored);
}

size_t text_bytes(const Record& values) {
  size_t bytes = 0;
  for (const Value& value : values) {
    if (const auto* text = std::get_if<std::string>(&value)) bytes += text->size();
  }
  return bytes;
}

}  // namespace

Result<Resolution> resolve(const Collection& collection, const Change& change,
                           const HybridTime& stamp, const RowVersion* stored) {
  auto resolution = resolve_unbounded(collection, change, stamp, stored);
  const bool is_long = resolution.ok() && resolution.value().row && !collection.is_system &&
                       text_bytes(resolution.value().row->values) > limits::row_bytes_max;
  if (is_long) {
    return Error{ErrorCode::ValueTooLong, "a row of " + collection.name + " has at most 2 MiB"};
  }
  return resolution;
}

}  // namespace twinstore
