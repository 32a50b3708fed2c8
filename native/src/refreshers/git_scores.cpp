#include "git_scores.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace twinstore {

namespace {

using Json = nlohmann::ordered_json;

double capped_share(int64_t factor, int64_t part, int64_t whole) {
  if (whole == 0) return 0;
  return std::min(100.0, static_cast<double>(factor * part) / static_cast<double>(whole));
}

Json directory_json(const DirectoryListing& directory) {
  Json json;
  json["type"] = "directory";
  json["name"] = directory.name;
  json["files"] = directory.files;
  json["bytes"] = directory.bytes;
  Json children = Json::array();
  for (const DirectoryListing& child : directory.children) {
    children.push_back(directory_json(child));
  }
  json["children"] = std::move(children);
  return json;
}

Json metrics_json(const TreeAnalysis& analysis, const std::vector<LanguageShare>& languages,
                  const Scores& scores) {
  const TreeTotals& totals = analysis.totals;
  Json json;
  json["files"] = totals.files;
  json["bytes"] = totals.bytes;
  json["median_file_bytes"] = analysis.median_file_bytes;
  json["largest_file_bytes"] = totals.largest_file_bytes;
  json["languages"] = languages.size();
  json["top_language_share"] = scores.top_language_share;
  json["test_files"] = totals.test_files;
  json["doc_files"] = totals.doc_files;
  json["overall_score"] = scores.overall;
  Json bytes = Json::object();
  for (const LanguageShare& share : languages) {
    bytes[std::string(language_name(share.language))] = share.bytes;
  }
  json["bytes_by_language"] = std::move(bytes);
  return json;
}

Json issues_json(const std::vector<LargeFile>& large_files) {
  Json json = Json::array();
  for (const LargeFile& file : large_files) {
    Json issue;
    issue["severity"] = "warning";
    issue["rule"] = "large-file";
    issue["path"] = file.path;
    issue["bytes"] = file.bytes;
    json.push_back(std::move(issue));
  }
  return json;
}

std::string summary_of(const TreeTotals& totals, const std::vector<LanguageShare>& languages) {
  const std::string_view top =
      languages.empty() ? std::string_view("text") : language_name(languages.front().language);
  return std::to_string(totals.files) + " files, " + std::to_string(totals.bytes) +
         " bytes, mostly " + std::string(top);
}

}  // namespace

std::vector<LanguageShare> languages_by_bytes(const TreeTotals& totals) {
  std::vector<LanguageShare> shares;
  for (size_t i = 0; i < language_count; ++i) {
    if (totals.language_files[i] == 0) continue;
    shares.push_back(LanguageShare{static_cast<Language>(i), totals.language_bytes[i]});
  }
  // The enumeration is in the order of names, so a stable sort leaves ties by name.
  std::ranges::stable_sort(shares, std::ranges::greater(), &LanguageShare::bytes);
  return shares;
}

double rounded(double value, int decimals) {
  std::array<char, 64> text{};
  const auto written = std::to_chars(text.data(), text.data() + text.size(), value,
                                     std::chars_format::fixed, decimals);
  double result = value;
  if (written.ec == std::errc()) std::from_chars(text.data(), written.ptr, result);
  return result;
}

Scores score(const TreeTotals& totals) {
  int64_t known = 0;
  int64_t top = 0;
  for (const int64_t bytes : totals.language_bytes) {
    known += bytes;
    top = std::max(top, bytes);
  }
  const double share = known == 0 ? 0 : static_cast<double>(top) / static_cast<double>(known);
  const double tests = capped_share(400, totals.test_files, totals.files);
  const double docs = capped_share(1000, totals.doc_files, totals.files);
  const double focus = 100 * share;
  return Scores{rounded(tests, 2), rounded(docs, 2), rounded(focus, 2),
                rounded((tests + docs + focus) / 3, 2), rounded(share, 6)};
}

nlohmann::ordered_json analysis_row(std::string_view repo_id, std::string_view branch_name,
                                    const std::string& commit_sha, const std::string& analysed_at,
                                    const TreeAnalysis& analysis) {
  const std::vector<LanguageShare> languages = languages_by_bytes(analysis.totals);
  const Scores scores = score(analysis.totals);
  Json technologies = Json::array();
  for (const LanguageShare& share : languages) {
    technologies.push_back(language_name(share.language));
  }
  Json detailed;
  detailed["tests"] = scores.tests;
  detailed["docs"] = scores.docs;
  detailed["focus"] = scores.focus;
  detailed["overall_score"] = scores.overall;

  Json row;
  row["repo_id"] = repo_id;
  row["branch_name"] = branch_name;
  row["commit_sha"] = commit_sha;
  row["analysis_timestamp"] = analysed_at;
  row["file_tree"] = directory_json(analysis.root);
  row["technologies"] = std::move(technologies);
  row["metrics"] = metrics_json(analysis, languages, scores);
  row["issues"] = issues_json(analysis.large_files);
  row["ai_summary"] = summary_of(analysis.totals, languages);
  row["detailed_scores"] = std::move(detailed);
  return row;
}

std::vector<nlohmann::ordered_json> metric_rows(std::string_view repo_id,
                                                std::string_view branch_name,
                                                const std::string& commit_sha,
                                                const std::string& recorded_at,
                                                const TreeTotals& totals) {
  std::vector<Json> rows;
  const auto add = [&](std::string_view name, Json value) {
    Json row;
    row["repo_id"] = repo_id;
    row["branch_name"] = branch_name;
    row["commit_sha"] = commit_sha;
    row["metric_name"] = name;
    row["metric_value"] = std::move(value);
    row["recorded_at"] = recorded_at;
    rows.push_back(std::move(row));
  };
  add("files", totals.files);
  add("bytes", totals.bytes);
  add("languages", languages_by_bytes(totals).size());
  add("test_files", totals.test_files);
  add("doc_files", totals.doc_files);
  add("overall_score", score(totals).overall);
  return rows;
}

}  // namespace twinstore
