// The services as a program uses them: opened by URL, closed, opened again.
#include "workspace/service_database.h"

#include "native_world.h"
#include "twinstore/freshness.h"
#include "twinstore/synchronization.h"
#include "twinstore/time_text.h"

using namespace twinstore;
using namespace twinstore::test;

TEST_CASE("a service database: stored, synchronised and judged by a program of its own") {
  const TempFolder folder;
  const std::string url = "sqlite:///" + (folder.path() / "own.db").string() + "?timeout=20";
  std::optional<BranchAnalysisResult> latest;
  {
    auto opened = ServiceDatabase::open(url, "scanner");
    REQUIRE(succeeded(opened));
    DataPersistenceService& persistence = opened.value()->persistence();

    // Store an analysis.
    RepositoryInfo repository;
    repository.repo_id = "nlohmann/json";
    repository.name = "json";
    CHECK(succeeded(persistence.store_repository(repository)));
    BranchInfo branch;
    branch.name = "develop";
    branch.commit_sha = "abc";
    CHECK(succeeded(persistence.store_branches("nlohmann/json", {branch})));
    BranchAnalysisResult analysis;
    analysis.repo_id = "nlohmann/json";
    analysis.branch_name = "develop";
    analysis.commit_sha = "abc";
    analysis.analysis_timestamp = time_text(opened.value()->clock().now_ms());
    analysis.metrics = JsonText{R"({"files":1090})"};
    const auto commit = persistence.store_analysis(analysis);
    REQUIRE(succeeded(commit));
    CHECK(commit.value() == "abc");

    // Synchronise what another backend knows, and decide what it asks.
    auto people = DataPersistenceService::make(opened.value()->schema(),
                                               opened.value()->clock(),
                                               opened.value()->transactions(), "people");
    REQUIRE(succeeded(people));
    BranchInfo mine = branch;
    mine.commit_sha = "mine";
    CHECK(succeeded(people.value().store_branches("nlohmann/json", {mine})));
    auto sync = DataSynchronizationService::make(persistence, ConflictResolutionStrategy::Manual);
    REQUIRE(succeeded(sync));
    branch.commit_sha = "def";
    const auto success = sync.value().sync_branch_metadata("nlohmann/json", branch);
    REQUIRE(succeeded(success));
    CHECK_FALSE(success.value());
    CHECK(succeeded(sync.value().resolve_conflict(size_t{0}, true)));

    // Is it stale? Its head has moved.
    latest = persistence.get_latest_analysis("nlohmann/json", "develop").value();
    const auto branches = persistence.get_branches("nlohmann/json");
    REQUIRE(succeeded(branches));
    BranchFacts facts;
    facts.head_commit = *branches.value()[0].commit_sha;
    facts.newest = AnalysisPoint{parse_time(*latest->analysis_timestamp).value(), "abc"};
    const Staleness staleness = branch_staleness(facts, opened.value()->clock().now_ms(), 24);
    CHECK(staleness.is_stale);
    CHECK(staleness.reasons == std::vector<StaleReason>{StaleReason::HeadMoved});

    // One process at a time has the file.
    CHECK(code_of(ServiceDatabase::open(url)) == ErrorCode::StorageBusy);
  }
  // What was read outlives the database.
  CHECK(latest->metrics == JsonText{R"({"files":1090})"});
  auto again = ServiceDatabase::open(url);
  REQUIRE(succeeded(again));
  const auto branches = again.value()->persistence().get_branches("nlohmann/json");
  REQUIRE(succeeded(branches));
  CHECK(branches.value()[0].commit_sha == "def");
  CHECK(again.value()->persistence().stats().value().sync.conflicts_resolved == 1);
}

TEST_CASE("a service database: a URL that is none is refused, and memory goes with the object") {
  CHECK(code_of(ServiceDatabase::open("mysql://x")) == ErrorCode::InvalidArgument);
  for (int i = 0; i < 2; ++i) {
    auto opened = ServiceDatabase::open("sqlite:///:memory:");
    REQUIRE(succeeded(opened));
    RepositoryInfo repository;
    repository.repo_id = "r";
    const auto stored = opened.value()->persistence().store_repository(repository);
    REQUIRE(succeeded(stored));
    CHECK(stored.value().status == IngestStatus::Added);
  }
}
