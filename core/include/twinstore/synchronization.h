// DataSynchronizationService: records of a backend that may meet newer ones, or edits that people
// made. It judges them by a strategy, keeps what does not simply take effect, and lets conflicts be
// decided. The strategy is chosen for the service, a collection or a field; the schema's is
// LATEST_WINS everywhere, with the rules of MERGE declared beside it (docs/schema.md).
// Thread rule: that of the persistence service.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "twinstore/conflict_decisions.h"
#include "twinstore/persistence.h"

namespace twinstore {

using ConflictResolutionStrategy = Policy;

// Both sides of a change, as objects of fields in JSON; empty: that side deleted the row.
struct SyncConflict {
  size_t index = 0;  // in the list that it came with
  std::string id;
  std::string repo_id;
  std::string collection;
  std::string row_key;              // a JSON array
  std::vector<std::string> fields;  // that wait
  std::string base;
  std::string local;   // what was handed in
  std::string remote;  // what is stored
  std::string suggested;
  std::string detected_at;
  Rev remote_rev = 0;
};

class DataSynchronizationService {
 public:
  // `persistence` outlives the service. Errors: those of set_strategy.
  [[nodiscard]] static Result<DataSynchronizationService> make(
      DataPersistenceService& persistence,
      ConflictResolutionStrategy strategy = ConflictResolutionStrategy::LatestWins);

  // For what is named, from now on. Errors: UnknownCollection, UnknownField.
  [[nodiscard]] Result<void> set_strategy(const PolicyChoice& choice);

  // True: what the record says is stored, or was already; where a rule made something of both
  // sides, too. False: it is older than what is stored, or something of it waits for a decision.
  // Errors: as DataPersistenceService::store_*.
  [[nodiscard]] Result<bool> sync_branch_metadata(std::string_view repo_id,
                                                  const BranchInfo& branch);
  [[nodiscard]] Result<bool> sync_analysis_result(const BranchAnalysisResult& analysis);
  // All in one transaction, with what became of each.
  [[nodiscard]] Result<std::vector<IngestResult>> sync_multiple_branches(
      std::string_view repo_id, const std::vector<BranchInfo>& branches);

  // In the order of their detection. Errors: as Storage.
  [[nodiscard]] Result<std::vector<SyncConflict>> get_conflicts();
  // By index in get_conflicts() as it is now, or by id; by side, or with values by field name.
  // Errors: as decide_conflict.
  [[nodiscard]] Result<void> resolve_conflict(const ConflictName& conflict, bool use_local);
  [[nodiscard]] Result<void> resolve_conflict(const ConflictName& conflict, const JsonText& merged);

  // Of the database, whoever wrote; they survive a restart.
  [[nodiscard]] Result<SyncStatistics> stats();

 private:
  DataSynchronizationService(DataPersistenceService& persistence, Schema rules)
      : persistence_(&persistence), rules_(std::make_unique<Schema>(std::move(rules))) {}
  Result<void> decide(const ConflictName& conflict, const ConflictDecision& decision);

  DataPersistenceService* persistence_;
  std::unique_ptr<Schema> rules_;  // the database's schema, with these strategies
};

}  // namespace twinstore
