#include "api/cleanup_routes.h"
#include "api/entity_tag.h"
#include "api/json_schemas.h"
#include "api/page_place.h"
#include "api/persistence_routes.h"
#include "api/row_json.h"
#include "config/server_limits.h"
#include "http/problem.h"
#include "services/code_collections.h"
#include "twinstore/code_mri.h"
#include "twinstore/persistence.h"

namespace twinstore {
namespace {

const Error not_stored{ErrorCode::NotFound, "nothing of this name is stored"};

HttpResponse row_answer(const Call& call, const Collection& collection,
                        const std::optional<RowVersion>& row) {
  if (!row) return problem(call.request, not_stored);
  HttpResponse response = json_answer(row_json(collection, *row));
  finish_tagged(call.request, row_tag(row->rev), response);
  return response;
}

// Rows of a list, one more than the page holds when there is a next page.
struct PageQuestion {
  std::string name;  // of the list in the answer
  const Collection* collection;
  std::vector<uint16_t> place_fields;
  std::function<Result<std::vector<RowVersion>>(PersistenceReader&, const RowsWanted&)> rows;
  std::function<Result<bool>(PersistenceReader&)> is_known;  // asked of an empty first page
};

Result<HttpResponse> page_answer(const Call& call, PersistenceReader& reader,
                                 const PageQuestion& question) {
  RowsWanted wanted;
  const auto limit = static_cast<size_t>(call.arguments.integer("limit"));
  wanted.rows_max = limit + 1;
  const bool is_first = !call.arguments.has("after");
  if (!is_first) {
    auto place =
        read_place(call.arguments.text("after"), *question.collection, question.place_fields);
    if (!place.ok()) return problem(call.request, place.error(), "after");
    wanted.after = std::move(place).value();
  }
  TWINSTORE_TRY(auto rows, question.rows(reader, wanted));
  if (rows.empty() && is_first) {
    TWINSTORE_TRY(const bool is_known, question.is_known(reader));
    if (!is_known) return problem(call.request, not_stored);
  }
  std::string next;
  if (rows.size() > limit) {
    rows.pop_back();
    std::vector<Value> place;
    for (const uint16_t field : question.place_fields) {
      place.push_back(rows.back().values[field]);
    }
    next = place_text(place);
  }
  HttpResponse response = json_answer(page_json(question.name, *question.collection, rows, next));
  finish_tagged(call.request, content_tag(response.body), response);
  return response;
}

class Reads {
 public:
  explicit Reads(DataAccess& access) : access_(access) {}

  // A handler over a reader of the data.
  using Question = std::function<Result<HttpResponse>(const Call&, PersistenceReader&)>;
  CallHandler by(Question question) const {
    return [&access = access_, ask = std::move(question)](Call call, const Respond& respond) {
      access.read(std::move(call), respond,
                  [&access, ask](const Call& head, Storage& storage) -> Result<HttpResponse> {
                    TWINSTORE_TRY(
                        PersistenceReader reader,
                        PersistenceReader::make(access.schema(), storage, access.clock()));
                    return ask(head, reader);
                  });
    };
  }

  [[nodiscard]] const Collection& at(std::string_view name) const {
    return *access_.schema().find(name);
  }

 private:
  DataAccess& access_;
};

Result<bool> is_known_branch(const Call& call, PersistenceReader& reader) {
  TWINSTORE_TRY(const auto branch,
                reader.branch(call.arguments.text("repo_id"), call.arguments.text("branch_name")));
  return branch.has_value();
}

Route repository_route(const Reads& reads) {
  const Collection& rows = reads.at(RepositoryInfo::collection);
  return {.method = "GET",
          .path = "/persistence/repository/{repo_id}",
          .operation = "getRepository",
          .summary = "The stored metadata of a repository",
          .access = Access::repository(Role::Reader),
          .parameters = {repo_id_parameter()},
          .answers = {{200, "it", "Repository"},
                      {404, "it is not stored", "Problem", "application/problem+json"}},
          .is_conditional = true,
          .handler = reads.by(
              [&rows](const Call& call, PersistenceReader& reader) -> Result<HttpResponse> {
                TWINSTORE_TRY(const auto row, reader.repository(call.arguments.text("repo_id")));
                return row_answer(call, rows, row);
              })};
}

Route branches_route(const Reads& reads) {
  const Collection& rows = reads.at(BranchInfo::collection);
  return {.method = "GET",
          .path = "/persistence/branches/{repo_id}",
          .operation = "getBranches",
          .summary = "The branches of a repository, by name",
          .access = Access::repository(Role::Reader),
          .parameters = {repo_id_parameter(),
                         page_limit(static_cast<int64_t>(limits::rest_rows_max)), page_after()},
          .answers = {{200, "they", "Branches"},
                      {404, "no such repository", "Problem", "application/problem+json"}},
          .is_conditional = true,
          .handler = reads.by([&rows](const Call& call, PersistenceReader& reader) {
            const std::string& repo_id = call.arguments.text("repo_id");
            return page_answer(call, reader,
                               {"branches",
                                &rows,
                                {field_at(rows, "name")},
                                [&](PersistenceReader& from, const RowsWanted& wanted) {
                                  return from.branches(repo_id, wanted);
                                },
                                [&](PersistenceReader& from) -> Result<bool> {
                                  TWINSTORE_TRY(const auto repository, from.repository(repo_id));
                                  return repository.has_value();
                                }});
          })};
}

Route analysis_route(const Reads& reads) {
  const Collection& rows = reads.at(BranchAnalysisResult::collection);
  return {.method = "GET",
          .path = "/persistence/analysis/{repo_id}/{branch_name}",
          .operation = "getAnalysis",
          .summary = "The latest analysis of a branch, or that of one commit",
          .access = Access::repository(Role::Reader),
          .parameters = {repo_id_parameter(), branch_name_parameter(),
                         text_parameter("commit_sha", "of this commit instead of the latest")},
          .answers = {{200, "it", "Analysis"},
                      {404, "there is none", "Problem", "application/problem+json"}},
          .is_conditional = true,
          .handler = reads.by(
              [&rows](const Call& call, PersistenceReader& reader) -> Result<HttpResponse> {
                std::optional<std::string> commit;
                if (call.arguments.has("commit_sha")) commit = call.arguments.text("commit_sha");
                TWINSTORE_TRY(const auto row,
                              reader.analysis(call.arguments.text("repo_id"),
                                              call.arguments.text("branch_name"), commit));
                return row_answer(call, rows, row);
              })};
}

Route history_route(const Reads& reads) {
  const Collection& rows = reads.at(BranchAnalysisResult::collection);
  return {.method = "GET",
          .path = "/persistence/analysis-history/{repo_id}/{branch_name}",
          .operation = "getAnalysisHistory",
          .summary = "The analyses of a branch, the newest first",
          .access = Access::repository(Role::Reader),
          .parameters = {repo_id_parameter(), branch_name_parameter(),
                         page_limit(static_cast<int64_t>(history_limit_default)), page_after()},
          .answers = {{200, "they", "Analyses"},
                      {404, "no such branch", "Problem", "application/problem+json"}},
          .is_conditional = true,
          .handler = reads.by([&rows](const Call& call, PersistenceReader& reader) {
            return page_answer(
                call, reader,
                {"analyses",
                 &rows,
                 {field_at(rows, "analysis_timestamp"), field_at(rows, "commit_sha")},
                 [&](PersistenceReader& from, const RowsWanted& wanted) {
                   return from.analysis_history(call.arguments.text("repo_id"),
                                                call.arguments.text("branch_name"), wanted);
                 },
                 [&](PersistenceReader& from) { return is_known_branch(call, from); }});
          })};
}

MetricsWanted metrics_wanted(const Arguments& arguments) {
  MetricsWanted which;
  if (arguments.has("metric_name")) which.metric_name = arguments.text("metric_name");
  if (arguments.has("since")) which.since = arguments.text("since");
  if (arguments.has("until")) which.until = arguments.text("until");
  return which;
}

Route metrics_route(const Reads& reads) {
  const Collection& rows = reads.at(HistoricalMetric::collection);
  return {.method = "GET",
          .path = "/persistence/metrics/{repo_id}/{branch_name}",
          .operation = "getMetrics",
          .summary = "What was measured of a branch, by metric and the oldest first",
          .access = Access::repository(Role::Reader),
          .parameters = {repo_id_parameter(), branch_name_parameter(),
                         text_parameter("metric_name", "only of this metric"),
                         time_parameter("since", "recorded then or later"),
                         time_parameter("until", "recorded earlier"),
                         page_limit(static_cast<int64_t>(limits::rest_rows_default)), page_after()},
          .answers = {{200, "they", "Metrics"},
                      {404, "no such branch", "Problem", "application/problem+json"}},
          .is_conditional = true,
          .handler = reads.by([&rows](const Call& call, PersistenceReader& reader) {
            const MetricsWanted which = metrics_wanted(call.arguments);
            std::vector<uint16_t> place{field_at(rows, "recorded_at"), field_at(rows, "id")};
            if (which.metric_name.empty())
              place.insert(place.begin(), field_at(rows, "metric_name"));
            return page_answer(
                call, reader,
                {"metrics", &rows, place,
                 [&](PersistenceReader& from, const RowsWanted& wanted) {
                   return from.metrics(call.arguments.text("repo_id"),
                                       call.arguments.text("branch_name"), which, wanted);
                 },
                 [&](PersistenceReader& from) { return is_known_branch(call, from); }});
          })};
}

Route stats_route(const Reads& reads) {
  return {.method = "GET",
          .path = "/persistence/stats",
          .operation = "getPersistenceStats",
          .summary = "How much is stored, how the cache is used, what synchronisation did",
          .access = Access::everything(Role::Reader),
          .answers = {{200, "counts", "PersistenceStats"}},
          .handler = reads.by([](const Call&, PersistenceReader& reader) -> Result<HttpResponse> {
            TWINSTORE_TRY(const PersistenceStatistics statistics, reader.statistics());
            return json_answer(persistence_statistics_json(statistics));
          })};
}

JsonSchema page_schema(std::string_view list, std::string_view row) {
  return object_of({{std::string(list), array_of(row)},
                    {"next",
                     {{"type", {"string", "null"}},
                      {"description", "`after` of the next page; null at the end"}}}});
}

void add_row_schemas(Api& api, const Reads& reads) {
  api.schemas["Repository"] = row_schema(reads.at(RepositoryInfo::collection));
  api.schemas["Branch"] = row_schema(reads.at(BranchInfo::collection));
  api.schemas["Branches"] = page_schema("branches", "Branch");
  api.schemas["Analysis"] = row_schema(reads.at(BranchAnalysisResult::collection));
  api.schemas["Analyses"] = page_schema("analyses", "Analysis");
  api.schemas["Metric"] = row_schema(reads.at(HistoricalMetric::collection));
  api.schemas["Metrics"] = page_schema("metrics", "Metric");
}

}  // namespace

bool has_shipped_collections(const Schema& schema) { return CodeCollections::of(schema).ok(); }

void add_persistence_routes(Api& api, DataAccess& access, const std::string& cache_folder) {
  add_persistence_read_routes(api, access);
  add_persistence_write_routes(api, access);
  add_persistence_delete_routes(api, access);
  add_cache_routes(api, access);
  add_cleanup_routes(api, access, cache_folder);
}

Parameter repo_id_parameter() { return text_parameter("repo_id", "the repository"); }
Parameter branch_name_parameter() { return text_parameter("branch_name", "the branch"); }
Parameter cache_key_parameter() { return text_parameter("cache_key", "the entry"); }

void add_persistence_read_routes(Api& api, DataAccess& access) {
  const Reads reads(access);
  add_row_schemas(api, reads);
  api.schemas["PersistenceStats"] = persistence_stats_schema(access.schema());
  api.routes.push_back(repository_route(reads));
  api.routes.push_back(branches_route(reads));
  api.routes.push_back(analysis_route(reads));
  api.routes.push_back(history_route(reads));
  api.routes.push_back(metrics_route(reads));
  api.routes.push_back(stats_route(reads));
}

}  // namespace twinstore
