#include "refreshers/git_refresher.h"

#include "refreshers/git_analysis.h"
#include "twinstore/code_mri.h"
#include "twinstore/time_text.h"

namespace twinstore {
namespace {

GitImportOptions options_for(const std::string& repo_id, const CallBounds& bounds) {
  GitImportOptions options;
  options.repo_id = repo_id;
  options.is_stopped = [&bounds] { return bounds.is_over(); };
  return options;
}

RowSink gather(Refreshed& into) {
  return [&into](std::string_view kind, const nlohmann::ordered_json& row) -> Result<void> {
    into.rows.push_back({std::string(kind), row});
    return {};
  };
}

}  // namespace

Result<Refreshed> GitRefresher::refresh(const RefreshRequest& request, const CallBounds& bounds) {
  Refreshed found;
  TWINSTORE_TRY_VOID(analyse_git_branch(path_, request.branch_name,
                                        options_for(request.repo_id, bounds), gather(found)));
  // An import dates an analysis by its commit; here it is of today, whatever it finds.
  const std::string now = time_text(request.now_ms);
  for (RefreshedRow& row : found.rows) {
    if (row.collection == BranchInfo::collection) row.record["last_analyzed_at"] = now;
    if (row.collection != BranchAnalysisResult::collection) continue;
    row.record["analysis_timestamp"] = now;
    found.analyzed_commit = row.record["commit_sha"].get<std::string>();
  }
  return found;
}

Result<std::optional<Refreshed>> GitRefresher::survey(const std::string& repo_id,
                                                      const CallBounds& bounds) {
  GitImportOptions options = options_for(repo_id, bounds);
  options.analyses_max = 0;
  options.metric_samples_max = 0;
  Refreshed found;
  TWINSTORE_TRY_VOID(analyse_git_repository(path_, options, gather(found), {}));
  return std::optional(std::move(found));
}

}  // namespace twinstore
