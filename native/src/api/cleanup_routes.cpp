#include "api/cleanup_routes.h"

#include "api/json_schemas.h"
#include "config/server_limits.h"
#include "http/problem.h"
#include "twinstore/cleanup.h"
#include "workspace/cache_files.h"

namespace twinstore {
namespace {

std::vector<Parameter> cleanup_members() {
  const CleanupOptions defaults;
  const double hours_max = limits::cleanup_age_hours_max;
  return {
      defaulting(
          boolean_parameter("cleanup_old_repos", "repositories that nothing new is known of"),
          int64_t{defaults.cleanup_old_repos}),
      defaulting(boolean_parameter("cleanup_old_analyses", "analyses but the newest, and metrics"),
                 int64_t{defaults.cleanup_old_analyses}),
      defaulting(boolean_parameter("cleanup_cache", "entries that expired or were not used"),
                 int64_t{defaults.cleanup_cache}),
      defaulting(number_parameter("max_age_hours", "of cache entries", 0, hours_max),
                 defaults.max_age_hours),
      defaulting(number_parameter("max_age_days", "of analyses, metrics and repositories", 0,
                                  hours_max / 24),
                 defaults.max_age_days)};
}

CleanupOptions options_of(const Arguments& arguments) {
  CleanupOptions options;
  options.cleanup_old_repos = arguments.boolean("cleanup_old_repos");
  options.cleanup_old_analyses = arguments.boolean("cleanup_old_analyses");
  options.cleanup_cache = arguments.boolean("cleanup_cache");
  options.max_age_hours = arguments.number("max_age_hours");
  options.max_age_days = arguments.number("max_age_days");
  return options;
}

// A step that has to begin anew begins where the last commit ended.
struct CleanupJob {
  Cleanup committed;
  Cleanup under_way;
};

// Any client may name any file, but none of another workspace is taken away.
CacheFiles files_of(const std::string& cache_folder, const Call& call) {
  if (cache_folder.empty()) return CacheFiles();
  return CacheFiles(cache_folder + "/" + call.principal.workspace);
}

void clean_up(DataAccess& access, const CacheFiles& files, Call call, const Respond& respond) {
  auto made = Cleanup::make(access.schema(), access.clock(), options_of(call.arguments));
  if (!made.ok()) return respond(problem(call.request, made.error()));
  const auto job = std::make_shared<CleanupJob>(CleanupJob{made.value(), made.value()});
  // Files go after the commit that took their entries.
  const auto remove_files = [files, job] {
    for (const std::string& path : job->under_way.take_files()) files.remove(path);
  };
  const Respond answer = [respond, remove_files](HttpResponse response) {
    remove_files();
    respond(std::move(response));
  };
  access.write_steps(
      std::move(call), answer,
      [&access, job](const Call&, OwnWrites& writes) -> Result<std::optional<HttpResponse>> {
        job->under_way = job->committed;
        TWINSTORE_TRY(const bool is_done, job->under_way.step(writes));
        if (!is_done) return std::optional<HttpResponse>{};
        return std::optional(json_answer(
            "{\"deleted\":" + row_counts_json(access.schema(), job->under_way.result().deleted) +
            "}"));
      },
      [job, remove_files] {
        remove_files();
        job->committed = job->under_way;
      });
}

}  // namespace

void add_cleanup_routes(Api& api, DataAccess& access, const std::string& cache_folder) {
  api.routes.push_back(
      {.method = "POST",
       .path = "/persistence/cleanup",
       .operation = "cleanup",
       .summary = "Deletes what is old, in steps that leave room for other writers",
       .access = Access::everything(Role::Admin),
       .body = Body{.summary = "what is old", .members = cleanup_members(), .is_required = false},
       .answers = {{200, "what went", "Deleted"}},
       .handler = [&access, cache_folder](Call call, const Respond& respond) {
         const CacheFiles files = files_of(cache_folder, call);
         clean_up(access, files, std::move(call), respond);
       }});
}

}  // namespace twinstore
