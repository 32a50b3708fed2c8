#include "sync/edit_json.h"

#include <algorithm>
#include <array>

#include "schema/field_value.h"
#include "sync/conflict_rows.h"
#include "sync/refresh_edit_json.h"
#include "twinstore/limits.h"
#include "twinstore/rejected_write.h"

namespace twinstore {
namespace {

Error invalid(std::string message) { return {ErrorCode::InvalidArgument, std::move(message)}; }

constexpr std::array<std::string_view, 4> edit_kind_texts{"insert", "upsert", "update", "delete"};

Result<Key> key_from_fields(const Collection& collection, const JsonValue& fields) {
  JsonValue parts = JsonValue::array();
  for (size_t i = 0; i < collection.key_count; ++i) {
    const auto at = fields.find(collection.fields[i].name);
    parts.push_back(at == fields.end() ? JsonValue(nullptr) : *at);
  }
  return to_key(collection, parts);
}

Result<uint16_t> field_named(const Collection& collection, const std::string& name) {
  const auto at = collection.find_field(name);
  if (at) return *at;
  return Error{ErrorCode::UnknownField, collection.name + " has no field " + name};
}

Result<void> read_field(const Collection& collection, uint16_t position, const JsonValue& json,
                        Edit& edit) {
  const Field& field = collection.fields[position];
  if (position < collection.key_count) {
    TWINSTORE_TRY(const Value value, to_value(field, json));
    if (value == edit.key[position]) return {};
    return Error{ErrorCode::WrongType, "the key of a row never changes"};
  }
  const bool is_increment = field.type == FieldType::Counter && json.is_object() &&
                            json.size() == 1 && json.contains("increment");
  TWINSTORE_TRY(Value value, to_value(field, is_increment ? json["increment"] : json));
  edit.fields.emplace_back(position, std::move(value));
  if (is_increment) edit.increments.push_back(position);
  return {};
}

// Its collection and kind.
Result<Edit> start_row_edit(const Schema& schema, const std::string& op, const JsonValue& json) {
  const auto kind = std::ranges::find(edit_kind_texts, op);
  if (kind == edit_kind_texts.end())
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
  edit.kind = static_cast<EditKind>(kind - edit_kind_texts.begin());
  return edit;
}

// The field of each column.
using Columns = std::vector<uint16_t>;

Result<Columns> read_columns(const Collection& collection, const JsonValue& json) {
  const JsonValue* names = json_array(json, "columns");
  if (names == nullptr) return invalid("rows need their columns");
  Columns columns;
  for (const JsonValue& name : *names) {
    if (!name.is_string()) return invalid("a column is a name");
    TWINSTORE_TRY(const uint16_t field,
                  field_named(collection, name.get_ref<const std::string&>()));
    if (std::ranges::find(columns, field) != columns.end()) {
      return invalid("a column is named once");
    }
    columns.push_back(field);
  }
  return columns;
}

Result<Edit> read_row(const Collection& collection, const Columns& columns, const JsonValue& row,
                      const Edit& start) {
  if (!row.is_array() || row.size() != columns.size()) {
    return invalid("a row has a value for each column");
  }
  Edit edit = start;
  JsonValue key(collection.key_count, nullptr);
  for (size_t i = 0; i < columns.size(); ++i) {
    if (columns[i] < collection.key_count) key[columns[i]] = row[i];
  }
  TWINSTORE_TRY(edit.key, to_key(collection, key));
  edit.fields.reserve(columns.size());
  for (size_t i = 0; i < columns.size(); ++i) {
    if (columns[i] < collection.key_count) continue;
    TWINSTORE_TRY_VOID(read_field(collection, columns[i], row[i], edit));
  }
  std::ranges::sort(edit.fields, {}, &std::pair<uint16_t, Value>::first);
  return edit;
}

// About a conflict, or about a write that was refused.
Result<Edit> read_decision(const Schema& schema, const JsonValue& json) {
  Edit edit;
  const bool is_rejected = json.contains("rejected");
  const Collection& of = is_rejected ? rejected_writes_of(schema) : conflicts_of(schema);
  edit.collection = of.position;
  edit.kind = EditKind::Resolve;
  TWINSTORE_TRY(const std::string id, json_text(json, is_rejected ? "rejected" : "conflict"));
  TWINSTORE_TRY(edit.key, to_key(of, id));
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
  TWINSTORE_TRY(Edit edit, start_row_edit(schema, op, json));
  const Collection* collection = &schema.at(edit.collection);
  const JsonValue* fields = json_object(json, "fields");
  if (fields != nullptr) edit.fields.reserve(fields->size());
  if (json.contains("key")) {
    TWINSTORE_TRY(edit.key, to_key(*collection, json["key"]));
  } else if (fields != nullptr) {
    TWINSTORE_TRY(edit.key, key_from_fields(*collection, *fields));
  } else {
    return Error{ErrorCode::MissingField, "an edit needs a key"};
  }
  if (fields != nullptr) {
    for (auto it = fields->begin(); it != fields->end(); ++it) {
      TWINSTORE_TRY(const uint16_t position, field_named(*collection, it.key()));
      TWINSTORE_TRY_VOID(read_field(*collection, position, it.value(), edit));
    }
  }
  std::ranges::sort(edit.fields, {}, &std::pair<uint16_t, Value>::first);
  return edit;
}

namespace {

// One edit, or those of a block of rows.
Result<void> read_edits(const Schema& schema, const JsonValue& json, std::vector<Edit>& out) {
  const JsonValue* rows = json_array(json, "rows");
  if (rows == nullptr) {
    TWINSTORE_TRY(Edit edit, read_edit(schema, json));
    out.push_back(std::move(edit));
    return {};
  }
  TWINSTORE_TRY(const std::string op, json_text(json, "op"));
  TWINSTORE_TRY(const Edit start, start_row_edit(schema, op, json));
  const Collection& collection = schema.at(start.collection);
  TWINSTORE_TRY(const Columns columns, read_columns(collection, json));
  for (const JsonValue& row : *rows) {
    TWINSTORE_TRY(Edit edit, read_row(collection, columns, row, start));
    out.push_back(std::move(edit));
  }
  return {};
}

}  // namespace

Result<EditBatch> parse_edits(const Schema& schema, std::string_view json) {
  TWINSTORE_TRY(const JsonValue root, parse_json(json));
  const JsonValue* edits = json_array(root, "edits");
  if (edits == nullptr || edits->empty()) return invalid("a batch needs edits");
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
  size_t count = 0;
  for (const JsonValue& item : *edits) {
    const JsonValue* rows = json_array(item, "rows");
    count += rows == nullptr ? 1 : rows->size();
  }
  if (count > limits::changes_per_mutation_max) {
    return Error{ErrorCode::BatchTooLarge, "a batch has at most 10,000 edits"};
  }
  batch.edits.reserve(count);
  for (const JsonValue& item : *edits) {
    TWINSTORE_TRY_VOID(read_edits(schema, item, batch.edits));
  }
  if (batch.edits.empty()) return invalid("a batch needs edits");
  return batch;
}

}  // namespace twinstore
