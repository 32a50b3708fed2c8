// DataPersistenceService: what is known about repositories, stored and read as plain values, which
// stay valid whatever becomes of the service. Every write is durable when the call returns, and
// takes the road of a client's push: one `resolve`, one rev, seen by every replica.
// A program opens one by URL: native's workspace/service_database.h.
// Thread rule: that of the transactions; with those of a server, any thread.
// Next: synchronization.h for records that meet newer ones, cleanup.h for what is old.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "twinstore/cleanup.h"
#include "twinstore/code_mri.h"
#include "twinstore/persistence_reader.h"
#include "twinstore/persistence_writer.h"
#include "twinstore/transactions.h"

namespace twinstore {

inline constexpr size_t history_limit_default = 10;

class DataPersistenceService {
 public:
  // All references outlive the service. `source` names who hands in records: what it handed in last
  // is the base of what it hands in next (ingest.h). Errors: UnknownCollection for a schema without
  // the shipped collections.
  [[nodiscard]] static Result<DataPersistenceService> make(const Schema& schema, Clock& clock,
                                                           Transactions& transactions,
                                                           std::string source = "service");

  // A record says what it names; the rest of the row stays. One that is older than the stored row
  // is Superseded and changes nothing, which is no error. Errors of all that store: those of the
  // values, MissingField without a key, InvalidArgument for a `rev` that was never given, what
  // rejects the record; as Storage. Nothing is changed then.
  [[nodiscard]] Result<IngestResult> store_repository(const RepositoryInfo& repository);
  // All of one repository, in one transaction; their repo_id may be left empty.
  [[nodiscard]] Result<std::vector<IngestResult>> store_branches(
      std::string_view repo_id, const std::vector<BranchInfo>& branches);
  // Returns its commit_sha.
  [[nodiscard]] Result<std::string> store_analysis(const BranchAnalysisResult& analysis);
  // Returns its id. One that is stored already is the same one.
  [[nodiscard]] Result<std::string> store_historical_metric(const HistoricalMetric& metric);
  // A new entry is created and used now, unless it says otherwise.
  [[nodiscard]] Result<IngestResult> store_cache_entry(const CacheEntry& entry);

  // Nothing: it is not stored. Errors of all that read: as Storage.
  [[nodiscard]] Result<std::optional<RepositoryInfo>> get_repository(std::string_view repo_id);
  // By name.
  [[nodiscard]] Result<std::vector<BranchInfo>> get_branches(std::string_view repo_id);
  // Of one commit, or the latest by its timestamp, and of two at the same time by commit_sha.
  [[nodiscard]] Result<std::optional<BranchAnalysisResult>> get_latest_analysis(
      std::string_view repo_id, std::string_view branch_name,
      const std::optional<std::string>& commit_sha = std::nullopt);
  // The newest first. Errors: InvalidArgument for a limit of 0.
  [[nodiscard]] Result<std::vector<BranchAnalysisResult>> get_analysis_history(
      std::string_view repo_id, std::string_view branch_name, size_t limit = history_limit_default);
  // By metric, and the oldest first. Errors: InvalidArgument for a time that is none.
  [[nodiscard]] Result<std::vector<HistoricalMetric>> get_historical_metrics(
      std::string_view repo_id, std::string_view branch_name, const MetricsWanted& which = {});
  // Counts a hit. Nothing when there is none, or it has expired.
  [[nodiscard]] Result<std::optional<CacheEntry>> get_cache_entry(std::string_view cache_key);
  // Counts a hit and nothing else. False: as get_cache_entry.
  [[nodiscard]] Result<bool> touch_cache_entry(std::string_view cache_key);

  // With everything that belongs to it, in transactions of limits::delete_batch_rows; the row
  // itself goes last. Nothing stored is no error. An edit that was made offline meets the deletion
  // as docs/sync.md says.
  [[nodiscard]] Result<RowCounts> delete_repository(std::string_view repo_id);
  [[nodiscard]] Result<RowCounts> delete_branch(std::string_view repo_id, std::string_view name);

  // Deletes what is old, as cleanup.h says, in many transactions. `gone_file` is called with the
  // `path` of each cache entry that went, once that is durable; it may be empty. Errors: as
  // Cleanup::make.
  using GoneFile = std::function<void(const std::string& path)>;
  [[nodiscard]] Result<RowCounts> cleanup(const CleanupOptions& options,
                                          const GoneFile& gone_file = {});

  [[nodiscard]] Result<PersistenceStatistics> stats();

  // The same under `rules`: the schema with other policies. For DataSynchronizationService.
  [[nodiscard]] Result<std::vector<IngestResult>> store_branches_by(
      const Schema& rules, std::string_view repo_id, const std::vector<BranchInfo>& branches);
  [[nodiscard]] Result<IngestResult> store_analysis_by(const Schema& rules,
                                                       const BranchAnalysisResult& analysis);
  [[nodiscard]] const Schema& schema() const { return *schema_; }
  [[nodiscard]] Clock& clock() { return *clock_; }
  [[nodiscard]] Transactions& transactions() { return *transactions_; }
  [[nodiscard]] const std::string& source() const { return source_; }

 private:
  DataPersistenceService(const Schema& schema, Clock& clock, Transactions& transactions,
                         std::string source)
      : schema_(&schema),
        clock_(&clock),
        transactions_(&transactions),
        source_(std::move(source)) {}
  // What `question` answers, asked of one state of the database.
  template <class Question>
  auto ask(const Question& question) -> decltype(question(std::declval<PersistenceReader&>()));
  Result<std::vector<IngestResult>> store(const Schema& rules, std::vector<IngestRecord> records);
  template <class Info>
  Result<IngestResult> store_one(const Schema& rules, const Info& info);

  const Schema* schema_;
  Clock* clock_;
  Transactions* transactions_;
  std::string source_;
};

}  // namespace twinstore
