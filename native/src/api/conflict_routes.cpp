#include "api/conflict_routes.h"

#include <charconv>

#include "api/arguments.h"
#include "api/entity_tag.h"
#include "api/json_schemas.h"
#include "api/row_json.h"
#include "http/problem.h"
#include "twinstore/conflict_decisions.h"
#include "twinstore/statistics.h"

namespace twinstore {
namespace {

constexpr std::string_view conflicts_name = "_conflicts";
constexpr size_t index_digits_max = 9;  // an id is longer

std::string list_tag(const std::vector<RowVersion>& conflicts) {
  return "\"" + conflict_list_mark(conflicts) + "\"";
}

Result<HttpResponse> list_answer(const Call& call, const Schema& schema, Storage& storage) {
  TWINSTORE_TRY(const auto rows, open_conflict_rows(schema, storage));
  const Collection& collection = *schema.find(conflicts_name);
  std::string text = "{\"conflicts\":[";
  for (size_t i = 0; i < rows.size(); ++i) {
    text += (i > 0 ? "," : "") + std::string("{\"index\":") + std::to_string(i) + ",";
    text += row_json(collection, rows[i]).substr(1);
  }
  HttpResponse response = json_answer(text + "]}");
  finish_tagged(call.request, list_tag(rows), response);
  return response;
}

// A short number is a place in the list; anything else a stable id.
ConflictName name_of(const std::string& text) {
  size_t index = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, index);
  const bool is_index =
      read.ec == std::errc() && read.ptr == end && text.size() <= index_digits_max;
  return is_index ? ConflictName(index) : ConflictName(text);
}

// What the query and the body ask for; or what is wrong with them.
struct AskedDecision {
  ConflictDecision decision;
  std::optional<ArgumentError> wrong;
};

AskedDecision read_decision(const Call& call) {
  using Side = ConflictDecision::Side;
  AskedDecision asked;
  const bool has_side = call.arguments.has("use_local");
  const bool has_merged = call.body.is_object() && call.body.contains("merged");
  if (!call.body.is_null() && !(has_merged && call.body.size() == 1)) {
    asked.wrong = {"merged", {ErrorCode::MissingField, "the body is {\"merged\":{…}}"}};
  } else if (has_merged && !call.body["merged"].is_object()) {
    asked.wrong = {"merged", {ErrorCode::WrongType, "merged is an object of fields"}};
  } else if (has_side && has_merged) {
    asked.wrong = {"use_local", {ErrorCode::InvalidArgument, "either use_local or a merged body"}};
  } else if (!has_side && !has_merged) {
    asked.wrong = {"use_local", {ErrorCode::MissingField, "use_local or a merged body is needed"}};
  } else if (has_merged) {
    asked.decision = {Side::Merged, call.body["merged"].dump()};
  } else {
    asked.decision = {call.arguments.boolean("use_local") ? Side::Local : Side::Remote, {}};
  }
  return asked;
}

Result<HttpResponse> decided(const Call& call, OwnWrites& writes,
                             const ConflictDecision& decision) {
  Authority& authority = writes.authority();
  TWINSTORE_TRY(const auto open, open_conflict_rows(authority.schema(), authority.storage()));
  if (is_precondition_failed(call.request, list_tag(open))) {
    return problem(call.request,
                   {ErrorCode::PreconditionFailed, "the list of conflicts has moved on"});
  }
  const auto outcome =
      decide_conflict(writes, name_of(call.arguments.text("conflict_index")), decision, "rest");
  if (outcome.ok()) {
    return json_answer("{\"resolved\":true,\"rev\":" + std::to_string(outcome.value().rev) + "}");
  }
  // What refuses a decision has written nothing.
  const Error& error = outcome.error();
  if (http_status(error.code) >= 500) return error;
  const bool is_merged =
      decision.side == ConflictDecision::Side::Merged && http_status(error.code) == 400;
  return problem(call.request, error, is_merged ? "merged" : "");
}

Route list_route(DataAccess& access) {
  return {.method = "GET",
          .path = "/sync/conflicts",
          .operation = "getConflicts",
          .summary = "Conflicts that wait for a decision, in the order of their detection",
          .access = Access::everything(Role::Reader),
          .answers = {{200, "they", "Conflicts"}},
          .is_conditional = true,
          .handler = [&access](Call call, const Respond& respond) {
            access.read(std::move(call), respond, [&access](const Call& head, Storage& storage) {
              return list_answer(head, access.schema(), storage);
            });
          }};
}

Route resolve_route(DataAccess& access) {
  return {.method = "POST",
          .path = "/sync/resolve-conflict/{conflict_index}",
          .operation = "resolveConflict",
          .summary =
              "Decides a conflict, by its index as listed (If-Match with the list's ETag"
              " guards it) or by its id",
          .access = Access::everything(Role::Writer),
          .parameters = {text_parameter("conflict_index", "the index in the list, or the id"),
                         boolean_parameter("use_local", "what was handed in, or what is stored")},
          .body = Body{.summary = "a value of its own instead of a side",
                       .schema = "MergedValue",
                       .is_required = false},
          .answers = {{200, "it is decided", "Decision"},
                      {404, "there is no such conflict", "Problem", std::string(problem_type)}},
          .has_precondition = true,
          .handler = [&access](Call call, const Respond& respond) {
            AskedDecision asked = read_decision(call);
            if (asked.wrong) {
              return respond(problem(call.request, asked.wrong->error, asked.wrong->field));
            }
            access.write(
                std::move(call), respond,
                [decision = std::move(asked.decision)](const Call& head, OwnWrites& writes) {
                  return decided(head, writes, decision);
                });
          }};
}

Route stats_route(DataAccess& access) {
  return {.method = "GET",
          .path = "/sync/stats",
          .operation = "getSyncStats",
          .summary = "What synchronisation has done since the database was made",
          .access = Access::everything(Role::Reader),
          .answers = {{200, "counts", "SyncStats"}},
          .handler = [&access](Call call, const Respond& respond) {
            access.read(std::move(call), respond,
                        [&access](const Call&, Storage& storage) -> Result<HttpResponse> {
                          TWINSTORE_TRY(const SyncStatistics statistics,
                                        read_sync_statistics(access.schema(), storage));
                          return json_answer(statistics_json(statistics));
                        });
          }};
}

JsonSchema conflict_schema(const Collection& conflicts) {
  JsonSchema schema = row_schema(conflicts);
  schema["properties"]["index"] = {{"type", "integer"}, {"minimum", 0}};
  schema["required"].push_back("index");
  return schema;
}

}  // namespace

void add_conflict_routes(Api& api, DataAccess& access) {
  const JsonSchema rev{{"type", "integer"}, {"minimum", 0}};
  api.schemas["Conflict"] = conflict_schema(*access.schema().find(conflicts_name));
  api.schemas["Conflicts"] = object_of({{"conflicts", array_of("Conflict")}});
  api.schemas["MergedValue"] = object_of({{"merged", {{"type", "object"}}}});
  api.schemas["Decision"] = object_of({{"resolved", {{"type", "boolean"}}}, {"rev", rev}});
  api.schemas["SyncStats"] = sync_stats_schema();
  api.routes.push_back(list_route(access));
  api.routes.push_back(resolve_route(access));
  api.routes.push_back(stats_route(access));
}

}  // namespace twinstore
