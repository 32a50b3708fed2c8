// Cleanup: deleting what is old, in short transactions that leave room for other writers. Replicas
// hear of it as of any deletion; an edit that was made offline meets it as docs/sync.md says.
// - A cache entry goes when it has expired, or, if it names no end, when it was not used for
//   max_age_hours.
// - An analysis goes after max_age_days, and so do metrics; the newest analysis of a branch stays,
//   with the metrics of its commit.
// - A repository goes, with what belongs to it, when its updated_at is older than max_age_days,
// unless
//   something of it is newer or a conflict of it waits for a decision.
// Thread rule: the authority's thread, inside a transaction that the caller has begun.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "twinstore/clock.h"
#include "twinstore/persistence_writer.h"

namespace twinstore {

namespace limits {
inline constexpr size_t cleanup_batch_rows = 50;           // in one transaction; others wait
inline constexpr double cleanup_age_hours_max = 876'000;  // 100 years: nothing, in effect
}  // namespace limits

struct CleanupOptions {
  bool cleanup_old_repos = true;
  bool cleanup_old_analyses = true;
  bool cleanup_cache = true;
  double max_age_hours = 24;  // of cache entries
  double max_age_days = 30;   // of analyses, metrics and repositories
};

struct CleanupResult {
  RowCounts deleted;
  std::vector<std::string> files;  // `path` of the cache entries that went
};

class Cleanup {
 public:
  // `schema` outlives it. Errors: InvalidArgument for an age that is not a number from 0 to
  // limits::cleanup_age_hours_max; UnknownCollection for a schema without the shipped collections.
  [[nodiscard]] static Result<Cleanup> make(const Schema& schema, Clock& clock,
                                            const CleanupOptions& options);

  // Looks at the next limits::cleanup_batch_rows rows at most and deletes those that are to go,
  // with what belongs to them: about limits::delete_batch_rows. True: that was all; otherwise to be
  // called again, in another transaction. A copy begins where this one is, so that whoever rolls
  // back can begin anew. Errors: as Storage.
  [[nodiscard]] Result<bool> step(OwnWrites& writes);

  // Those of the next limits::cleanup_batch_rows rows at most that are to go, by their keys and
  // times: nothing is deleted. For whoever keeps rows elsewhere before they go; without
  // cleanup_old_repos. Requires !is_done(). Errors: as Storage.
  struct Found {
    const Collection* collection = nullptr;
    std::vector<Key> keys;
  };
  [[nodiscard]] Result<Found> find(Storage& storage);
  // There is nothing more to look at.
  [[nodiscard]] bool is_done() const { return !repository_ && kind_ == kinds_.size(); }

  // What has gone so far.
  [[nodiscard]] const CleanupResult& result() const { return result_; }
  // The files of the entries that went since the last call.
  [[nodiscard]] std::vector<std::string> take_files() { return std::exchange(result_.files, {}); }

 private:
  // How rows of a kind are found: by a time that lies before `end`, the oldest first, by the index
  // of that time.
  struct Kind {
    const Collection* collection;
    uint16_t time;
    std::string end;
    bool (Cleanup::*may_go)(const RowVersion&) const;                   // by the row alone
    Result<bool> (Cleanup::*stays)(Storage&, const RowVersion&) const;  // for what else is stored
  };
  explicit Cleanup(const Schema& schema) : schema_(&schema) {}
  void add_kinds(Clock& clock, const CleanupOptions& options);
  Result<std::vector<RowVersion>> next_rows(Storage& storage);
  Result<bool> goes(Storage& storage, const Kind& kind, const RowVersion& row) const;
  Result<void> remove(PersistenceWriter& writer, const Kind& kind, const RowVersion& row,
                      size_t& rows_left);
  [[nodiscard]] bool is_endless(const RowVersion& entry) const;
  [[nodiscard]] bool any_row(const RowVersion&) const { return true; }
  Result<bool> nothing_keeps(Storage&, const RowVersion&) const { return false; }
  Result<std::string> newest_commit(Storage& storage, const Collection& of,
                                    const RowVersion& row) const;
  Result<bool> is_newest(Storage& storage, const RowVersion& analysis) const;
  Result<bool> is_of_newest(Storage& storage, const RowVersion& metric) const;
  Result<bool> is_in_use(Storage& storage, const RowVersion& repository) const;

  const Schema* schema_;
  std::vector<Kind> kinds_;
  std::string old_;                // the end of what is old by max_age_days
  size_t kind_ = 0;                // under way
  std::vector<Value> place_;       // behind the last row that was looked at
  std::optional<Key> repository_;  // whose deletion is under way
  CleanupResult result_;
};

}  // namespace twinstore
