#include "api/record_storing.h"

#include "api/body_record.h"
#include "api/entity_tag.h"
#include "config/server_limits.h"
#include "http/problem.h"
#include "twinstore/persistence_writer.h"

namespace twinstore {
namespace {

std::string result_members(const IngestResult& result) {
  std::string out = "\"status\":\"" + std::string(ingest_text(result.status)) + "\",\"outcome\":\"";
  out += std::string(outcome_text(result.outcome.status)) + "\",\"rev\":";
  out += std::to_string(result.rev);
  if (result.status != IngestStatus::Rejected) return out;
  out += ",\"code\":\"" + std::string(error_text(result.outcome.code)) + "\",\"detail\":";
  append_json_string(out, result.outcome.message);
  return out;
}

std::string key_members(const Collection& collection, const Key& key) {
  std::string out;
  for (size_t i = 0; i < key.size(); ++i) {
    append_json_string(out, collection.fields[i].name);
    out += ':';
    append_json_value(out, key[i]);
    out += ',';
  }
  return out;
}

// One record: who names a version in If-Match changes that one or nothing.
Result<HttpResponse> store_one(const Call& call, OwnWrites& writes, const Schema& rules,
                               IngestRecord record) {
  Authority& authority = writes.authority();
  const Collection& collection = *record.collection;
  const Key key = record.edit.key;
  TWINSTORE_TRY(auto stored, load_row(authority.storage(), collection, key));
  if (stored && stored->is_deleted()) stored.reset();
  std::optional<std::string> tag;
  if (stored) tag = row_tag(stored->rev);
  if (is_precondition_failed(call.request, tag)) {
    return problem(call.request, {ErrorCode::PreconditionFailed, "it is not as If-Match says"});
  }
  const bool is_guarded = !call.request.header("If-Match").empty();
  if (is_guarded && !record.base_rev) record.base_rev = stored->rev;
  if (record.base_rev.value_or(0) > authority.head()) {
    return problem(call.request,
                   {ErrorCode::InvalidArgument, "base_rev names a version that was never given"},
                   "base_rev");
  }
  std::vector<IngestRecord> records;
  records.push_back(std::move(record));
  TWINSTORE_TRY(const auto results, PersistenceWriter(writes).store(
                                        rules, call.arguments.text("source"), std::move(records)));
  const IngestResult& result = results.front();
  if (result.status == IngestStatus::Rejected) {
    return problem(call.request, {result.outcome.code, result.outcome.message});
  }
  HttpResponse response =
      json_answer("{" + key_members(collection, key) + result_members(result) + "}",
                  result.status == IngestStatus::Added ? 201 : 200);
  if (result.rev > 0) response.set("ETag", row_tag(result.rev));
  return response;
}

Result<HttpResponse> store_many(const Call& call, OwnWrites& writes, const Schema& rules,
                                std::string_view list, const std::vector<IngestRecord>& records) {
  Authority& authority = writes.authority();
  for (size_t i = 0; i < records.size(); ++i) {
    if (records[i].base_rev.value_or(0) <= authority.head()) continue;
    return problem(call.request,
                   {ErrorCode::InvalidArgument, "base_rev names a version that was never given"},
                   std::string(list) + "[" + std::to_string(i) + "].base_rev");
  }
  TWINSTORE_TRY(const auto results,
                PersistenceWriter(writes).store(rules, call.arguments.text("source"), records));
  std::string text = "{\"results\":[";
  for (size_t i = 0; i < results.size(); ++i) {
    const Collection& collection = *records[i].collection;
    text += (i > 0 ? ",{" : "{") + key_members(collection, records[i].edit.key);
    text += result_members(results[i]) + "}";
  }
  return json_answer(text + "]}");
}

PathFields path_fields(const Call& call, const PathFields& names) {
  PathFields out;
  for (const auto& [field, parameter] : names) {
    out.emplace_back(field, call.arguments.text(parameter));
  }
  return out;
}
// Null: the request names no strategy that there is.
const Schema* rules_of(const DataAccess& access, const Call& call) {
  if (!call.arguments.has("strategy")) return &access.schema();
  return access.rules(call.arguments.text("strategy"));
}

HttpResponse unknown_strategy(const Call& call) {
  return problem(call.request,
                 {ErrorCode::InvalidArgument, "a strategy is LATEST_WINS, MERGE or MANUAL"},
                 "strategy");
}

}  // namespace

std::vector<Parameter> storing_parameters(std::vector<Parameter> of_path) {
  of_path.push_back(defaulting(
      text_parameter("source",
                     "who hands this in: what it handed in last is the base of what it hands in"
                     " next",
                     limits::rest_source_bytes_max),
      std::string("rest")));
  of_path.push_back(
      text_parameter("strategy",
                     "LATEST_WINS, MERGE or MANUAL: how it meets what others wrote; the schema's"
                     " unless named",
                     limits::name_bytes_max));
  return of_path;
}

std::vector<Answer> store_answers(std::string schema) {
  return {{200, "what became of it", schema},
          {201, "it is new", std::move(schema)},
          {409, "it would change what never changes", "Problem", std::string(problem_type)}};
}

CallHandler storing_one(DataAccess& access, std::string_view collection, PathFields names) {
  return [&access, collection, names = std::move(names)](Call call, const Respond& respond) {
    const Schema* rules = rules_of(access, call);
    if (rules == nullptr) return respond(unknown_strategy(call));
    BodyRecord body =
        read_body_record(*rules, collection, std::move(call.body), path_fields(call, names));
    if (body.wrong) {
      return respond(problem(call.request, body.wrong->error, body.wrong->field));
    }
    access.write(std::move(call), respond,
                 [rules, record = *std::move(body.record)](const Call& head, OwnWrites& writes) {
                   return store_one(head, writes, *rules, record);
                 });
  };
}

CallHandler storing_many(DataAccess& access, std::string_view collection, std::string_view list,
                         PathFields names) {
  return [&access, collection, list, names = std::move(names)](Call call, const Respond& respond) {
    const Schema* rules = rules_of(access, call);
    if (rules == nullptr) return respond(unknown_strategy(call));
    BodyRecords body =
        read_body_records(*rules, collection, std::move(call.body), list, path_fields(call, names));
    if (body.wrong) {
      return respond(problem(call.request, body.wrong->error, body.wrong->field));
    }
    access.write(
        std::move(call), respond,
        [rules, list, records = std::move(body.records)](const Call& head, OwnWrites& writes) {
          return store_many(head, writes, *rules, list, records);
        });
  };
}

JsonSchema result_schema(const Collection& collection) {
  std::vector<std::pair<std::string, JsonSchema>> members;
  for (size_t i = 0; i < collection.key_count; ++i) {
    members.emplace_back(collection.fields[i].name, JsonSchema{{"type", "string"}});
  }
  members.emplace_back(
      "status", JsonSchema{{"enum", {"added", "changed", "unchanged", "superseded", "rejected"}}});
  members.emplace_back(
      "outcome", JsonSchema{{"enum", {"applied", "merged", "superseded", "conflict", "rejected"}}});
  members.emplace_back("rev", JsonSchema{{"type", "integer"}, {"minimum", 0}});
  JsonSchema schema = object_of(members);
  schema["properties"]["code"] = {{"type", "string"}};
  schema["properties"]["detail"] = {{"type", "string"}};
  return schema;
}

}  // namespace twinstore
