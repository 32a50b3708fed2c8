// What DataPersistenceService promises, as facts that hold over every storage.
#pragma once

#include "service_world.h"
#include "twinstore/limits.h"

namespace twinstore::test {

TEST_CASE_TEMPLATE_DEFINE("persistence: what is stored is read, each field of it", Engine,
                          persistence_round_trip) {
  ServiceWorld<Engine> world;
  RepositoryInfo repository;
  repository.repo_id = strange_repo;
  repository.name = "json";
  repository.description = "JSON for Modern C++ 😀";
  repository.topics = std::vector<std::string>{"json", "c++"};
  repository.total_commits = 5000;
  repository.created_at = "2013-07-04T10:47:49+02:00";
  CHECK(world.must(world.persistence.store_repository(repository)).status == IngestStatus::Added);
  const auto read = world.must(world.persistence.get_repository(strange_repo));
  REQUIRE(read.has_value());
  CHECK(read->repo_id == strange_repo);
  CHECK(read->description == "JSON for Modern C++ 😀");
  CHECK(read->topics == std::vector<std::string>{"c++", "json"});
  CHECK(read->total_commits == 5000);
  CHECK(read->created_at == "2013-07-04T08:47:49.000Z");
  CHECK_FALSE(read->owner.has_value());
  CHECK(read->rev == 1);

  BranchInfo branch;
  branch.name = strange_branch;
  branch.commit_sha = "abc";
  branch.is_protected = true;
  branch.ahead = 3;
  branch.tags = std::vector<std::string>{"😀"};
  world.must(world.persistence.store_branches(strange_repo, {branch}));
  const auto branches = world.must(world.persistence.get_branches(strange_repo));
  REQUIRE(branches.size() == 1);
  CHECK(branches[0].name == strange_branch);
  CHECK(branches[0].is_protected == true);
  CHECK_FALSE(branches[0].is_default.has_value());
  CHECK(branches[0].ahead == 3);
  CHECK(branches[0].tags == std::vector<std::string>{"😀"});

  BranchAnalysisResult analysis;
  analysis.repo_id = strange_repo;
  analysis.branch_name = strange_branch;
  analysis.commit_sha = "abc";
  analysis.analysis_timestamp = "2024-05-31T23:30:00-02:00";
  analysis.file_tree = JsonText{R"({"b": 1, "a": [1.0, null]})"};
  analysis.technologies = std::vector<std::string>{"C++"};
  analysis.issues = JsonText{R"([{"line": 7}])"};
  analysis.ai_summary = "two\nlines";
  CHECK(world.must(world.persistence.store_analysis(analysis)) == "abc");
  const auto latest =
      world.must(world.persistence.get_latest_analysis(strange_repo, strange_branch));
  REQUIRE(latest.has_value());
  CHECK(latest->analysis_timestamp == "2024-06-01T01:30:00.000Z");
  CHECK(latest->file_tree == JsonText{R"({"a":[1,null],"b":1})"});
  CHECK(latest->issues == JsonText{R"([{"line":7}])"});
  CHECK(latest->ai_summary == "two\nlines");
  CHECK_FALSE(latest->metrics.has_value());
}

TEST_CASE_TEMPLATE_DEFINE("persistence: what is not there is nothing, and no error", Engine,
                          persistence_nothing) {
  ServiceWorld<Engine> world;
  CHECK_FALSE(world.must(world.persistence.get_repository("no/such")).has_value());
  CHECK(world.must(world.persistence.get_branches("no/such")).empty());
  CHECK_FALSE(world.must(world.persistence.get_latest_analysis("no/such", "main")).has_value());
  CHECK(world.must(world.persistence.get_analysis_history("no/such", "main")).empty());
  CHECK(world.must(world.persistence.get_historical_metrics("no/such", "main")).empty());
  CHECK_FALSE(world.must(world.persistence.get_cache_entry("none")).has_value());
  CHECK_FALSE(world.must(world.persistence.touch_cache_entry("none")));
  CHECK(world.must(world.persistence.delete_repository("no/such")).empty());
  CHECK(world.must(world.persistence.delete_branch("no/such", "main")).empty());
  CHECK(world.authority->head() == 0);
}

TEST_CASE_TEMPLATE_DEFINE("persistence: fields that a record does not name stay as they are",
                          Engine, persistence_partial) {
  ServiceWorld<Engine> world;
  RepositoryInfo whole;
  whole.repo_id = "r";
  whole.name = "one";
  whole.url = "https://example.org/r";
  world.must(world.persistence.store_repository(whole));
  RepositoryInfo named;
  named.repo_id = "r";
  named.name = "two";
  named.url = nullptr;
  named.owner = "me";
  world.clock.advance(1000);
  CHECK(world.must(world.persistence.store_repository(named)).status == IngestStatus::Changed);
  CHECK(world.must(world.persistence.store_repository(named)).status == IngestStatus::Unchanged);
  const auto read = world.must(world.persistence.get_repository("r"));
  CHECK(read->name == "two");
  CHECK(read->owner == "me");
  CHECK_FALSE(read->url.has_value());
}

TEST_CASE_TEMPLATE_DEFINE("persistence: a refused record changes nothing", Engine,
                          persistence_refused) {
  ServiceWorld<Engine> world;
  RepositoryInfo nameless;
  CHECK(world.refused(world.persistence.store_repository(nameless)) == ErrorCode::MissingField);
  RepositoryInfo timeless;
  timeless.repo_id = "r";
  timeless.updated_at = "yesterday";
  CHECK(world.refused(world.persistence.store_repository(timeless)) == ErrorCode::WrongType);
  RepositoryInfo unseen;
  unseen.repo_id = "r";
  unseen.rev = 7;
  CHECK(world.refused(world.persistence.store_repository(unseen)) == ErrorCode::InvalidArgument);
  BranchAnalysisResult undated;
  undated.repo_id = "r";
  undated.branch_name = "main";
  undated.commit_sha = "c";
  CHECK(world.refused(world.persistence.store_analysis(undated)) == ErrorCode::MissingField);
  BranchAnalysisResult broken = undated;
  broken.analysis_timestamp = "2024-05-01T00:00:00Z";
  broken.metrics = JsonText{"{"};
  CHECK(world.refused(world.persistence.store_analysis(broken)) == ErrorCode::InvalidJson);
  BranchInfo good;
  good.name = "good";
  BranchInfo foreign;
  foreign.repo_id = "other";
  foreign.name = "main";
  CHECK(world.refused(world.persistence.store_branches("r", {good, foreign})) ==
        ErrorCode::InvalidArgument);
  BranchInfo unseen_branch = good;
  unseen_branch.rev = 9;
  CHECK(world.refused(world.persistence.store_branches("r", {good, unseen_branch})) ==
        ErrorCode::InvalidArgument);
  CHECK(world.refused(world.persistence.get_analysis_history("r", "main", 0)) ==
        ErrorCode::InvalidArgument);
  MetricsWanted wrong;
  wrong.since = "soon";
  CHECK(world.refused(world.persistence.get_historical_metrics("r", "main", wrong)) ==
        ErrorCode::InvalidArgument);
  CHECK(world.must(world.persistence.get_branches("r")).empty());
  CHECK(world.rows_of("r") == "0 0 0 0 0");
  world.store_branch("r", "main");  // and the service goes on
  CHECK(world.rows_of("r") == "0 1 0 0 0");
}

TEST_CASE_TEMPLATE_DEFINE(
    "persistence: the latest analysis is that of the latest time, then of the"
    " greatest commit",
    Engine, persistence_latest) {
  ServiceWorld<Engine> world;
  const auto latest = [&] {
    return world.must(world.persistence.get_latest_analysis("r", "main"))->commit_sha;
  };
  world.store_analysis("r", "main", "bbb", "2024-05-01T12:00:00+02:00");
  world.store_analysis("r", "main", "aaa", "2024-05-01T10:00:00Z");
  CHECK(latest() == "bbb");
  world.store_analysis("r", "main", "ccc", "2024-05-01T09:00:00-01:00");
  CHECK(latest() == "ccc");
  world.store_analysis("r", "main", "a", "2024-05-01T05:00:00.001-05:00");
  CHECK(latest() == "a");
  world.store_analysis("r", "main", "old", "2024-05-01T23:00:00+14:00");
  world.store_analysis("r", "mai", "other", "2025-05-01T23:00:00Z");
  CHECK(latest() == "a");
  const auto one =
      world.must(world.persistence.get_latest_analysis("r", "main", std::string("old")));
  CHECK(one->analysis_timestamp == "2024-05-01T09:00:00.000Z");
  CHECK_FALSE(world.must(world.persistence.get_latest_analysis("r", "main", std::string("zzz")))
                  .has_value());
}

TEST_CASE_TEMPLATE_DEFINE("persistence: a history is the newest first, ten unless asked otherwise",
                          Engine, persistence_history) {
  ServiceWorld<Engine> world;
  for (int day = 1; day <= 12; ++day) {
    const std::string two = (day < 10 ? "0" : "") + std::to_string(day);
    world.store_analysis("r", "main", "c" + two, "2024-05-" + two + "T00:00:00Z");
  }
  const auto ten = world.must(world.persistence.get_analysis_history("r", "main"));
  REQUIRE(ten.size() == 10);
  CHECK(ten.front().commit_sha == "c12");
  CHECK(ten.back().commit_sha == "c03");
  CHECK(world.must(world.persistence.get_analysis_history("r", "main", 1)).size() == 1);
  CHECK(world.must(world.persistence.get_analysis_history("r", "main", 100)).size() == 12);
}

TEST_CASE_TEMPLATE_DEFINE("persistence: metrics are stored once and read by name and time", Engine,
                          persistence_metrics) {
  ServiceWorld<Engine> world;
  const std::string id = world.store_metric("r", "main", "files", 3.5, "2024-05-02T00:00:00Z");
  CHECK(world.store_metric("r", "main", "files", 3.5, "2024-05-02T02:00:00+02:00") == id);
  CHECK(world.store_metric("r", "main", "files", 4, "2024-05-01T00:00:00Z") != id);
  world.store_metric("r", "main", "bytes", 9, "2024-05-03T00:00:00Z");
  world.store_metric("r", "next", "files", 9, "2024-05-03T00:00:00Z");
  const auto values = [&](const MetricsWanted& which) {
    std::string out;
    for (const auto& metric :
         world.must(world.persistence.get_historical_metrics("r", "main", which))) {
      out +=
          *metric.metric_name + "=" + std::to_string(static_cast<int>(*metric.metric_value)) + " ";
    }
    return out;
  };
  CHECK(values({}) == "bytes=9 files=4 files=3 ");
  CHECK(values({.metric_name = "files"}) == "files=4 files=3 ");
  CHECK(values({.metric_name = "files", .since = "2024-05-02T01:00:00+01:00"}) == "files=3 ");
  CHECK(values({.until = "2024-05-02T00:00:00Z"}) == "files=4 ");
  CHECK(values({.metric_name = "none"}).empty());
}

TEST_CASE_TEMPLATE_DEFINE("persistence: a metric never changes under its id", Engine,
                          persistence_append_only) {
  ServiceWorld<Engine> world;
  HistoricalMetric metric;
  metric.id = "m1";
  metric.repo_id = "r";
  metric.branch_name = "main";
  metric.commit_sha = "c";
  metric.metric_name = "files";
  metric.metric_value = 1;
  metric.recorded_at = "2024-05-01T00:00:00Z";
  CHECK(world.must(world.persistence.store_historical_metric(metric)) == "m1");
  CHECK(world.must(world.persistence.store_historical_metric(metric)) == "m1");
  metric.metric_value = 2;
  CHECK(world.refused(world.persistence.store_historical_metric(metric)) == ErrorCode::AppendOnly);
  CHECK(world.must(world.persistence.get_historical_metrics("r", "main"))[0].metric_value == 1);
}

TEST_CASE_TEMPLATE_DEFINE("persistence: reading a cache entry counts a hit, until it expires",
                          Engine, persistence_cache) {
  ServiceWorld<Engine> world;
  CacheEntry entry;
  entry.cache_key = "archive/r %";
  entry.repo_id = "r";
  entry.path = "r.tar.gz";
  entry.size_bytes = 1000;
  entry.expires_at = "2024-06-01T14:00:00+01:00";  // in an hour
  world.must(world.persistence.store_cache_entry(entry));
  world.clock.advance(60'000);
  const auto first = world.must(world.persistence.get_cache_entry("archive/r %"));
  REQUIRE(first.has_value());
  CHECK(first->hit_count == 1);
  CHECK(first->created_at == "2024-06-01T12:00:00.000Z");
  CHECK(first->last_accessed_at == "2024-06-01T12:01:00.000Z");
  CHECK(world.must(world.persistence.touch_cache_entry("archive/r %")));
  // Storing it again keeps what was counted.
  CHECK(world.must(world.persistence.store_cache_entry(entry)).status == IngestStatus::Unchanged);
  CHECK(world.must(world.persistence.get_cache_entry("archive/r %"))->hit_count == 3);
  world.clock.advance(3'539'999);
  CHECK(world.must(world.persistence.get_cache_entry("archive/r %")).has_value());
  world.clock.advance(1);
  CHECK_FALSE(world.must(world.persistence.get_cache_entry("archive/r %")).has_value());
  CHECK_FALSE(world.must(world.persistence.touch_cache_entry("archive/r %")));
  const CacheStatistics cache = world.must(world.persistence.stats()).cache;
  CHECK(cache.entries == 1);
  CHECK(cache.bytes == 1000);
  CHECK(cache.hits == 4);
  CHECK(cache.expired == 1);
}

TEST_CASE_TEMPLATE_DEFINE(
    "persistence: a repository goes with what belongs to it, and nothing else", Engine,
    persistence_delete_repository) {
  ServiceWorld<Engine> world;
  world.fill("a/b");
  world.fill("a/b2");
  const Rev before = world.authority->head();
  const RowCounts counts = world.must(world.persistence.delete_repository("a/b"));
  CHECK(counts == RowCounts{{"analyses", 2},
                            {"branches", 2},
                            {"cache_entries", 1},
                            {"historical_metrics", 3},
                            {"repositories", 1}});
  CHECK(world.rows_of("a/b") == "0 0 0 0 0");
  CHECK(world.rows_of("a/b2") == "1 2 2 3 1");
  // Replicas hear of it: the tombstones stand in the feed.
  int tombstones = 0;
  world.must(world.storage().changes("a/b", before, [&](const Collection&, RowVersion&& row) {
    tombstones += row.is_deleted() ? 1 : 0;
    return true;
  }));
  CHECK(tombstones == 9);
  CHECK(world.must(world.persistence.delete_repository("a/b")).empty());
}

TEST_CASE_TEMPLATE_DEFINE("persistence: a deletion larger than one transaction ends all the same",
                          Engine, persistence_delete_batches) {
  ServiceWorld<Engine> world;
  RepositoryInfo repository;
  repository.repo_id = "r";
  world.must(world.persistence.store_repository(repository));
  std::vector<BranchInfo> branches(limits::delete_batch_rows);
  for (size_t i = 0; i < branches.size(); ++i) branches[i].name = std::to_string(i);
  world.must(world.persistence.store_branches("r", branches));
  RowCounts counts = world.must(world.persistence.delete_repository("r"));
  CHECK(counts["branches"] == static_cast<int64_t>(limits::delete_batch_rows));
  CHECK(counts["repositories"] == 1);
  CHECK(world.rows_of("r") == "0 0 0 0 0");
}

TEST_CASE_TEMPLATE_DEFINE("persistence: a branch goes with its analyses and metrics", Engine,
                          persistence_delete_branch) {
  ServiceWorld<Engine> world;
  world.fill("r");
  const RowCounts counts = world.must(world.persistence.delete_branch("r", "main"));
  CHECK(counts == RowCounts{{"analyses", 1}, {"branches", 1}, {"historical_metrics", 2}});
  CHECK(world.rows_of("r") == "1 1 1 1 1");
}

TEST_CASE_TEMPLATE_DEFINE("persistence: a version that was read is what the writer saw", Engine,
                          persistence_seen) {
  ServiceWorld<Engine> world;
  RepositoryInfo newer;
  newer.repo_id = "r";
  newer.name = "new";
  newer.updated_at = "2024-05-02T00:00:00Z";
  world.must(world.persistence.store_repository(newer));
  RepositoryInfo older;
  older.repo_id = "r";
  older.name = "old";
  older.updated_at = "2024-05-01T00:00:00Z";
  CHECK(world.must(world.persistence.store_repository(older)).status == IngestStatus::Superseded);
  older.rev = world.must(world.persistence.get_repository("r"))->rev;
  CHECK(world.must(world.persistence.store_repository(older)).status == IngestStatus::Changed);
  CHECK(world.must(world.persistence.get_repository("r"))->name == "old");
}

TEST_CASE_TEMPLATE_DEFINE("persistence: statistics count rows and outcomes, and survive a restart",
                          Engine, persistence_statistics) {
  ServiceWorld<Engine> world;
  world.fill("r");
  const std::string text = persistence_statistics_json(world.must(world.persistence.stats()));
  CHECK(text ==
        R"({"cache":{"bytes":100,"entries":1,"expired":0,"hits":0},"rows":{"analyses":2,)"
        R"("branches":2,"cache_entries":1,"historical_metrics":3,"repositories":1},)"
        R"("sync":{"applied":9,"by_strategy":{"LATEST_WINS":0,"MANUAL":0,"MERGE":0},)"
        R"("conflicts":0,"conflicts_open":0,"conflicts_resolved":0,"merged":0,"rejected":0,)"
        R"("superseded":0}})");
  const auto again = world.opened(world.schema, world.storage(), world.clock, world.ids);
  AuthorityTransactions transactions(*again);
  auto reopened = world.made(world.schema, world.clock, transactions);
  CHECK(persistence_statistics_json(world.must(reopened.stats())) == text);
}

}  // namespace twinstore::test

// Every case above, over the engines named.
#define TWINSTORE_PERSISTENCE_SUITE(...)                                 \
  TEST_CASE_TEMPLATE_INVOKE(persistence_round_trip, __VA_ARGS__);        \
  TEST_CASE_TEMPLATE_INVOKE(persistence_nothing, __VA_ARGS__);           \
  TEST_CASE_TEMPLATE_INVOKE(persistence_partial, __VA_ARGS__);           \
  TEST_CASE_TEMPLATE_INVOKE(persistence_refused, __VA_ARGS__);           \
  TEST_CASE_TEMPLATE_INVOKE(persistence_latest, __VA_ARGS__);            \
  TEST_CASE_TEMPLATE_INVOKE(persistence_history, __VA_ARGS__);           \
  TEST_CASE_TEMPLATE_INVOKE(persistence_metrics, __VA_ARGS__);           \
  TEST_CASE_TEMPLATE_INVOKE(persistence_append_only, __VA_ARGS__);       \
  TEST_CASE_TEMPLATE_INVOKE(persistence_cache, __VA_ARGS__);             \
  TEST_CASE_TEMPLATE_INVOKE(persistence_delete_repository, __VA_ARGS__); \
  TEST_CASE_TEMPLATE_INVOKE(persistence_delete_batches, __VA_ARGS__);    \
  TEST_CASE_TEMPLATE_INVOKE(persistence_delete_branch, __VA_ARGS__);     \
  TEST_CASE_TEMPLATE_INVOKE(persistence_seen, __VA_ARGS__);              \
  TEST_CASE_TEMPLATE_INVOKE(persistence_statistics, __VA_ARGS__)
