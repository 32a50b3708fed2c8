// What is stored about repositories, as rows: the questions that the services and the REST API ask
// of any storage. Each is answered by an index (docs/services.md). Thread rule: the storage's
// thread; it may be read-only. Next: persistence.h gives the answers as plain values.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "twinstore/clock.h"
#include "twinstore/statistics.h"
#include "twinstore/storage.h"

namespace twinstore {

// A stretch of an ordered answer.
struct RowsWanted {
  std::vector<Value> after{};  // continues behind the row with these values; empty: the beginning
  size_t rows_max = 0;         // 0: all
  std::vector<uint16_t> left_out{};  // fields that come back null
};

// Which metrics of a branch; times as RFC 3339 in canonical form.
struct MetricsWanted {
  std::string metric_name{};  // empty: all
  std::string since{};        // recorded then or later; empty: from the beginning
  std::string until{};        // recorded earlier; empty: to the end
};

struct CacheStatistics {
  int64_t entries = 0;
  int64_t bytes = 0;    // the sum of what entries say of their size
  int64_t hits = 0;     // the sum of what they count
  int64_t expired = 0;  // still stored, and no longer given
};

struct PersistenceStatistics {
  CacheStatistics cache;
  std::vector<std::pair<std::string, int64_t>> rows;  // by collection, in the schema's order
  SyncStatistics sync;
};
// {"cache":{"entries","bytes","hits","expired"},"rows":{"repositories":12,…},"sync":{…}}
[[nodiscard]] std::string persistence_statistics_json(const PersistenceStatistics& statistics);

class PersistenceReader {
 public:
  // All outlive the reader. Errors: UnknownCollection for a schema without the shipped collections.
  [[nodiscard]] static Result<PersistenceReader> make(const Schema& schema, Storage& storage,
                                                      Clock& clock);

  // Errors of each: as Storage. Nothing: it is not stored, or deleted.
  [[nodiscard]] Result<std::optional<RowVersion>> repository(std::string_view repo_id);
  [[nodiscard]] Result<std::optional<RowVersion>> branch(std::string_view repo_id,
                                                         std::string_view name);
  // By name. `after`: a name.
  [[nodiscard]] Result<std::vector<RowVersion>> branches(std::string_view repo_id,
                                                         const RowsWanted& wanted = {});
  // Of one commit, or the latest: of two of the same time, that of the greater commit_sha.
  [[nodiscard]] Result<std::optional<RowVersion>> analysis(
      std::string_view repo_id, std::string_view branch_name,
      const std::optional<std::string>& commit_sha = std::nullopt);
  // The newest first. `after`: an analysis_timestamp and a commit_sha.
  [[nodiscard]] Result<std::vector<RowVersion>> analysis_history(std::string_view repo_id,
                                                                 std::string_view branch_name,
                                                                 const RowsWanted& wanted = {});
  // By metric, and the oldest first. `after`: a metric_name unless one is wanted, recorded_at, id.
  [[nodiscard]] Result<std::vector<RowVersion>> metrics(std::string_view repo_id,
                                                        std::string_view branch_name,
                                                        const MetricsWanted& which = {},
                                                        const RowsWanted& wanted = {});
  // One that has expired is not given.
  [[nodiscard]] Result<std::optional<RowVersion>> cache_entry(std::string_view cache_key);

  [[nodiscard]] Result<PersistenceStatistics> statistics();
  [[nodiscard]] Clock& clock() { return *clock_; }

  // Of two rows in an answer, what `after` is behind this one.
  [[nodiscard]] std::vector<Value> place_of(const Collection& collection, const RowVersion& row,
                                            const MetricsWanted& which = {}) const;

 private:
  PersistenceReader(const Schema& schema, Storage& storage, Clock& clock)
      : schema_(&schema), storage_(&storage), clock_(&clock) {}
  Result<std::optional<RowVersion>> live_row(std::string_view collection, Key key);
  Result<std::vector<RowVersion>> selected(const Collection& collection, Selection selection,
                                           const RowsWanted& wanted);
  Result<CacheStatistics> cache_statistics();

  const Schema* schema_;
  Storage* storage_;
  Clock* clock_;
};

}  // namespace twinstore
