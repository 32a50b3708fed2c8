// The sampled history of the default branch.
#include <doctest/doctest.h>

#include "git_fixture.h"
#include "refreshers/git_history.h"

using namespace twinstore;
using namespace twinstore::test;

TEST_CASE("history: a short history is taken whole, a long one in equal steps from the head") {
  CHECK(sample_positions(0, 61).empty());
  CHECK(sample_positions(1, 61) == std::vector<size_t>{0});
  CHECK(sample_positions(61, 61).size() == 61);
  CHECK(sample_positions(119, 61).back() == 60);
  const std::vector<size_t> electric = sample_positions(2245, 61);
  CHECK(electric.size() == 61);
  CHECK(electric.at(2) == 74);
  CHECK(electric.back() == 60 * 37);
  const std::vector<size_t> db = sample_positions(1012, 61);
  CHECK(db.size() == 61);
  CHECK(db.at(25) == 400);
  CHECK(sample_positions(120, 61).size() == 60);  // a whole multiple of 60 gives one fewer
}

TEST_CASE("history: bounds of one and of none are kept") {
  CHECK(sample_positions(500, 1) == std::vector<size_t>{0});
  CHECK(sample_positions(500, 0).empty());
  CHECK(sample_positions(500, -1).empty());
}

TEST_CASE("history: six rows a sample, newest first, from the sampled commit's own tree") {
  GitFixture git;
  std::vector<git_oid> commits;
  for (int i = 0; i < 7; ++i) {
    FixtureCommit commit;
    commit.at = 1'700'000'000 + i * 3600;
    commit.offset_minutes = 120;
    for (int file = 0; file <= i; ++file) {
      commit.files.push_back({"src/f" + std::to_string(file) + ".rs", std::string(10, 'r')});
    }
    commit.files.push_back({"notes.md", "n"});
    if (!commits.empty()) commit.parents = {commits.back()};
    commits.push_back(git.commit(commit));
  }
  git.branch("main", commits.back());
  GitImportOptions options;
  options.metric_samples_max = 4;
  const Rows rows = analyse(git.path(), options);
  REQUIRE(rows.metrics.size() == 4 * 6);  // positions 0, 2, 4, 6 of seven
  CHECK(
      rows.metrics.at(0).dump() ==
      R"({"repo_id":"local/sample","branch_name":"main","commit_sha":")" + oid_text(commits.at(6)) +
          R"(","metric_name":"files","metric_value":8,"recorded_at":"2023-11-15T06:13:20+02:00"})");
  const auto& sample = rows.metrics;
  CHECK(sample.at(6).at("commit_sha") == oid_text(commits.at(4)));
  CHECK(sample.at(18).at("commit_sha") == oid_text(commits.at(0)));
  CHECK(sample.at(19).at("metric_name") == "bytes");
  CHECK(sample.at(19).at("metric_value") == 11);
  CHECK(sample.at(20).at("metric_value") == 1);  // languages
  CHECK(sample.at(21).at("metric_value") == 0);  // test_files
  CHECK(sample.at(22).at("metric_value") == 1);  // doc_files
  CHECK(sample.at(23).at("metric_name") == "overall_score");
  CHECK(sample.at(23).at("metric_value") == 66.67);
  CHECK(rows.repositories.at(0).at("created_at") == "2023-11-15T00:13:20+02:00");
}

TEST_CASE("history: analyses are the default branch, then the newest, up to the bound") {
  GitFixture git;
  const git_oid root = git.commit({.files = {{"a.c", "x"}}});
  git.branch("main", root);
  for (int i = 0; i < 15; ++i) {
    git.branch("b" + std::to_string(10 + i),
               git.commit({.files = {{"a.c", "x"}}, .parents = {root}, .at = 1'700'001'000 + i}));
  }
  const Rows rows = analyse(git.path());
  REQUIRE(rows.analyses.size() == 12);
  CHECK(rows.analyses.at(0).at("branch_name") == "main");
  CHECK(rows.analyses.at(1).at("branch_name") == "b24");
  CHECK(rows.analyses.at(11).at("branch_name") == "b14");
}

TEST_CASE("history: progress ends every stage at its total") {
  GitFixture git;
  git.branch("main", git.commit({.files = {{"a.c", "x"}}}));
  std::vector<std::string> ends;
  Rows rows;
  const auto progress = [&](std::string_view stage, int64_t done, int64_t total) {
    CHECK(done <= total);
    if (done == total) ends.emplace_back(stage);
  };
  REQUIRE(analyse_git_repository(git.path(), {}, rows.sink(), progress).ok());
  CHECK(ends == std::vector<std::string>{"branches", "analyses", "history"});
}
