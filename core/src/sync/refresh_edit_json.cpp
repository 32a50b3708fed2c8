#include "sync/refresh_edit_json.h"

#include "schema/field_value.h"
#include "twinstore/limits.h"
#include "twinstore/refresh_task.h"

namespace twinstore {
namespace {

constexpr std::string_view mark_op = "mark_for_refresh";
constexpr std::string_view schedule_op = "schedule_refresh";
constexpr std::string_view cancel_op = "cancel_refresh";

Result<Edit> read_mark(const Schema& schema, const JsonValue& json) {
  const Collection* branches = schema.find("branches");
  const auto field =
      branches == nullptr ? std::nullopt : branches->find_field("refresh_requested_at");
  if (!field || branches->fields[*field].type != FieldType::Time || branches->key_count != 2) {
    return Error{ErrorCode::UnknownCollection, "this schema has no branches that can be marked"};
  }
  Edit edit;
  edit.collection = branches->position;
  edit.kind = EditKind::Mark;
  const JsonValue key = JsonValue::array(
      {json.value("repo_id", JsonValue()), json.value("branch_name", JsonValue())});
  TWINSTORE_TRY(edit.key, to_key(*branches, key));
  edit.fields.emplace_back().first = *field;
  return edit;
}

Result<std::string> read_task_id(const JsonValue& json) {
  TWINSTORE_TRY(std::string id, json_text(json, "task"));
  if (!id.empty() && id.size() <= limits::refresh_id_bytes_max) return id;
  return Error{ErrorCode::ValueTooLong, "the name of a refresh task has 1 to 64 bytes"};
}

Result<Value> read_name(const Collection& tasks, uint16_t field, const JsonValue& json) {
  const char* name = tasks.fields[field].name.c_str();
  TWINSTORE_TRY(const std::string text, json_text(json, name));
  if (text.empty()) return Error{ErrorCode::MissingField, std::string(name) + " is empty"};
  return to_value(tasks.fields[field], text);
}

}  // namespace

bool is_refresh_op(std::string_view op) {
  return op == mark_op || op == schedule_op || op == cancel_op;
}

Result<Edit> read_refresh_edit(const Schema& schema, std::string_view op, const JsonValue& json) {
  if (op == mark_op) return read_mark(schema, json);
  const Collection& tasks = refresh_tasks_of(schema);
  Edit edit;
  edit.collection = tasks.position;
  edit.kind = op == schedule_op ? EditKind::Schedule : EditKind::Cancel;
  TWINSTORE_TRY(const std::string id, read_task_id(json));
  edit.key = {id};
  if (edit.kind == EditKind::Cancel) return edit;
  for (const uint16_t field : {task_field::repo_id, task_field::branch_name}) {
    TWINSTORE_TRY(Value value, read_name(tasks, field, json));
    edit.fields.emplace_back(field, std::move(value));
  }
  if (!json.contains("delay_minutes")) return edit;
  TWINSTORE_TRY(edit.delay_minutes, json_integer(json, "delay_minutes"));
  if (edit.delay_minutes >= 0 && edit.delay_minutes <= limits::refresh_delay_minutes_max) {
    return edit;
  }
  return Error{ErrorCode::InvalidArgument, "a delay is 0 to 527,040 minutes"};
}

}  // namespace twinstore
