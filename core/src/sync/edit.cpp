#include "twinstore/edit.h"

#include <algorithm>
#include <array>

#include "schema/field_value.h"
#include "sync/conflict_rows.h"
#include "sync/edit_json.h"
#include "sync/refresh_edit_json.h"
#include "twinstore/limits.h"

namespace twinstore {
namespace {

constexpr std::array<std::string_view, 4> kind_texts{"insert", "upsert", "update", "delete"};

Error invalid(std::string message) { return {ErrorCode::InvalidArgument, std::move(message)}; }

Result<Key> key_from_fields(const Collection& collection, const JsonValue& fields) {
  JsonValue parts = JsonValue::array();
  for (size_t i = 0; i < collection.key_count; ++i) {
    const auto at = fields.find(collection.fields[i].name);
    parts.push_back(at == fields.end() ? JsonValue(nullptr) : *at);
  }
  return to_key(collection, parts);
}

Result<void> read_field(const Collection& collection, const std::string& name,
                        const JsonValue& json, Edit& edit) {
  const auto at = collection.find_field(name);
  if (!at) return Error{ErrorCode::UnknownField, collection.name + " has no field " + name};
  const Field& field = collection.fields[*at];
  if (*at < collection.key_count) {
    TWINSTORE_TRY(const Value value, to_value(field, json));
    if (value == edit.key[*at]) return {};
    return Error{ErrorCode::WrongType, "the key of a row never changes"};
  }
  const bool is_increment = field.type == FieldType::Counter && json.is_object() &&
                            json.size() == 1 && json.contains("increment");
  TWINSTORE_TRY(Value value, to_value(field, is_increment ? json["increment"] : json));
  edit.fields.emplace_back(*at, std::move(value));
  if (is_increment) edit.increments.push_back(*at);
  return {};
}

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
  for (const auto& [field, value] : edit.fields) {
    const bool is_counter = collection.fields[field].type == FieldType::Counter;
    const Value after = is_counter ? counter_delta(edit, field, value, {}) : value;
    change.fields.push_back({field, collection.fields[field].default_value, after, change.seen});
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

namespace {

Result<Edit> read_decision(const Schema& schema, const JsonValue& json) {
  Edit edit;
  const Collection& conflicts = conflicts_of(schema);
  edit.collection = conflicts.position;
  edit.kind = EditKind::Resolve;
  TWINSTORE_TRY(const std::string id, json_text(json, "conflict"));
  TWINSTORE_TRY(edit.key, to_key(conflicts, id));
  TWINSTORE_TRY(edit.choice, json_text(json, "choice"));
  if (edit.choice == "merged") {
    const JsonValue* fields = json_object(json, "fields");
    if (fields == nullptr) return invalid("a merged choice needs its fields");
    TWINSTORE_TRY(edit.merged_json, canonical_json(*fields));
    return edit;
  }
  if (edit.choice == "local" || edit.choice == "remote") return edit;
  return invalid("a choice is local, remote or merged");
}

}  // namespace

Result<Edit> read_edit(const Schema& schema, const JsonValue& json) {
  TWINSTORE_TRY(const std::string op, json_text(json, "op"));
  if (op == "resolve") return read_decision(schema, json);
  if (is_refresh_op(op)) return read_refresh_edit(schema, op, json);
  const auto kind = std::ranges::find(kind_texts, op);
  if (kind == kind_texts.end())
    return invalid("an op is insert, upsert, update, delete, resolve or one of refreshing");
  TWINSTORE_TRY(const std::string name, json_text(json, "collection"));
  const Collection* collection = schema.find(name);
  if (collection == nullptr) {
    return Error{ErrorCode::UnknownCollection, "there is no collection " + name};
  }
  if (collection->is_system) {
    return Error{ErrorCode::Forbidden, name + " is written by the engine; a conflict is resolved"};
  }
  Edit edit;
  edit.collection = collection->position;
  edit.kind = static_cast<EditKind>(kind - kind_texts.begin());
  const JsonValue* fields = json_object(json, "fields");
  if (json.contains("key")) {
    TWINSTORE_TRY(edit.key, to_key(*collection, json["key"]));
  } else if (fields != nullptr) {
    TWINSTORE_TRY(edit.key, key_from_fields(*collection, *fields));
  } else {
    return Error{ErrorCode::MissingField, "an edit needs a key"};
  }
  if (fields != nullptr) {
    for (auto it = fields->begin(); it != fields->end(); ++it) {
      TWINSTORE_TRY_VOID(read_field(*collection, it.key(), it.value(), edit));
    }
  }
  std::ranges::sort(edit.fields, {}, &std::pair<uint16_t, Value>::first);
  return edit;
}

Result<EditBatch> parse_edits(const Schema& schema, std::string_view json) {
  TWINSTORE_TRY(const JsonValue root, parse_json(json));
  const JsonValue* edits = json_array(root, "edits");
  if (edits == nullptr || edits->empty()) return invalid("a batch needs edits");
  if (edits->size() > limits::changes_per_mutation_max) {
    return Error{ErrorCode::BatchTooLarge, "a batch has at most 10,000 edits"};
  }
  EditBatch batch;
  const JsonValue flag = root.value("all_or_nothing", JsonValue(false));
  if (!flag.is_boolean()) return invalid("all_or_nothing is true or false");
  batch.is_all_or_nothing = flag.get<bool>();
  if (root.contains("operation")) {
    TWINSTORE_TRY(batch.operation, json_text(root, "operation"));
    if (batch.operation.size() > limits::operation_bytes_max) {
      return Error{ErrorCode::ValueTooLong, "the name of an operation has at most 64 bytes"};
    }
  }
  for (const JsonValue& item : *edits) {
    TWINSTORE_TRY(Edit edit, read_edit(schema, item));
    batch.edits.push_back(std::move(edit));
  }
  return batch;
}

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
