#include "twinstore/persistence.h"

#include <algorithm>

#include "services/code_collections.h"
#include "services/ingest_record.h"
#include "twinstore/limits.h"
#include "twinstore/time_text.h"

namespace twinstore {
namespace {

template <class Info>
Result<IngestRecord> record_for(const Schema& schema, const Info& info) {
  TWINSTORE_TRY(JsonValue json, record_json(info));
  return read_ingest_record(schema, Info::collection, std::move(json));
}

Error rejection_of(const IngestResult& result) {
  return {result.outcome.code, result.outcome.message};
}

// Canonical, so that it compares with what is stored.
Result<void> canonical_bound(std::string& time) {
  if (time.empty()) return {};
  TWINSTORE_TRY(const int64_t ms, parse_time(time));
  time = time_text(ms);
  return {};
}

template <class Info>
std::optional<Info> record_or_nothing(const Schema& schema, const std::optional<RowVersion>& row) {
  if (!row) return std::nullopt;
  return record_of<Info>(*schema.find(Info::collection), *row);
}

template <class Info>
std::vector<Info> records_of(const Schema& schema, const std::vector<RowVersion>& rows) {
  std::vector<Info> out;
  out.reserve(rows.size());
  for (const RowVersion& row : rows) {
    out.push_back(record_of<Info>(*schema.find(Info::collection), row));
  }
  return out;
}

// A transaction that begins anew counts anew.
template <class Step>
Result<RowCounts> delete_in_batches(Transactions& transactions, const Step& step) {
  RowCounts counts;
  for (bool is_done = false; !is_done;) {
    RowCounts after;
    TWINSTORE_TRY_VOID(transactions.run([&](OwnWrites& writes) -> Result<void> {
      after = counts;
      PersistenceWriter writer(writes);
      TWINSTORE_TRY(is_done, step(writer, after));
      return {};
    }));
    counts = std::move(after);
  }
  return counts;
}

}  // namespace

Result<DataPersistenceService> DataPersistenceService::make(const Schema& schema, Clock& clock,
                                                            Transactions& transactions,
                                                            std::string source) {
  TWINSTORE_TRY_VOID(CodeCollections::of(schema));
  return DataPersistenceService(schema, clock, transactions, std::move(source));
}

template <class Question>
auto DataPersistenceService::ask(const Question& question)
    -> decltype(question(std::declval<PersistenceReader&>())) {
  using Answer = decltype(question(std::declval<PersistenceReader&>()));
  return read_in(*transactions_, [&](Storage& storage) -> Answer {
    TWINSTORE_TRY(PersistenceReader reader, PersistenceReader::make(*schema_, storage, *clock_));
    return question(reader);
  });
}

Result<std::vector<IngestResult>> DataPersistenceService::store(const Schema& rules,
                                                                std::vector<IngestRecord> records) {
  std::vector<IngestResult> results;
  TWINSTORE_TRY_VOID(transactions_->run([&](OwnWrites& writes) -> Result<void> {
    TWINSTORE_TRY(results, PersistenceWriter(writes).store(rules, source_, records));
    for (const IngestResult& result : results) {
      if (result.status == IngestStatus::Rejected) return rejection_of(result);
    }
    return {};
  }));
  return results;
}

template <class Info>
Result<IngestResult> DataPersistenceService::store_one(const Schema& rules, const Info& info) {
  TWINSTORE_TRY(IngestRecord record, record_for(rules, info));
  std::vector<IngestRecord> records;
  records.push_back(std::move(record));
  TWINSTORE_TRY(const auto results, store(rules, std::move(records)));
  return results.front();
}

Result<IngestResult> DataPersistenceService::store_repository(const RepositoryInfo& repository) {
  return store_one(*schema_, repository);
}

Result<std::vector<IngestResult>> DataPersistenceService::store_branches(
    std::string_view repo_id, const std::vector<BranchInfo>& branches) {
  return store_branches_by(*schema_, repo_id, branches);
}

Result<IngestResult> DataPersistenceService::store_analysis_by(
    const Schema& rules, const BranchAnalysisResult& analysis) {
  return store_one(rules, analysis);
}

Result<std::vector<IngestResult>> DataPersistenceService::store_branches_by(
    const Schema& rules, std::string_view repo_id, const std::vector<BranchInfo>& branches) {
  std::vector<IngestRecord> records;
  for (BranchInfo branch : branches) {
    if (branch.repo_id.empty()) branch.repo_id = repo_id;
    if (branch.repo_id != repo_id) {
      return Error{ErrorCode::InvalidArgument, "a branch of another repository"};
    }
    TWINSTORE_TRY(IngestRecord record, record_for(rules, branch));
    records.push_back(std::move(record));
  }
  return store(rules, std::move(records));
}

Result<std::string> DataPersistenceService::store_analysis(const BranchAnalysisResult& analysis) {
  TWINSTORE_TRY_VOID(store_one(*schema_, analysis));
  return analysis.commit_sha;
}

Result<std::string> DataPersistenceService::store_historical_metric(
    const HistoricalMetric& metric) {
  TWINSTORE_TRY(IngestRecord record, record_for(*schema_, metric));
  const std::string id = std::get<std::string>(record.edit.key.front());
  std::vector<IngestRecord> records;
  records.push_back(std::move(record));
  TWINSTORE_TRY_VOID(store(*schema_, std::move(records)));
  return id;
}

Result<IngestResult> DataPersistenceService::store_cache_entry(const CacheEntry& entry) {
  return store_one(*schema_, entry);
}

Result<std::optional<RepositoryInfo>> DataPersistenceService::get_repository(
    std::string_view repo_id) {
  TWINSTORE_TRY(const auto row,
                ask([&](PersistenceReader& reader) { return reader.repository(repo_id); }));
  return record_or_nothing<RepositoryInfo>(*schema_, row);
}

Result<std::vector<BranchInfo>> DataPersistenceService::get_branches(std::string_view repo_id) {
  TWINSTORE_TRY(const auto rows,
                ask([&](PersistenceReader& reader) { return reader.branches(repo_id); }));
  return records_of<BranchInfo>(*schema_, rows);
}

Result<std::optional<BranchAnalysisResult>> DataPersistenceService::get_latest_analysis(
    std::string_view repo_id, std::string_view branch_name,
    const std::optional<std::string>& commit_sha) {
  TWINSTORE_TRY(const auto row, ask([&](PersistenceReader& reader) {
                  return reader.analysis(repo_id, branch_name, commit_sha);
                }));
  return record_or_nothing<BranchAnalysisResult>(*schema_, row);
}

Result<std::vector<BranchAnalysisResult>> DataPersistenceService::get_analysis_history(
    std::string_view repo_id, std::string_view branch_name, size_t limit) {
  if (limit == 0) return Error{ErrorCode::InvalidArgument, "a limit is at least 1"};
  RowsWanted wanted;
  wanted.rows_max = limit;
  TWINSTORE_TRY(const auto rows, ask([&](PersistenceReader& reader) {
                  return reader.analysis_history(repo_id, branch_name, wanted);
                }));
  return records_of<BranchAnalysisResult>(*schema_, rows);
}

Result<std::vector<HistoricalMetric>> DataPersistenceService::get_historical_metrics(
    std::string_view repo_id, std::string_view branch_name, const MetricsWanted& which) {
  MetricsWanted canonical = which;
  TWINSTORE_TRY_VOID(canonical_bound(canonical.since));
  TWINSTORE_TRY_VOID(canonical_bound(canonical.until));
  TWINSTORE_TRY(const auto rows, ask([&](PersistenceReader& reader) {
                  return reader.metrics(repo_id, branch_name, canonical);
                }));
  return records_of<HistoricalMetric>(*schema_, rows);
}

Result<std::optional<CacheEntry>> DataPersistenceService::get_cache_entry(
    std::string_view cache_key) {
  TWINSTORE_TRY(const bool is_there, touch_cache_entry(cache_key));
  if (!is_there) return std::optional<CacheEntry>{};
  TWINSTORE_TRY(const auto row,
                ask([&](PersistenceReader& reader) { return reader.cache_entry(cache_key); }));
  return record_or_nothing<CacheEntry>(*schema_, row);
}

Result<bool> DataPersistenceService::touch_cache_entry(std::string_view cache_key) {
  bool is_there = false;
  TWINSTORE_TRY_VOID(transactions_->run([&](OwnWrites& writes) -> Result<void> {
    TWINSTORE_TRY(is_there, PersistenceWriter(writes).touch_cache_entry(cache_key));
    return {};
  }));
  return is_there;
}

Result<RowCounts> DataPersistenceService::delete_repository(std::string_view repo_id) {
  return delete_in_batches(*transactions_, [&](PersistenceWriter& writer, RowCounts& counts) {
    return writer.delete_repository(repo_id, limits::delete_batch_rows, counts);
  });
}

Result<RowCounts> DataPersistenceService::delete_branch(std::string_view repo_id,
                                                        std::string_view name) {
  return delete_in_batches(*transactions_, [&](PersistenceWriter& writer, RowCounts& counts) {
    return writer.delete_branch(repo_id, name, limits::delete_batch_rows, counts);
  });
}

Result<RowCounts> DataPersistenceService::cleanup(const CleanupOptions& options,
                                                  const GoneFile& gone_file) {
  TWINSTORE_TRY(Cleanup committed, Cleanup::make(*schema_, *clock_, options));
  for (bool is_done = false; !is_done;) {
    Cleanup under_way = committed;
    TWINSTORE_TRY_VOID(transactions_->run([&](OwnWrites& writes) -> Result<void> {
      under_way = committed;
      TWINSTORE_TRY(is_done, under_way.step(writes));
      return {};
    }));
    committed = std::move(under_way);
    if (gone_file) std::ranges::for_each(committed.take_files(), gone_file);
  }
  return committed.result().deleted;
}

Result<PersistenceStatistics> DataPersistenceService::stats() {
  return ask([](PersistenceReader& reader) { return reader.statistics(); });
}

}  // namespace twinstore
