// A database of the shipped schema on one engine, with the services over it and a fake clock.
#pragma once

#include <doctest/doctest.h>

#include <set>
#include <string>

#include "../storage/engine.h"
#include "twinstore/embedded_schema.h"
#include "twinstore/persistence.h"

namespace twinstore::test {

inline Schema service_schema() {
  auto schema = Schema::parse(code_mri_schema_json);
  TWINSTORE_CHECK(schema.ok());
  return std::move(schema).value();
}

// Names as they occur: with slashes, spaces, percent signs and emoji.
inline constexpr std::string_view strange_repo = "nlohmann/json";
inline constexpr std::string_view strange_branch = "feature/100% öptional 😀";

template <class Engine>
struct ServiceWorld {
  Schema schema = service_schema();
  Engine engine{schema};
  FakeClock clock{1'717'243'200'000};  // 2024-06-01T12:00:00Z
  FakeIdSource ids{7};
  std::unique_ptr<Authority> authority = opened(schema, storage(), clock, ids);
  AuthorityTransactions transactions{*authority};
  DataPersistenceService persistence = made(schema, clock, transactions);

  Storage& storage() { return *engine.storage; }

  static std::unique_ptr<Authority> opened(const Schema& schema, Storage& storage, Clock& clock,
                                           IdSource& ids) {
    auto made = Authority::open(schema, storage, clock, ids);
    TWINSTORE_CHECK(made.ok());
    return std::move(made).value();
  }
  static DataPersistenceService made(const Schema& schema, Clock& clock,
                                     Transactions& transactions) {
    auto service = DataPersistenceService::make(schema, clock, transactions);
    TWINSTORE_CHECK(service.ok());
    return std::move(service).value();
  }

  // The value, or the end of the test with the error's text.
  template <class T>
  T must(Result<T> result) {
    if (!result.ok()) {
      FAIL(error_text(result.error().code) << ": " << result.error().message);
    }
    return std::move(result).value();
  }
  void must(const Result<void>& result) {
    if (!result.ok()) {
      FAIL(error_text(result.error().code) << ": " << result.error().message);
    }
  }
  template <class T>
  ErrorCode refused(const Result<T>& result) {
    CHECK_FALSE(result.ok());
    return result.ok() ? ErrorCode::Internal : result.error().code;
  }

  void store_branch(std::string_view repo_id, std::string_view name) {
    BranchInfo branch;
    branch.name = name;
    must(persistence.store_branches(repo_id, {branch}));
  }
  void store_analysis(std::string_view repo_id, std::string_view branch, std::string_view commit,
                      std::string_view at) {
    BranchAnalysisResult analysis;
    analysis.repo_id = repo_id;
    analysis.branch_name = branch;
    analysis.commit_sha = commit;
    analysis.analysis_timestamp = std::string(at);
    analysis.file_tree = JsonText{R"({"files":[]})"};
    must(persistence.store_analysis(analysis));
  }
  std::string store_metric(std::string_view repo_id, std::string_view branch, std::string_view name,
                           double value, std::string_view at, std::string_view commit = "c1") {
    HistoricalMetric metric;
    metric.repo_id = std::string(repo_id);
    metric.branch_name = std::string(branch);
    metric.commit_sha = std::string(commit);
    metric.metric_name = std::string(name);
    metric.metric_value = value;
    metric.recorded_at = std::string(at);
    return must(persistence.store_historical_metric(metric));
  }
  CacheEntry store_cache_entry(std::string_view key, std::string_view repo_id) {
    CacheEntry entry;
    entry.cache_key = key;
    entry.repo_id = std::string(repo_id);
    entry.size_bytes = 100;
    must(persistence.store_cache_entry(entry));
    return entry;
  }
  // A repository with two branches, two analyses, three metrics and a cache entry.
  void fill(const std::string& repo_id) {
    RepositoryInfo repository;
    repository.repo_id = repo_id;
    must(persistence.store_repository(repository));
    for (const char* branch : {"main", "next"}) {
      store_branch(repo_id, branch);
      store_analysis(repo_id, branch, "c1", "2024-05-01T00:00:00Z");
      store_metric(repo_id, branch, "files", 3, "2024-05-01T00:00:00Z");
    }
    store_metric(repo_id, "main", "files", 4, "2024-05-02T00:00:00Z");
    store_cache_entry("cache:" + repo_id, repo_id);
  }
  std::string rows_of(std::string_view repo_id) {
    std::string out;
    for (const Collection& collection : schema.collections()) {
      if (collection.is_system) continue;
      Selection selection;
      selection.equal = {{collection.scope_field, std::string(repo_id)}};
      const int64_t count = must(storage().count(collection, selection));
      out += (out.empty() ? "" : " ") + std::to_string(count);
    }
    return out;
  }
};

}  // namespace twinstore::test
