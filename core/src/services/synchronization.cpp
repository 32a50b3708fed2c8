#include "twinstore/synchronization.h"

#include "base/json.h"
#include "sync/conflict_rows.h"

namespace twinstore {
namespace {

bool is_success(const IngestResult& result) {
  switch (result.status) {
    case IngestStatus::Superseded:
    case IngestStatus::Rejected: return false;
    default: return result.outcome.status != OutcomeStatus::Conflict;
  }
}

std::vector<std::string> names_in(const std::string& json) {
  std::vector<std::string> names;
  const auto parsed = parse_json(json);
  TWINSTORE_CHECK(parsed.ok());  // a set as it is stored
  for (const JsonValue& name : parsed.value()) names.push_back(name.get<std::string>());
  return names;
}

SyncConflict conflict_of(size_t index, const RowVersion& row) {
  namespace at = conflict_field;
  SyncConflict conflict;
  conflict.index = index;
  conflict.id = conflict_text(row, at::id);
  conflict.repo_id = conflict_text(row, at::scope);
  conflict.collection = conflict_text(row, at::collection);
  conflict.row_key = conflict_text(row, at::row_key);
  conflict.fields = names_in(conflict_text(row, at::fields));
  conflict.base = conflict_text(row, at::base);
  conflict.local = conflict_text(row, at::local);
  conflict.remote = conflict_text(row, at::remote);
  conflict.suggested = conflict_text(row, at::suggested);
  conflict.detected_at = conflict_text(row, at::detected_at);
  const auto* rev = std::get_if<int64_t>(&row.values[at::remote_rev]);
  conflict.remote_rev = rev == nullptr ? 0 : *rev;
  return conflict;
}

}  // namespace

Result<DataSynchronizationService> DataSynchronizationService::make(
    DataPersistenceService& persistence, ConflictResolutionStrategy strategy) {
  DataSynchronizationService service(persistence, persistence.schema());
  // The schema's own strategy keeps what it says of single fields.
  if (strategy != ConflictResolutionStrategy::LatestWins) {
    TWINSTORE_TRY_VOID(service.set_strategy({.collection = {}, .field = {}, .policy = strategy}));
  }
  return service;
}

Result<void> DataSynchronizationService::set_strategy(const PolicyChoice& choice) {
  TWINSTORE_TRY(Schema rules, rules_->with_policy(choice));
  *rules_ = std::move(rules);
  return {};
}

Result<bool> DataSynchronizationService::sync_branch_metadata(std::string_view repo_id,
                                                              const BranchInfo& branch) {
  TWINSTORE_TRY(const auto results, persistence_->store_branches_by(*rules_, repo_id, {branch}));
  return is_success(results.front());
}

Result<bool> DataSynchronizationService::sync_analysis_result(
    const BranchAnalysisResult& analysis) {
  TWINSTORE_TRY(const IngestResult result, persistence_->store_analysis_by(*rules_, analysis));
  return is_success(result);
}

Result<std::vector<IngestResult>> DataSynchronizationService::sync_multiple_branches(
    std::string_view repo_id, const std::vector<BranchInfo>& branches) {
  return persistence_->store_branches_by(*rules_, repo_id, branches);
}

Result<std::vector<SyncConflict>> DataSynchronizationService::get_conflicts() {
  TWINSTORE_TRY(const auto rows, read_in(persistence_->transactions(), [&](Storage& storage) {
                  return open_conflict_rows(persistence_->schema(), storage);
                }));
  std::vector<SyncConflict> conflicts;
  for (const RowVersion& row : rows) conflicts.push_back(conflict_of(conflicts.size(), row));
  return conflicts;
}

Result<void> DataSynchronizationService::decide(const ConflictName& conflict,
                                                const ConflictDecision& decision) {
  return persistence_->transactions().run([&](OwnWrites& writes) -> Result<void> {
    TWINSTORE_TRY_VOID(decide_conflict(writes, conflict, decision, persistence_->source()));
    return {};
  });
}

Result<void> DataSynchronizationService::resolve_conflict(const ConflictName& conflict,
                                                          bool use_local) {
  using Side = ConflictDecision::Side;
  return decide(conflict, {.side = use_local ? Side::Local : Side::Remote});
}

Result<void> DataSynchronizationService::resolve_conflict(const ConflictName& conflict,
                                                          const JsonText& merged) {
  return decide(conflict, {.side = ConflictDecision::Side::Merged, .merged_json = merged.text});
}

Result<SyncStatistics> DataSynchronizationService::stats() {
  return read_in(persistence_->transactions(), [&](Storage& storage) {
    return read_sync_statistics(persistence_->schema(), storage);
  });
}

}  // namespace twinstore
