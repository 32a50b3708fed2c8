#include "api/refresh_routes.h"

#include "api/json_schemas.h"
#include "api/persistence_routes.h"
#include "http/problem.h"
#include "twinstore/persistence_reader.h"
#include "twinstore/refresh_intake.h"

namespace twinstore {
namespace {

Result<StalenessReader> reader_of(const DataAccess& access, const Call& call, Storage& storage) {
  return StalenessReader::make(access.schema(), storage, access.clock(),
                               call.workspace->refresh()->stale_threshold_hours());
}

Result<HttpResponse> staleness_answer(const DataAccess& access, const Call& call,
                                      Storage& storage) {
  TWINSTORE_TRY(StalenessReader reader, reader_of(access, call, storage));
  TWINSTORE_TRY(const Staleness found,
                reader.get_staleness_info(call.arguments.text("repo_id"),
                                          call.arguments.text("branch_name")));
  return json_answer(staleness_json(found));
}

Result<bool> is_known_repository(const DataAccess& access, Storage& storage,
                                 const std::string& repo_id) {
  TWINSTORE_TRY(PersistenceReader reader,
                PersistenceReader::make(access.schema(), storage, access.clock()));
  TWINSTORE_TRY(const auto row, reader.repository(repo_id));
  if (row) return true;
  RowsWanted one;
  one.rows_max = 1;
  TWINSTORE_TRY(const auto branches, reader.branches(repo_id, one));
  return !branches.empty();
}

Result<HttpResponse> stale_branches_answer(const DataAccess& access, const Call& call,
                                           Storage& storage) {
  const std::string& repo_id = call.arguments.text("repo_id");
  TWINSTORE_TRY(const bool is_known, is_known_repository(access, storage, repo_id));
  if (!is_known) return Error{ErrorCode::NotFound, "nothing of this name is stored"};
  TWINSTORE_TRY(StalenessReader reader, reader_of(access, call, storage));
  TWINSTORE_TRY(const StaleBranches found, reader.get_stale_branches(repo_id));
  return json_answer(found.json());
}

Route staleness_route(DataAccess& access) {
  return {.method = "GET",
          .path = "/refresh/staleness/{repo_id}/{branch_name}",
          .operation = "getStaleness",
          .summary = "Whether a branch is stale, why, and when that will change by itself",
          .access = Access::repository(Role::Reader),
          .parameters = {repo_id_parameter(), branch_name_parameter()},
          .answers = {{200, "it", "Staleness"},
                      {404, "no such branch", "Problem", std::string(problem_type)}},
          .handler = [&access](Call call, const Respond& respond) {
            access.read(std::move(call), respond, [&access](const Call& head, Storage& storage) {
              return staleness_answer(access, head, storage);
            });
          }};
}

Route stale_branches_route(DataAccess& access) {
  return {.method = "GET",
          .path = "/refresh/stale-branches/{repo_id}",
          .operation = "getStaleBranches",
          .summary = "The stale branches of a repository, by name, all judged at one time",
          .access = Access::repository(Role::Reader),
          .parameters = {repo_id_parameter()},
          .answers = {{200, "they", "StaleBranches"},
                      {404, "no such repository", "Problem", std::string(problem_type)}},
          .handler = [&access](Call call, const Respond& respond) {
            access.read(std::move(call), respond, [&access](const Call& head, Storage& storage) {
              return stale_branches_answer(access, head, storage);
            });
          }};
}

Result<HttpResponse> mark(const DataAccess& access, const Call& call, OwnWrites& writes) {
  const auto marked =
      mark_for_refresh(writes, call.arguments.text("repo_id"), call.arguments.text("branch_name"));
  if (marked.ok()) return staleness_answer(access, call, writes.authority().storage());
  // Nothing is written for a branch that is not there.
  if (marked.error().code == ErrorCode::NotFound) return problem(call.request, marked.error());
  return marked.error();
}

Route mark_route(DataAccess& access) {
  return {.method = "POST",
          .path = "/refresh/mark/{repo_id}/{branch_name}",
          .operation = "markForRefresh",
          .summary = "Makes a branch stale until it is analysed, and has that done",
          .access = Access::repository(Role::Writer),
          .parameters = {repo_id_parameter(), branch_name_parameter()},
          .answers = {{200, "its staleness from now", "Staleness"},
                      {404, "no such branch", "Problem", std::string(problem_type)}},
          .handler = [&access](Call call, const Respond& respond) {
            access.write(std::move(call), respond, [&access](const Call& head, OwnWrites& writes) {
              return mark(access, head, writes);
            });
          }};
}

JsonSchema nullable_time() { return {{"type", {"string", "null"}}, {"format", "date-time"}}; }

std::vector<std::pair<std::string, JsonSchema>> staleness_members() {
  JsonSchema reasons{{"type", "array"}, {"items", {{"type", "string"}}}};
  for (const StaleReason reason : {StaleReason::NeverAnalyzed, StaleReason::RefreshRequested,
                                   StaleReason::HeadMoved, StaleReason::TooOld}) {
    reasons["items"]["enum"].push_back(stale_reason_text(reason));
  }
  return {{"is_stale", {{"type", "boolean"}}},
          {"age_hours", {{"type", {"number", "null"}}, {"minimum", 0}}},
          {"stale_threshold_hours", {{"type", "number"}, {"minimum", 0}}},
          {"last_analyzed_at", nullable_time()},
          {"last_analyzed_commit", {{"type", {"string", "null"}}}},
          {"reasons", reasons},
          {"next_change_at", nullable_time()}};
}

}  // namespace

void add_freshness_routes(Api& api, DataAccess& access) {
  auto of_branch = staleness_members();
  api.schemas["Staleness"] = object_of(of_branch);
  of_branch.emplace_back("branch_name", JsonSchema{{"type", "string"}});
  api.schemas["StaleBranches"] =
      object_of({{"checked_at", {{"type", "string"}, {"format", "date-time"}}},
                 {"stale_threshold_hours", {{"type", "number"}, {"minimum", 0}}},
                 {"next_change_at", nullable_time()},
                 {"branches", {{"type", "array"}, {"items", object_of(of_branch)}}}});
  api.routes.push_back(staleness_route(access));
  api.routes.push_back(stale_branches_route(access));
  api.routes.push_back(mark_route(access));
}

void add_refresh_routes(Api& api, DataAccess& access) {
  add_freshness_routes(api, access);
  add_refresh_task_routes(api, access);
  add_auto_refresh_routes(api, access);
}

}  // namespace twinstore
