#include "store/store_json.h"

#include <algorithm>

#include "schema/field_value.h"
#include "sync/conflict_rows.h"
#include "twinstore/time_text.h"

namespace twinstore {
namespace {

JsonValue key_json(const Collection& collection, const Key& key) {
  JsonValue parts = JsonValue::array();
  for (size_t i = 0; i < key.size(); ++i) parts.push_back(from_value(collection.fields[i], key[i]));
  return parts;
}

JsonValue write_json(const Schema& schema, const PreviewedWrite& write) {
  JsonValue rows = JsonValue::array();
  for (const RowId& id : write.rows) {
    const Collection& collection = schema.at(id.collection);
    rows.push_back({{"collection", collection.name}, {"key", key_json(collection, id.key)}});
  }
  JsonValue meetings = JsonValue::array();
  for (const RowVersion& meeting : write.meetings) {
    meetings.push_back(row_json(conflicts_of(schema), meeting.values));
  }
  JsonValue json{{"id", write.made_at.text()},
                 {"made_at", time_text(write.made_at.wall_ms())},
                 {"outcome", outcome_text(write.outcome.status)},
                 {"rows", std::move(rows)},
                 {"meetings", std::move(meetings)}};
  if (write.outcome.status == OutcomeStatus::Rejected) {
    json["code"] = error_text(write.outcome.code);
    json["message"] = write.outcome.message;
  }
  return json;
}

}  // namespace

JsonValue row_json(const Collection& collection, const Record& values) {
  JsonValue object = JsonValue::object();
  for (size_t i = 0; i < collection.fields.size(); ++i) {
    object[collection.fields[i].name] = from_value(collection.fields[i], values[i]);
  }
  return object;
}

std::string preview_json(const Schema& schema, const std::vector<PreviewedWrite>& writes) {
  JsonValue json = JsonValue::object();
  for (const OutcomeStatus status :
       {OutcomeStatus::Applied, OutcomeStatus::Merged, OutcomeStatus::Superseded,
        OutcomeStatus::Conflict, OutcomeStatus::Rejected}) {
    json[std::string(outcome_text(status))] = std::ranges::count_if(
        writes, [&](const PreviewedWrite& write) { return write.outcome.status == status; });
  }
  JsonValue list = JsonValue::array();
  for (const PreviewedWrite& write : writes) list.push_back(write_json(schema, write));
  json["writes"] = std::move(list);
  return json.dump();
}

}  // namespace twinstore
