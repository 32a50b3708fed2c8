#include "twinstore/rejected_write.h"

#include <algorithm>
#include <array>

#include "base/json.h"
#include "schema/field_value.h"
#include "twinstore/time_text.h"

namespace twinstore {
namespace {

constexpr std::array<std::string_view, 3> op_texts{"insert", "update", "delete"};

Error malformed() { return {ErrorCode::StorageCorrupt, "a refused write is malformed"}; }

// As an edit names it: counters by their increment.
JsonValue edit_value(const Field& field, const Value& value) {
  JsonValue json = from_value(field, value);
  return field.type == FieldType::Counter ? JsonValue{{"increment", std::move(json)}} : json;
}

JsonValue change_json(const Collection& collection, const Change& change,
                      const RowVersion* stored) {
  JsonValue fields = JsonValue::array();
  JsonValue base = JsonValue::object();
  JsonValue local = JsonValue::object();
  JsonValue remote = JsonValue::object();
  for (const FieldChange& part : change.fields) {
    const Field& field = collection.fields[part.field];
    fields.push_back(field.name);
    base[field.name] = from_value(field, part.before);
    local[field.name] = edit_value(field, part.after);
    if (stored != nullptr) remote[field.name] = from_value(field, stored->values[part.field]);
  }
  JsonValue key = JsonValue::array();
  for (size_t i = 0; i < change.key.size(); ++i) {
    key.push_back(from_value(collection.fields[i], change.key[i]));
  }
  const bool is_insert = change.kind == ChangeKind::Insert;
  const bool is_delete = change.kind == ChangeKind::Delete;
  return {{"collection", collection.name},
          {"key", std::move(key)},
          {"op", op_texts[static_cast<size_t>(change.kind)]},
          {"fields", std::move(fields)},
          {"base", is_insert ? JsonValue() : std::move(base)},
          {"local", is_delete ? JsonValue() : std::move(local)},
          {"remote", stored == nullptr ? JsonValue() : std::move(remote)}};
}

std::string scope_of(const Collection& collection, const Change& change, const RowVersion* stored) {
  if (collection.scope_field < collection.key_count) {
    return std::get<std::string>(change.key[collection.scope_field]);
  }
  if (stored != nullptr) return collection.scope_of(stored->values);
  const auto named = std::ranges::find(change.fields, collection.scope_field, &FieldChange::field);
  const auto* text =
      named == change.fields.end() ? nullptr : std::get_if<std::string>(&named->after);
  return text == nullptr ? std::string() : *text;
}

Result<void> read_fields(const Collection& collection, const JsonValue& fields, Edit& edit) {
  for (auto it = fields.begin(); it != fields.end(); ++it) {
    const auto position = collection.find_field(it.key());
    if (!position || *position < collection.key_count) {
      return Error{ErrorCode::UnknownField, collection.name + " has no field " + it.key()};
    }
    const Field& field = collection.fields[*position];
    const bool is_increment =
        field.type == FieldType::Counter && it->is_object() && it->contains("increment");
    TWINSTORE_TRY(Value value, to_value(field, is_increment ? (*it)["increment"] : *it));
    edit.fields.emplace_back(*position, std::move(value));
    if (is_increment) edit.increments.push_back(*position);
  }
  std::ranges::sort(edit.fields, {}, &std::pair<uint16_t, Value>::first);
  return {};
}

// An insert that was refused may meet a row by now, and then changes it.
Result<Edit> edit_of(const Schema& schema, const JsonValue& change) {
  TWINSTORE_TRY(const std::string name, json_text(change, "collection"));
  TWINSTORE_TRY(const std::string op, json_text(change, "op"));
  const Collection* collection = schema.find(name);
  const JsonValue* key = json_array(change, "key");
  if (collection == nullptr || key == nullptr) return malformed();
  Edit edit;
  edit.collection = collection->position;
  edit.kind = op == op_texts[0]   ? EditKind::Upsert
              : op == op_texts[1] ? EditKind::Update
                                  : EditKind::Delete;
  TWINSTORE_TRY(edit.key, to_key(*collection, *key));
  const JsonValue* local = json_object(change, "local");
  if (local != nullptr) TWINSTORE_TRY_VOID(read_fields(*collection, *local, edit));
  return edit;
}

// With other values in the place of its own.
Result<JsonValue> merged(const JsonValue& changes, const std::string& merged_json) {
  TWINSTORE_TRY(const JsonValue fields, parse_json(merged_json));
  if (changes.size() != 1 || json_object(changes[0], "local") == nullptr) {
    return Error{ErrorCode::InvalidArgument,
                 "values are merged into a write that changes one row; write the others anew"};
  }
  JsonValue edited = changes;
  for (auto it = fields.begin(); it != fields.end(); ++it) edited[0]["local"][it.key()] = *it;
  return edited;
}

}  // namespace

const Collection& rejected_writes_of(const Schema& schema) {
  const Collection* collection = schema.find("_rejected_writes");
  TWINSTORE_CHECK(collection != nullptr);
  return *collection;
}

Result<RowVersion> rejected_write(const Schema& schema, const Mutation& mutation,
                                  const Outcome& outcome, int64_t now_ms, const ReadRow& read) {
  JsonValue changes = JsonValue::array();
  std::string scope;
  for (const Change& change : mutation.changes) {
    const Collection& collection = schema.at(change.collection);
    TWINSTORE_TRY(const auto stored, read({change.collection, change.key}));
    const bool is_live = stored && !stored->is_deleted();
    if (scope.empty()) scope = scope_of(collection, change, stored ? &*stored : nullptr);
    changes.push_back(change_json(collection, change, is_live ? &*stored : nullptr));
  }
  TWINSTORE_TRY(std::string document, canonical_json(changes));
  RowVersion row;
  row.hlc = mutation.hlc;
  row.values.resize(rejected_writes_of(schema).fields.size());
  row.values[rejected_field::id] = mutation.hlc.text();
  row.values[rejected_field::scope] = std::move(scope);
  row.values[rejected_field::code] = std::string(error_text(outcome.code));
  row.values[rejected_field::message] = outcome.message;
  row.values[rejected_field::made_at] = time_text(mutation.hlc.wall_ms());
  row.values[rejected_field::rejected_at] = time_text(now_ms);
  row.values[rejected_field::changes] = std::move(document);
  return row;
}

Result<std::vector<Edit>> edits_of_rejected(const Schema& schema, const Edit& decision,
                                            const RowVersion* rejected) {
  if (rejected == nullptr) return Error{ErrorCode::NotFound, "there is no such refused write"};
  std::vector<Edit> edits;
  if (decision.choice == "remote") return edits;
  const auto* text = std::get_if<std::string>(&rejected->values[rejected_field::changes]);
  if (text == nullptr) return malformed();
  TWINSTORE_TRY(JsonValue changes, parse_json(*text));
  if (!changes.is_array()) return malformed();
  if (decision.choice == "merged") {
    TWINSTORE_TRY(changes, merged(changes, decision.merged_json));
  }
  for (const JsonValue& change : changes) {
    TWINSTORE_TRY(Edit edit, edit_of(schema, change));
    edits.push_back(std::move(edit));
  }
  return edits;
}

}  // namespace twinstore
