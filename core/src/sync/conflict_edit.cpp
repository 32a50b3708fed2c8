#include "sync/conflict_edit.h"

#include <algorithm>

#include "schema/field_value.h"
#include "sync/conflict_rows.h"
#include "twinstore/time_text.h"

namespace twinstore {
namespace {

namespace at = conflict_field;

// A row that is deleted by now is made anew, in the scope that it had.
Result<Edit> chosen_edit(const Collection& collection, Key key, const JsonValue& side,
                         const Value& scope) {
  Edit edit;
  edit.collection = collection.position;
  edit.key = std::move(key);
  edit.kind = side.is_null() ? EditKind::Delete : EditKind::Upsert;
  for (auto it = side.begin(); it != side.end(); ++it) {
    const auto field = collection.find_field(it.key());
    if (!field || *field < collection.key_count) {
      return Error{ErrorCode::UnknownField, collection.name + " has no field " + it.key()};
    }
    TWINSTORE_TRY(Value value, to_value(collection.fields[*field], it.value()));
    edit.fields.emplace_back(*field, std::move(value));
  }
  const bool has_scope = side.contains(collection.fields[collection.scope_field].name) ||
                         collection.scope_field < collection.key_count;
  if (side.is_object() && !has_scope) edit.fields.emplace_back(collection.scope_field, scope);
  std::ranges::sort(edit.fields, {}, &std::pair<uint16_t, Value>::first);
  return edit;
}

Result<JsonValue> chosen_side(const Edit& decision, const RowVersion& conflict) {
  if (decision.choice == "merged") return parse_json(decision.merged_json);
  const bool is_local = decision.choice == "local";
  const std::string side = conflict_text(conflict, is_local ? at::local : at::remote);
  return side.empty() ? JsonValue() : parse_json(side);
}

}  // namespace

Result<std::vector<Edit>> resolution_edits(const Schema& schema, const Edit& decision,
                                           const RowVersion* conflict, int64_t now_ms,
                                           const ClientId& client) {
  if (conflict == nullptr || conflict->is_deleted()) {
    return Error{ErrorCode::NotFound, "there is no such conflict"};
  }
  if (conflict_text(*conflict, at::status) == "resolved") {
    return Error{ErrorCode::PreconditionFailed, "the conflict is resolved already"};
  }
  std::vector<Edit> edits;
  const Collection* collection = schema.find(conflict_text(*conflict, at::collection));
  if (collection == nullptr) {
    return Error{ErrorCode::SchemaMismatch, "the conflict is of a collection not known here"};
  }
  TWINSTORE_TRY(const JsonValue key_json, parse_json(conflict_text(*conflict, at::row_key)));
  TWINSTORE_TRY(Key key, to_key(*collection, key_json));
  TWINSTORE_TRY(const JsonValue side, chosen_side(decision, *conflict));
  TWINSTORE_TRY(Edit edit,
                chosen_edit(*collection, std::move(key), side, conflict->values[at::scope]));
  edits.push_back(std::move(edit));
  Edit closing;
  closing.collection = decision.collection;
  closing.kind = EditKind::Update;
  closing.key = decision.key;
  closing.fields = {{at::status, std::string("resolved")},
                    {at::resolution, decision.choice},
                    {at::resolved_at, time_text(now_ms)},
                    {at::resolved_by, std::string(client_text(client))}};
  edits.push_back(std::move(closing));
  return edits;
}

}  // namespace twinstore
