// The rules against the reference rows in ../shared/data/repos: whatever can be computed again from
// a row's own fields must come out as it stands there.
#include <doctest/doctest.h>
#include <cstdlib>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <string>

#include "git_fixture.h"
#include "refreshers/git_branches.h"
#include "refreshers/git_scores.h"

using namespace twinstore;
using Json = nlohmann::ordered_json;

namespace {

// Empty where the folder is absent, as in a clone without it.
std::vector<Json> reference_rows(const char* name) {
  const char* elsewhere = std::getenv("TWINSTORE_SHARED");
  const std::filesystem::path shared =
      elsewhere != nullptr ? elsewhere : TWINSTORE_SOURCE_DIR "/../shared";
  const auto path = shared / "data/repos" / (std::string(name) + ".jsonl");
  std::vector<Json> rows;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    rows.push_back(Json::parse(line, nullptr, false));
    REQUIRE_FALSE(rows.back().is_discarded());
  }
  if (rows.empty()) MESSAGE("skipped: no reference rows at " << path.string());
  return rows;
}

std::optional<Language> language_named(const std::string& name) {
  for (size_t i = 0; i < language_count; ++i) {
    if (language_name(static_cast<Language>(i)) == name) return static_cast<Language>(i);
  }
  return std::nullopt;
}

DirectoryListing listing_of(const Json& json) {
  DirectoryListing listing{json.at("name").get<std::string>(),
                           json.at("files").get<int64_t>(),
                           json.at("bytes").get<int64_t>(),
                           {}};
  for (const Json& child : json.at("children")) listing.children.push_back(listing_of(child));
  return listing;
}

// The analysis that the row tells of; what its numbers do not say stays empty.
TreeAnalysis analysis_of(const Json& row) {
  const Json& metrics = row.at("metrics");
  TreeAnalysis analysis;
  TreeTotals& totals = analysis.totals;
  totals.files = metrics.at("files").get<int64_t>();
  totals.bytes = metrics.at("bytes").get<int64_t>();
  totals.test_files = metrics.at("test_files").get<int64_t>();
  totals.doc_files = metrics.at("doc_files").get<int64_t>();
  totals.largest_file_bytes = metrics.at("largest_file_bytes").get<int64_t>();
  analysis.median_file_bytes = metrics.at("median_file_bytes").get<int64_t>();
  for (const auto& [name, bytes] : metrics.at("bytes_by_language").items()) {
    const auto language = language_named(name);
    INFO(name);
    REQUIRE(language.has_value());
    totals.language_files[static_cast<size_t>(*language)] = 1;
    totals.language_bytes[static_cast<size_t>(*language)] = bytes.get<int64_t>();
  }
  for (const Json& issue : row.at("issues")) {
    analysis.large_files.push_back(
        LargeFile{issue.at("path").get<std::string>(), issue.at("bytes").get<int64_t>()});
  }
  analysis.root = listing_of(row.at("file_tree"));
  return analysis;
}

// Depth, order, and that the directories listed never hold more than their parent.
void check_directory(const Json& directory, int depth) {
  REQUIRE(depth <= 3);
  int64_t files = 0;
  int64_t bytes = 0;
  std::string before;
  for (const Json& child : directory.at("children")) {
    const auto name = child.at("name").get<std::string>();
    CHECK(before < name);
    before = name;
    CHECK(child.at("files") > 0);
    files += child.at("files").get<int64_t>();
    bytes += child.at("bytes").get<int64_t>();
    check_directory(child, depth + 1);
  }
  CHECK(files <= directory.at("files").get<int64_t>());
  CHECK(bytes <= directory.at("bytes").get<int64_t>());
}

}  // namespace

TEST_CASE("reference rows: every analysis is rebuilt byte for byte from its numbers") {
  for (const Json& row : reference_rows("analyses")) {
    const auto sha = row.at("commit_sha").get<std::string>();
    INFO(sha);
    const Json rebuilt =
        analysis_row(row.at("repo_id").get<std::string>(), row.at("branch_name").get<std::string>(),
                     sha, row.at("analysis_timestamp").get<std::string>(), analysis_of(row));
    CHECK(rebuilt.dump() == row.dump());
  }
}

TEST_CASE("reference rows: directories and issues keep the analyser's order and bounds") {
  for (const Json& row : reference_rows("analyses")) {
    INFO(row.at("commit_sha").get<std::string>());
    check_directory(row.at("file_tree"), 0);
    CHECK(row.at("file_tree").at("files") == row.at("metrics").at("files"));
    CHECK(row.at("file_tree").at("bytes") == row.at("metrics").at("bytes"));
    std::string before;
    int64_t largest = 0;
    for (const Json& issue : row.at("issues")) {
      const auto path = issue.at("path").get<std::string>();
      CHECK(before < path);
      before = path;
      CHECK(issue.at("bytes") > 1'000'000);
      largest = std::max(largest, issue.at("bytes").get<int64_t>());
    }
    const auto stated = row.at("metrics").at("largest_file_bytes").get<int64_t>();
    CHECK((largest == 0 ? stated <= 1'000'000 : stated == largest));
  }
}

TEST_CASE("reference rows: branches stand latest text first and lose ahead and behind after 150") {
  std::map<std::string, std::vector<Json>> by_repository;
  for (const Json& row : reference_rows("branches")) {
    by_repository[row.at("repo_id").get<std::string>()].push_back(row);
  }
  for (const auto& [repo_id, rows] : by_repository) {
    INFO(repo_id);
    for (size_t i = 0; i < rows.size(); ++i) {
      CHECK(rows[i].contains("ahead") == (i < 150));
      if (i == 0) continue;
      const Json& before = rows[i - 1];
      const bool ordered = before.at("last_commit_at") > rows[i].at("last_commit_at") ||
                           (before.at("last_commit_at") == rows[i].at("last_commit_at") &&
                            before.at("name") < rows[i].at("name"));
      CHECK(ordered);
    }
  }
}

TEST_CASE("reference rows: repositories, analyses and metrics fit their branches") {
  std::map<std::string, std::vector<Json>> branches;
  for (const Json& row : reference_rows("branches")) {
    branches[row.at("repo_id").get<std::string>()].push_back(row);
  }
  std::map<std::string, std::vector<std::string>> analysed;
  for (const Json& row : reference_rows("analyses")) {
    analysed[row.at("repo_id").get<std::string>()].push_back(
        row.at("branch_name").get<std::string>());
  }
  std::map<std::string, std::vector<Json>> metrics;
  for (const Json& row : reference_rows("historical_metrics")) {
    metrics[row.at("repo_id").get<std::string>()].push_back(row);
  }
  for (const Json& repository : reference_rows("repositories")) {
    const auto repo_id = repository.at("repo_id").get<std::string>();
    INFO(repo_id);
    const std::vector<Json>& rows = branches.at(repo_id);
    CHECK(repository.at("total_branches") == rows.size());
    CHECK(repository.at("updated_at") == rows.front().at("last_commit_at"));

    // The default branch, then the newest others, twelve at most.
    const auto name = repository.at("default_branch").get<std::string>();
    std::vector<std::string> expected{name};
    for (const Json& row : rows) {
      CHECK(row.at("is_default") == (row.at("name") == name));
      // A branch that shares nothing with the default branch is behind by all of its commits.
      if (row.contains("behind")) CHECK(row.at("behind") <= repository.at("total_commits"));
      if (row.at("name") != name && expected.size() < 12) {
        expected.push_back(row.at("name").get<std::string>());
      }
    }
    CHECK(analysed.at(repo_id) == expected);

    // 61 samples of six rows in one order, newest first.
    const std::vector<Json>& samples = metrics.at(repo_id);
    REQUIRE(samples.size() == 61 * 6);
    const std::vector<Json> shape = metric_rows(repo_id, name, "", "", {});
    for (size_t i = 0; i < samples.size(); ++i) {
      CHECK(samples[i].at("metric_name") == shape[i % 6].at("metric_name"));
      CHECK(samples[i].at("branch_name") == name);
      CHECK(samples[i].at("commit_sha") == samples[i - i % 6].at("commit_sha"));
    }
  }
}
