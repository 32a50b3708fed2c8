#include "api/json_schemas.h"
#include "api/persistence_routes.h"
#include "api/record_storing.h"
#include "config/server_limits.h"
#include "twinstore/code_mri.h"

namespace twinstore {
namespace {

Route put_repository(DataAccess& access) {
  return {.method = "PUT",
          .path = "/persistence/repository/{repo_id}",
          .operation = "storeRepository",
          .summary = "Stores what is named of a repository; the rest of it stays",
          .access = Access::repository(Role::Writer),
          .parameters = storing_parameters({repo_id_parameter()}),
          .body = Body{.summary = "the record", .schema = "RepositoryRecord"},
          .answers = store_answers("RepositoryResult"),
          .has_precondition = true,
          .handler = storing_one(access, RepositoryInfo::collection, {{"repo_id", "repo_id"}})};
}

Route put_branches(DataAccess& access) {
  return {.method = "PUT",
          .path = "/persistence/branches/{repo_id}",
          .operation = "storeBranches",
          .summary = "Stores branches in one transaction; others of the repository stay",
          .access = Access::repository(Role::Writer),
          .parameters = storing_parameters({repo_id_parameter()}),
          .body = Body{.summary = "the records", .schema = "BranchRecords"},
          .answers = {{200, "what became of each, in their order", "BranchResults"}},
          .handler =
              storing_many(access, BranchInfo::collection, "branches", {{"repo_id", "repo_id"}})};
}

const PathFields& of_branch() {
  static const PathFields fields{{"repo_id", "repo_id"}, {"branch_name", "branch_name"}};
  return fields;
}

Route post_analysis(DataAccess& access) {
  return {.method = "POST",
          .path = "/persistence/analysis/{repo_id}/{branch_name}",
          .operation = "storeAnalysis",
          .summary = "Stores the analysis of a commit of a branch",
          .access = Access::repository(Role::Writer),
          .parameters = storing_parameters({repo_id_parameter(), branch_name_parameter()}),
          .body = Body{.summary = "the record", .schema = "AnalysisRecord"},
          .answers = store_answers("AnalysisResult"),
          .has_precondition = true,
          .handler = storing_one(access, BranchAnalysisResult::collection, of_branch())};
}

Route post_metrics(DataAccess& access) {
  return {.method = "POST",
          .path = "/persistence/metrics/{repo_id}/{branch_name}",
          .operation = "storeMetrics",
          .summary = "Adds what was measured of a branch; the same values again are the same rows",
          .access = Access::repository(Role::Writer),
          .parameters = storing_parameters({repo_id_parameter(), branch_name_parameter()}),
          .body = Body{.summary = "the records", .schema = "MetricRecords"},
          .answers = {{200, "what became of each, in their order", "MetricResults"}},
          .handler = storing_many(access, HistoricalMetric::collection, "metrics", of_branch())};
}

JsonSchema records_schema(std::string_view list, const Collection& collection,
                          const std::vector<std::string>& from_path) {
  return object_of({{std::string(list),
                     {{"type", "array"},
                      {"items", record_schema(collection, from_path)},
                      {"minItems", 1},
                      {"maxItems", limits::rest_rows_max}}}});
}

void add_write_schemas(Api& api, const Schema& schema) {
  const Collection& repositories = *schema.find(RepositoryInfo::collection);
  const Collection& branches = *schema.find(BranchInfo::collection);
  const Collection& analyses = *schema.find(BranchAnalysisResult::collection);
  const Collection& metrics = *schema.find(HistoricalMetric::collection);
  api.schemas["RepositoryRecord"] = record_schema(repositories, {"repo_id"});
  api.schemas["RepositoryResult"] = result_schema(repositories);
  api.schemas["BranchRecords"] = records_schema("branches", branches, {"repo_id"});
  api.schemas["BranchResult"] = result_schema(branches);
  api.schemas["BranchResults"] = object_of({{"results", array_of("BranchResult")}});
  api.schemas["AnalysisRecord"] = record_schema(analyses, {"repo_id", "branch_name"});
  api.schemas["AnalysisResult"] = result_schema(analyses);
  api.schemas["MetricRecords"] = records_schema("metrics", metrics, {"repo_id", "branch_name"});
  api.schemas["MetricResult"] = result_schema(metrics);
  api.schemas["MetricResults"] = object_of({{"results", array_of("MetricResult")}});
}

}  // namespace

void add_persistence_write_routes(Api& api, DataAccess& access) {
  add_write_schemas(api, access.schema());
  api.routes.push_back(put_repository(access));
  api.routes.push_back(put_branches(access));
  api.routes.push_back(post_analysis(access));
  api.routes.push_back(post_metrics(access));
}

}  // namespace twinstore
