// From a tree's sums to scores and rows: the analysis of a branch head and the metrics of a sample.
// Thread rule: pure functions. Next: docs/git-analysis.md for the formulas' evidence.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "git_tree_analysis.h"

namespace twinstore {

struct LanguageShare {
  Language language;
  int64_t bytes;
};

// Most bytes first, then by name. Every language that has a file, an empty one included.
[[nodiscard]] std::vector<LanguageShare> languages_by_bytes(const TreeTotals& totals);

// Each from 0 to 100, rounded to two decimals; all 0 for a tree without files.
struct Scores {
  double tests = 0;               // min(100, 400 · test_files / files)
  double docs = 0;                // min(100, 1000 · doc_files / files)
  double focus = 0;               // 100 · top_language_share
  double overall = 0;             // the mean of the three before they are rounded
  double top_language_share = 0;  // of the bytes in known languages, six decimals, 0 to 1
};
[[nodiscard]] Scores score(const TreeTotals& totals);

// `value` rounded to `decimals`, the exact binary value deciding; a tie goes to the even digit.
[[nodiscard]] double rounded(double value, int decimals);

// The row in "analyses".
[[nodiscard]] nlohmann::ordered_json analysis_row(std::string_view repo_id,
                                                  std::string_view branch_name,
                                                  const std::string& commit_sha,
                                                  const std::string& analysed_at,
                                                  const TreeAnalysis& analysis);

// The six rows in "historical_metrics": files, bytes, languages, test_files, doc_files and
// overall_score.
[[nodiscard]] std::vector<nlohmann::ordered_json> metric_rows(std::string_view repo_id,
                                                              std::string_view branch_name,
                                                              const std::string& commit_sha,
                                                              const std::string& recorded_at,
                                                              const TreeTotals& totals);

}  // namespace twinstore
