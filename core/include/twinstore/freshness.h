// Freshness: the one predicate that says whether a branch's analysis is out of date. The server's
// periodic check, its REST answers and the browser's indicator all call it, so that they agree.
// The rules and their reasons stand in docs/freshness.md.
// Thread rule: plain values and pure functions. Next: staleness_reader.h, which feeds it from rows.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "twinstore/result.h"

namespace twinstore {

struct AnalysisPoint {
  int64_t at_ms = 0;
  std::string commit_sha;
};

// True when `a` counts as the newer of two analyses of a branch: the later, and of two of the same
// time the one whose commit_sha is greater, so that every replica names the same one.
[[nodiscard]] bool is_newer(const AnalysisPoint& a, const AnalysisPoint& b);

// What is known of a branch.
struct BranchFacts {
  std::string head_commit;                  // empty: not known, and then it differs from nothing
  std::optional<int64_t> last_analyzed_ms;  // branches.last_analyzed_at
  std::optional<int64_t> refresh_requested_ms;  // branches.refresh_requested_at
  std::optional<AnalysisPoint> newest;          // of its stored analyses
};

enum class StaleReason : uint8_t { NeverAnalyzed, RefreshRequested, HeadMoved, TooOld };
// never_analyzed, refresh_requested, head_moved, too_old.
[[nodiscard]] std::string_view stale_reason_text(StaleReason reason);

struct Staleness {
  bool is_stale = false;
  std::optional<double> age_hours;  // nothing: never analysed; never negative
  double stale_threshold_hours = 0;
  std::optional<int64_t> last_analyzed_ms;
  std::string last_analyzed_commit;  // empty: not known
  std::vector<StaleReason> reasons;  // in the order of the enumeration
  // When, if nothing is written until then, this answer has other reasons; nothing: never.
  std::optional<int64_t> next_change_ms;
};

// Errors: InvalidArgument unless the threshold is a number from 0 to
// limits::stale_threshold_hours_max.
[[nodiscard]] Result<void> check_stale_threshold(double hours);

// A branch is stale when it was never analysed; when it was marked after its last analysis; when
// its head is not the commit analysed last; or when that analysis is older than the threshold.
// Exactly at the threshold it is fresh. Requires a checked threshold.
[[nodiscard]] Staleness branch_staleness(const BranchFacts& facts, int64_t now_ms,
                                         double threshold_hours);

// One analysis is stale when its commit is not the head, or when it is older than the threshold.
[[nodiscard]] Staleness analysis_staleness(const AnalysisPoint& analysis,
                                           std::string_view head_commit, int64_t now_ms,
                                           double threshold_hours);

// {"is_stale","age_hours","stale_threshold_hours","last_analyzed_at","last_analyzed_commit",
// "reasons","next_change_at"}: times as RFC 3339, null where there is nothing.
[[nodiscard]] std::string staleness_json(const Staleness& staleness);

// The stale ones of many branches, all judged at one time.
class StaleBranches {
 public:
  // Requires a checked threshold.
  StaleBranches(int64_t now_ms, double threshold_hours)
      : now_ms_(now_ms), threshold_hours_(threshold_hours) {}

  void add(const std::string& branch_name, const BranchFacts& facts);

  // In the order in which they were added.
  [[nodiscard]] const std::vector<std::pair<std::string, Staleness>>& branches() const {
    return branches_;
  }
  // {"checked_at","stale_threshold_hours","next_change_at","branches":[{"branch_name",…}]}
  [[nodiscard]] std::string json() const;

 private:
  int64_t now_ms_;
  double threshold_hours_;
  std::optional<int64_t> next_change_ms_;  // of any branch, fresh ones included
  std::vector<std::pair<std::string, Staleness>> branches_;
};

}  // namespace twinstore
