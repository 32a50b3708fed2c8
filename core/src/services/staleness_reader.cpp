#include "twinstore/staleness_reader.h"

#include "services/code_fields.h"
#include "services/freshness_reader.h"

namespace twinstore {

Result<StalenessReader> StalenessReader::make(const Schema& schema, Storage& storage, Clock& clock,
                                              double stale_threshold_hours) {
  TWINSTORE_TRY_VOID(check_stale_threshold(stale_threshold_hours));
  return StalenessReader(schema, storage, clock, stale_threshold_hours);
}

Result<BranchFacts> StalenessReader::facts(std::string_view repo_id, std::string_view branch_name) {
  TWINSTORE_TRY(auto found, read_branch_facts(*schema_, *storage_, repo_id, branch_name));
  if (!found) return Error{ErrorCode::NotFound, "there is no such branch here"};
  return *std::move(found);
}

Result<Staleness> StalenessReader::get_staleness_info(std::string_view repo_id,
                                                      std::string_view branch_name) {
  TWINSTORE_TRY(const BranchFacts found, facts(repo_id, branch_name));
  return branch_staleness(found, clock_->now_ms(), threshold_hours_);
}

Result<bool> StalenessReader::is_branch_stale(std::string_view repo_id,
                                              std::string_view branch_name) {
  TWINSTORE_TRY(const Staleness staleness, get_staleness_info(repo_id, branch_name));
  return staleness.is_stale;
}

Result<bool> StalenessReader::is_analysis_stale(std::string_view repo_id,
                                                std::string_view branch_name,
                                                std::string_view commit_sha) {
  TWINSTORE_TRY(const BranchFacts found, facts(repo_id, branch_name));
  TWINSTORE_TRY(const auto point,
                read_analysis_point(*schema_, *storage_, repo_id, branch_name, commit_sha));
  if (!point) return Error{ErrorCode::NotFound, "there is no analysis of this commit here"};
  return analysis_staleness(*point, found.head_commit, clock_->now_ms(), threshold_hours_).is_stale;
}

Result<StaleBranches> StalenessReader::get_stale_branches(std::string_view repo_id) {
  StaleBranches found(clock_->now_ms(), threshold_hours_);
  TWINSTORE_TRY_VOID(read_repository_facts(
      *schema_, *storage_, repo_id,
      [&](const std::string& name, const BranchFacts& facts) { found.add(name, facts); }));
  return found;
}

}  // namespace twinstore
