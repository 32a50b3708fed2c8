// DataRefreshManager: which branches and analyses of a database are stale, by the predicate that
// browsers use as well, and marking a branch so that it is.
// Thread rule: that of the persistence service.
// Next: refresh_scheduler.h, for what is done about it.
#pragma once

#include "twinstore/persistence.h"
#include "twinstore/staleness_reader.h"

namespace twinstore {

class DataRefreshManager {
 public:
  // `persistence` outlives the manager. Errors: as check_stale_threshold.
  [[nodiscard]] static Result<DataRefreshManager> make(
      DataPersistenceService& persistence,
      double stale_threshold_hours = stale_threshold_hours_default);

  // As StalenessReader, at the time of the call.
  [[nodiscard]] Result<bool> is_branch_stale(std::string_view repo_id,
                                             std::string_view branch_name);
  [[nodiscard]] Result<bool> is_analysis_stale(std::string_view repo_id,
                                               std::string_view branch_name,
                                               std::string_view commit_sha);
  [[nodiscard]] Result<Staleness> get_staleness_info(std::string_view repo_id,
                                                     std::string_view branch_name);
  [[nodiscard]] Result<StaleBranches> get_stale_branches(std::string_view repo_id);

  // The branch is stale from now until it is analysed; a running AutoRefreshService sees to it.
  // Errors: NotFound for a branch that is not stored; as Storage.
  [[nodiscard]] Result<void> mark_for_refresh(std::string_view repo_id,
                                              std::string_view branch_name);

  [[nodiscard]] double stale_threshold_hours() const { return threshold_hours_; }

 private:
  DataRefreshManager(DataPersistenceService& persistence, double threshold_hours)
      : persistence_(&persistence), threshold_hours_(threshold_hours) {}
  template <class Question>
  auto ask(const Question& question) -> decltype(question(std::declval<StalenessReader&>()));

  DataPersistenceService* persistence_;
  double threshold_hours_;
};

}  // namespace twinstore
