// Which branches and analyses are stale, from the rows of a database. It judges with freshness.h
// and nothing else. Thread rule: the storage's thread.
// Next: refresh_manager.h, which asks it for a program.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "twinstore/clock.h"
#include "twinstore/freshness.h"
#include "twinstore/storage.h"

namespace twinstore {

inline constexpr double stale_threshold_hours_default = 24;

class StalenessReader {
 public:
  // All references outlive the reader; `storage` may be read-only. Errors: as
  // check_stale_threshold.
  [[nodiscard]] static Result<StalenessReader> make(
      const Schema& schema, Storage& storage, Clock& clock,
      double stale_threshold_hours = stale_threshold_hours_default);

  // Errors of each: NotFound for a branch or an analysis that is not stored; UnknownCollection for
  // a schema without branches and analyses; as Storage.
  [[nodiscard]] Result<bool> is_branch_stale(std::string_view repo_id,
                                             std::string_view branch_name);
  [[nodiscard]] Result<bool> is_analysis_stale(std::string_view repo_id,
                                               std::string_view branch_name,
                                               std::string_view commit_sha);
  [[nodiscard]] Result<Staleness> get_staleness_info(std::string_view repo_id,
                                                     std::string_view branch_name);
  // A repository that is not stored has none.
  [[nodiscard]] Result<StaleBranches> get_stale_branches(std::string_view repo_id);

 private:
  StalenessReader(const Schema& schema, Storage& storage, Clock& clock, double threshold_hours)
      : schema_(&schema), storage_(&storage), clock_(&clock), threshold_hours_(threshold_hours) {}
  Result<BranchFacts> facts(std::string_view repo_id, std::string_view branch_name);

  const Schema* schema_;
  Storage* storage_;
  Clock* clock_;
  double threshold_hours_;
};

}  // namespace twinstore
