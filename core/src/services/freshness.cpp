#include "twinstore/freshness.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/json.h"
#include "twinstore/limits.h"
#include "twinstore/time_text.h"

namespace twinstore {
namespace {

constexpr std::array<std::string_view, 4> reason_texts{"never_analyzed", "refresh_requested",
                                                       "head_moved", "too_old"};

// The first millisecond at which something of `at_ms` is over the threshold.
int64_t too_old_from(int64_t at_ms, double threshold_hours) {
  return at_ms + static_cast<int64_t>(std::floor(threshold_hours * hour_ms)) + 1;
}

// Age, and the reasons that follow from the last analysis alone.
void add_age(Staleness& out, const AnalysisPoint& last, std::string_view head_commit,
             int64_t now_ms) {
  out.last_analyzed_ms = last.at_ms;
  out.last_analyzed_commit = last.commit_sha;
  // A clock behind the analyser's makes it as young as can be, not younger.
  out.age_hours = static_cast<double>(std::max<int64_t>(0, now_ms - last.at_ms)) / hour_ms;
  const bool is_known = !head_commit.empty() && !last.commit_sha.empty();
  if (is_known && head_commit != last.commit_sha) out.reasons.push_back(StaleReason::HeadMoved);
  const int64_t from = too_old_from(last.at_ms, out.stale_threshold_hours);
  if (now_ms >= from) {
    out.reasons.push_back(StaleReason::TooOld);
  } else if (from <= last_time_ms) {
    out.next_change_ms = from;
  }
}

JsonValue time_or_null(const std::optional<int64_t>& ms) {
  return ms ? JsonValue(time_text(*ms)) : JsonValue(nullptr);
}

JsonValue to_json(const Staleness& staleness) {
  JsonValue reasons = JsonValue::array();
  for (const StaleReason reason : staleness.reasons) reasons.push_back(stale_reason_text(reason));
  JsonValue root{{"is_stale", staleness.is_stale},
                 {"stale_threshold_hours", staleness.stale_threshold_hours},
                 {"last_analyzed_at", time_or_null(staleness.last_analyzed_ms)},
                 {"reasons", std::move(reasons)},
                 {"next_change_at", time_or_null(staleness.next_change_ms)}};
  root["age_hours"] = staleness.age_hours ? JsonValue(*staleness.age_hours) : JsonValue(nullptr);
  root["last_analyzed_commit"] = staleness.last_analyzed_commit.empty()
                                     ? JsonValue(nullptr)
                                     : JsonValue(staleness.last_analyzed_commit);
  return root;
}

}  // namespace

bool is_newer(const AnalysisPoint& a, const AnalysisPoint& b) {
  return a.at_ms != b.at_ms ? a.at_ms > b.at_ms : a.commit_sha > b.commit_sha;
}

std::string_view stale_reason_text(StaleReason reason) {
  return reason_texts[static_cast<size_t>(reason)];
}

Result<void> check_stale_threshold(double hours) {
  // Written so that NaN fails as well.
  if (hours >= 0 && hours <= limits::stale_threshold_hours_max) return {};
  return Error{ErrorCode::InvalidArgument, "a threshold is a number of hours from 0 to 876,000"};
}

Staleness branch_staleness(const BranchFacts& facts, int64_t now_ms, double threshold_hours) {
  Staleness out;
  out.stale_threshold_hours = threshold_hours;
  std::optional<AnalysisPoint> last = facts.newest;
  // The row may know of a later analysis; as it names no commit, the newest stored one stands.
  const bool is_row_later =
      facts.last_analyzed_ms && (!last || *facts.last_analyzed_ms > last->at_ms);
  if (is_row_later) last = AnalysisPoint{*facts.last_analyzed_ms, last ? last->commit_sha : ""};
  const bool is_marked =
      facts.refresh_requested_ms && (!last || *facts.refresh_requested_ms > last->at_ms);
  if (!last) out.reasons.push_back(StaleReason::NeverAnalyzed);
  if (is_marked) out.reasons.push_back(StaleReason::RefreshRequested);
  if (last) add_age(out, *last, facts.head_commit, now_ms);
  out.is_stale = !out.reasons.empty();
  return out;
}

Staleness analysis_staleness(const AnalysisPoint& analysis, std::string_view head_commit,
                             int64_t now_ms, double threshold_hours) {
  Staleness out;
  out.stale_threshold_hours = threshold_hours;
  add_age(out, analysis, head_commit, now_ms);
  out.is_stale = !out.reasons.empty();
  return out;
}

std::string staleness_json(const Staleness& staleness) { return to_json(staleness).dump(); }

void StaleBranches::add(const std::string& branch_name, const BranchFacts& facts) {
  Staleness staleness = branch_staleness(facts, now_ms_, threshold_hours_);
  if (staleness.next_change_ms) {
    next_change_ms_ = std::min(next_change_ms_.value_or(last_time_ms), *staleness.next_change_ms);
  }
  if (staleness.is_stale) branches_.emplace_back(branch_name, std::move(staleness));
}

std::string StaleBranches::json() const {
  JsonValue branches = JsonValue::array();
  for (const auto& [name, staleness] : branches_) {
    JsonValue item = to_json(staleness);
    item["branch_name"] = name;
    branches.push_back(std::move(item));
  }
  const JsonValue root{{"checked_at", time_text(now_ms_)},
                       {"stale_threshold_hours", threshold_hours_},
                       {"next_change_at", time_or_null(next_change_ms_)},
                       {"branches", std::move(branches)}};
  return root.dump();
}

}  // namespace twinstore
