#include "plan.h"

namespace twinstore::sim {
namespace {

JsonValue default_of(const Field& field) {
  switch (field.type) {
    case FieldType::Counter: return 0;
    case FieldType::Set: return JsonValue::array();
    default: return nullptr;
  }
}

bool is_key(const Collection& collection, const std::string& name) {
  for (size_t i = 0; i < collection.key_count; ++i) {
    if (collection.fields[i].name == name) return true;
  }
  return false;
}

JsonValue empty_row(const Collection& collection, const JsonValue& key) {
  JsonValue row = JsonValue::object();
  for (size_t i = 0; i < collection.fields.size(); ++i) {
    const Field& field = collection.fields[i];
    row[field.name] = i < collection.key_count ? key[i] : default_of(field);
  }
  return row;
}

std::string set_fields(const Collection& collection, const PlannedEdit& edit, JsonValue& row,
                       bool is_new) {
  bool is_changed = false;
  for (auto it = edit.fields.begin(); it != edit.fields.end(); ++it) {
    if (is_key(collection, it.key())) continue;
    const bool is_scope = collection.fields[collection.scope_field].name == it.key();
    if (is_scope && !is_new && row[it.key()] != it.value()) return "scope_changed";
    const bool is_increment =
        it.value().is_object() && it.value().contains("increment") && row[it.key()].is_number();
    const JsonValue value =
        is_increment
            ? JsonValue(row[it.key()].get<int64_t>() + it.value()["increment"].get<int64_t>())
            : it.value();
    if (row[it.key()] != value) is_changed = true;
    row[it.key()] = value;
  }
  if (!is_new && is_changed && collection.is_append_only) return "append_only";
  return {};
}

// The error's code, or nothing; `row` is changed.
std::string apply(const Collection& collection, const PlannedEdit& edit, JsonValue& row) {
  const bool is_live = !row.is_null();
  if (edit.op == "delete") {
    row = nullptr;
    return {};
  }
  if (edit.op == "insert" && is_live) return "row_exists";
  if (edit.op == "update" && !is_live) return "row_missing";
  if (is_live) return set_fields(collection, edit, row, false);
  row = empty_row(collection, edit.key);
  const std::string error = set_fields(collection, edit, row, true);
  for (const Field& field : collection.fields) {
    if (field.is_required && row[field.name].is_null()) return "missing_field";
  }
  return error;
}

}  // namespace

std::string text_of(const RowName& row) { return row.first + row.second; }

std::string Plan::text() const {
  JsonValue root = JsonValue::object();
  root["edits"] = JsonValue::array();
  if (!conflict.empty()) {
    JsonValue edit{{"op", "resolve"}, {"conflict", conflict}, {"choice", choice}};
    if (choice == "merged") edit["fields"] = merged;
    root["edits"].push_back(std::move(edit));
  } else {
    for (const PlannedEdit& planned : edits) {
      JsonValue edit{{"op", planned.op}, {"collection", planned.collection}, {"key", planned.key}};
      if (planned.op != "delete") edit["fields"] = planned.fields;
      root["edits"].push_back(std::move(edit));
    }
  }
  if (is_all_or_nothing) root["all_or_nothing"] = true;
  if (!operation.empty()) root["operation"] = operation;
  return root.dump();
}

Expectation expect(const Schema& schema, const Plan& plan, const Views& before) {
  Expectation out;
  out.after = before;
  for (const PlannedEdit& edit : plan.edits) {
    const Collection* collection = schema.find(edit.collection);
    TWINSTORE_CHECK(collection != nullptr);
    out.error = apply(*collection, edit, out.after[edit.row()]);
    if (out.error.empty()) continue;
    out.after = before;
    return out;
  }
  return out;
}

}  // namespace twinstore::sim
