#include "twinstore/refresh_manager.h"

#include "twinstore/refresh_intake.h"

namespace twinstore {

Result<DataRefreshManager> DataRefreshManager::make(DataPersistenceService& persistence,
                                                    double stale_threshold_hours) {
  TWINSTORE_TRY_VOID(check_stale_threshold(stale_threshold_hours));
  return DataRefreshManager(persistence, stale_threshold_hours);
}

template <class Question>
auto DataRefreshManager::ask(const Question& question)
    -> decltype(question(std::declval<StalenessReader&>())) {
  using Answer = decltype(question(std::declval<StalenessReader&>()));
  return read_in(persistence_->transactions(), [&](Storage& storage) -> Answer {
    TWINSTORE_TRY(StalenessReader reader,
                  StalenessReader::make(persistence_->schema(), storage, persistence_->clock(),
                                        threshold_hours_));
    return question(reader);
  });
}

Result<bool> DataRefreshManager::is_branch_stale(std::string_view repo_id,
                                                 std::string_view branch_name) {
  return ask([&](StalenessReader& from) { return from.is_branch_stale(repo_id, branch_name); });
}

Result<bool> DataRefreshManager::is_analysis_stale(std::string_view repo_id,
                                                   std::string_view branch_name,
                                                   std::string_view commit_sha) {
  return ask([&](StalenessReader& from) {
    return from.is_analysis_stale(repo_id, branch_name, commit_sha);
  });
}

Result<Staleness> DataRefreshManager::get_staleness_info(std::string_view repo_id,
                                                         std::string_view branch_name) {
  return ask([&](StalenessReader& from) { return from.get_staleness_info(repo_id, branch_name); });
}

Result<StaleBranches> DataRefreshManager::get_stale_branches(std::string_view repo_id) {
  return ask([&](StalenessReader& from) { return from.get_stale_branches(repo_id); });
}

Result<void> DataRefreshManager::mark_for_refresh(std::string_view repo_id,
                                                  std::string_view branch_name) {
  return persistence_->transactions().run(
      [&](OwnWrites& writes) { return twinstore::mark_for_refresh(writes, repo_id, branch_name); });
}

}  // namespace twinstore
