// What DataSynchronizationService promises, as facts that hold over every storage.
#pragma once

#include "service_world.h"
#include "twinstore/synchronization.h"

namespace twinstore::test {

template <class Engine>
struct SyncServiceWorld : ServiceWorld<Engine> {
  using Strategy = ConflictResolutionStrategy;

  DataSynchronizationService service(Strategy strategy) {
    auto made = DataSynchronizationService::make(this->persistence, strategy);
    TWINSTORE_CHECK(made.ok());
    return std::move(made).value();
  }
  // What another writer, a person in a browser say, makes of the row meanwhile.
  void edit_branch(std::string_view name, const BranchInfo& branch) {
    auto other = DataPersistenceService::make(this->schema, this->clock,
                                              this->transactions, "people");
    TWINSTORE_CHECK(other.ok());
    this->clock.advance(1000);
    BranchInfo edited = branch;
    edited.name = name;
    this->must(other.value().store_branches("r", {edited}));
    this->clock.advance(1000);
  }
  BranchInfo stored(std::string_view name = "main") {
    for (BranchInfo& branch : this->must(this->persistence.get_branches("r"))) {
      if (branch.name == name) return branch;
    }
    FAIL("the branch is not stored");
    return {};
  }
};

inline BranchInfo branch_at(std::string_view commit, std::vector<std::string> tags,
                            std::string_view name = "main") {
  BranchInfo branch;
  branch.name = std::string(name);
  branch.commit_sha = std::string(commit);
  branch.tags = std::move(tags);
  return branch;
}

TEST_CASE_TEMPLATE_DEFINE(
    "synchronization: LATEST_WINS takes the newer record, whatever comes last", Engine,
    sync_latest) {
  SyncServiceWorld<Engine> world;
  auto service = world.service(ConflictResolutionStrategy::LatestWins);
  BranchInfo newer = branch_at("2", {});
  newer.updated_at = "2024-05-02T00:00:00Z";
  BranchInfo older = branch_at("1", {});
  older.updated_at = "2024-05-01T23:00:00Z";
  CHECK(world.must(service.sync_branch_metadata("r", newer)));
  CHECK_FALSE(world.must(service.sync_branch_metadata("r", older)));
  CHECK(world.stored().commit_sha == "2");
  newer.commit_sha = "3";
  newer.updated_at = "2024-05-01T23:00:00-02:00";  // an hour after midnight UTC
  CHECK(world.must(service.sync_branch_metadata("r", newer)));
  CHECK(world.stored().commit_sha == "3");
  CHECK(world.must(service.get_conflicts()).empty());
  const SyncStatistics stats = world.must(service.stats());
  CHECK(stats.applied == 2);
  CHECK(stats.superseded == 1);
}

TEST_CASE_TEMPLATE_DEFINE("synchronization: the same record again changes nothing and keeps edits",
                          Engine, sync_again) {
  SyncServiceWorld<Engine> world;
  auto service = world.service(ConflictResolutionStrategy::LatestWins);
  CHECK(world.must(service.sync_branch_metadata("r", branch_at("1", {"a"}))));
  BranchInfo tagged;
  tagged.tags = std::vector<std::string>{"mine"};
  world.edit_branch("main", tagged);
  const Rev head = world.authority->head();
  CHECK(world.must(service.sync_branch_metadata("r", branch_at("1", {"a"}))));
  CHECK(world.authority->head() == head);
  CHECK(world.stored().tags == std::vector<std::string>{"mine"});
}

TEST_CASE_TEMPLATE_DEFINE("synchronization: MERGE takes what each side did", Engine, sync_merge) {
  SyncServiceWorld<Engine> world;
  auto service = world.service(ConflictResolutionStrategy::Merge);
  CHECK(world.must(service.sync_branch_metadata("r", branch_at("1", {"a", "b"}))));
  BranchInfo tagged;
  tagged.tags = std::vector<std::string>{"a", "b", "mine"};
  world.edit_branch("main", tagged);
  CHECK(world.must(service.sync_branch_metadata("r", branch_at("2", {"b", "c"}))));
  CHECK(world.stored().tags == std::vector<std::string>{"b", "c", "mine"});
  CHECK(world.stored().commit_sha == "2");
  const SyncStatistics stats = world.must(service.stats());
  CHECK(stats.merged == 1);
  CHECK(stats.by_strategy[static_cast<size_t>(Policy::Merge)] == 1);
}

TEST_CASE_TEMPLATE_DEFINE("synchronization: MANUAL asks, and each decision does what it says",
                          Engine, sync_manual) {
  SyncServiceWorld<Engine> world;
  auto service = world.service(ConflictResolutionStrategy::Manual);
  for (const char* name : {"one", "two", "three", "four"}) {
    world.must(service.sync_branch_metadata("r", branch_at("1", {}, name)));
    world.edit_branch(name, branch_at("mine", {}));
    CHECK_FALSE(world.must(service.sync_branch_metadata("r", branch_at("2", {}, name))));
    world.clock.advance(1000);
  }
  const auto conflicts = world.must(service.get_conflicts());
  REQUIRE(conflicts.size() == 4);
  for (size_t i = 0; i < conflicts.size(); ++i) CHECK(conflicts[i].index == i);
  CHECK(conflicts[0].collection == "branches");
  CHECK(conflicts[0].repo_id == "r");
  CHECK(conflicts[0].row_key == R"(["r","one"])");
  CHECK(conflicts[3].row_key == R"(["r","four"])");
  CHECK(JsonText{conflicts[0].base}.text.find(R"("commit_sha":"1")") != std::string::npos);
  CHECK(JsonText{conflicts[0].local}.text.find(R"("commit_sha":"2")") != std::string::npos);
  CHECK(JsonText{conflicts[0].remote}.text.find(R"("commit_sha":"mine")") != std::string::npos);
  CHECK(world.stored("one").commit_sha == "mine");

  world.must(service.resolve_conflict(size_t{0}, true));
  CHECK(world.stored("one").commit_sha == "2");
  world.must(service.resolve_conflict(conflicts[1].id, false));
  CHECK(world.stored("two").commit_sha == "mine");
  // What was second behind them is the first now.
  CHECK(world.must(service.get_conflicts()).front().id == conflicts[2].id);
  world.must(service.resolve_conflict(size_t{0}, JsonText{R"({"commit_sha":"both"})"}));
  CHECK(world.stored("three").commit_sha == "both");

  CHECK(world.refused(service.resolve_conflict(size_t{1}, true)) == ErrorCode::NotFound);
  CHECK(world.refused(service.resolve_conflict(std::string("none"), true)) == ErrorCode::NotFound);
  CHECK(world.refused(service.resolve_conflict(conflicts[0].id, true)) ==
        ErrorCode::PreconditionFailed);
  CHECK(world.refused(service.resolve_conflict(size_t{0}, JsonText{"[]"})) ==
        ErrorCode::InvalidArgument);
  CHECK(world.refused(service.resolve_conflict(size_t{0}, JsonText{R"({"nothing":1})"})) ==
        ErrorCode::UnknownField);
  CHECK(world.refused(service.resolve_conflict(size_t{0}, JsonText{R"({"ahead":"x"})"})) ==
        ErrorCode::WrongType);
  const SyncStatistics stats = world.must(service.stats());
  CHECK(stats.conflicts == 4);
  CHECK(stats.conflicts_open == 1);
  CHECK(stats.conflicts_resolved == 3);
  CHECK(stats.by_strategy[static_cast<size_t>(Policy::Manual)] == 4);
}

TEST_CASE_TEMPLATE_DEFINE("synchronization: a conflict is decided about the row as it is by then",
                          Engine, sync_moved) {
  SyncServiceWorld<Engine> world;
  auto service = world.service(ConflictResolutionStrategy::Manual);
  world.must(service.sync_branch_metadata("r", branch_at("1", {})));
  world.edit_branch("main", branch_at("mine", {}));
  CHECK_FALSE(world.must(service.sync_branch_metadata("r", branch_at("2", {}))));
  world.edit_branch("main", branch_at("later", {"kept"}));
  CHECK(world.must(service.get_conflicts())[0].remote.find("later") != std::string::npos);
  world.must(service.resolve_conflict(size_t{0}, true));
  CHECK(world.stored().commit_sha == "2");
  CHECK(world.stored().tags == std::vector<std::string>{"kept"});
}

TEST_CASE_TEMPLATE_DEFINE("synchronization: a list that has moved on is not decided about by place",
                          Engine, sync_list_mark) {
  SyncServiceWorld<Engine> world;
  auto service = world.service(ConflictResolutionStrategy::Manual);
  for (const char* name : {"one", "two"}) {
    world.must(service.sync_branch_metadata("r", branch_at("1", {}, name)));
    world.edit_branch(name, branch_at("mine", {}));
    world.must(service.sync_branch_metadata("r", branch_at("2", {}, name)));
  }
  const auto mark = [&] {
    return conflict_list_mark(world.must(open_conflict_rows(world.schema, world.storage())));
  };
  const std::string before = mark();
  world.must(service.resolve_conflict(size_t{0}, true));
  CHECK(mark() != before);
  const auto decide = [&](const std::string& expected) {
    return world.transactions.run([&](OwnWrites& writes) -> Result<void> {
      TWINSTORE_TRY_VOID(decide_conflict(writes, size_t{0}, {}, "test", expected));
      return {};
    });
  };
  CHECK(world.refused(decide(before)) == ErrorCode::PreconditionFailed);
  CHECK(world.stored("two").commit_sha == "mine");
  world.must(decide(mark()));
  CHECK(world.stored("two").commit_sha == "2");
}

TEST_CASE_TEMPLATE_DEFINE(
    "synchronization: a strategy holds for the service, a collection, a field", Engine,
    sync_strategies) {
  SyncServiceWorld<Engine> world;
  auto service = world.service(ConflictResolutionStrategy::LatestWins);
  world.must(
      service.set_strategy({.collection = "branches", .field = "tags", .policy = Policy::Merge}));
  world.must(
      service.set_strategy({.collection = "branches", .field = "ahead", .policy = Policy::Manual}));
  BranchInfo first = branch_at("1", {"a"});
  first.ahead = 1;
  world.must(service.sync_branch_metadata("r", first));
  BranchInfo mine = branch_at("mine", {"a", "mine"});
  mine.ahead = 5;
  world.edit_branch("main", mine);
  BranchInfo second = branch_at("2", {"b"});
  second.ahead = 2;
  CHECK_FALSE(world.must(service.sync_branch_metadata("r", second)));
  CHECK(world.stored().commit_sha == "2");
  CHECK(world.stored().tags == std::vector<std::string>{"b", "mine"});
  CHECK(world.stored().ahead == 5);
  CHECK(world.must(service.get_conflicts())[0].fields == std::vector<std::string>{"ahead"});
  CHECK(world.refused(service.set_strategy({.collection = "none", .field = {}, .policy = {}})) ==
        ErrorCode::UnknownCollection);
  CHECK(world.refused(service.set_strategy(
            {.collection = "branches", .field = "no", .policy = {}})) == ErrorCode::UnknownField);
  // Another service of the same database has its own.
  auto other = world.service(ConflictResolutionStrategy::LatestWins);
  BranchInfo third;
  third.name = "main";
  third.ahead = 3;
  CHECK(world.must(other.sync_branch_metadata("r", third)));
  CHECK(world.stored().ahead == 3);
}

TEST_CASE_TEMPLATE_DEFINE("synchronization: many branches are one transaction", Engine, sync_many) {
  SyncServiceWorld<Engine> world;
  auto service = world.service(ConflictResolutionStrategy::LatestWins);
  BranchInfo newer = branch_at("2", {}, "b");
  newer.updated_at = "2024-05-02T00:00:00Z";
  world.must(service.sync_branch_metadata("r", newer));
  BranchInfo older = branch_at("1", {}, "b");
  older.updated_at = "2024-05-01T00:00:00Z";
  const auto results = world.must(service.sync_multiple_branches(
      "r", {branch_at("1", {}, "a"), older, branch_at("1", {}, "c"), branch_at("1", {}, "a")}));
  REQUIRE(results.size() == 4);
  CHECK(results[0].status == IngestStatus::Added);
  CHECK(results[1].status == IngestStatus::Superseded);
  CHECK(results[2].status == IngestStatus::Added);
  CHECK(results[3].status == IngestStatus::Unchanged);
  CHECK(world.stored("b").commit_sha == "2");
  // One that is not accepted refuses all.
  BranchInfo wrong = branch_at("1", {}, "e");
  wrong.updated_at = "never";
  CHECK(world.refused(service.sync_multiple_branches("r", {branch_at("1", {}, "d"), wrong})) ==
        ErrorCode::WrongType);
  CHECK(world.must(world.persistence.get_branches("r")).size() == 3);
  CHECK(world.must(service.sync_multiple_branches("r", {})).empty());
}

TEST_CASE_TEMPLATE_DEFINE("synchronization: an analysis of the same commit meets the stored one",
                          Engine, sync_analysis) {
  SyncServiceWorld<Engine> world;
  auto service = world.service(ConflictResolutionStrategy::Merge);
  BranchAnalysisResult analysis;
  analysis.repo_id = "r";
  analysis.branch_name = "main";
  analysis.commit_sha = "c";
  analysis.analysis_timestamp = "2024-05-01T00:00:00Z";
  analysis.metrics = JsonText{R"({"files":1})"};
  CHECK(world.must(service.sync_analysis_result(analysis)));
  analysis.analysis_timestamp = "2024-05-02T00:00:00Z";
  analysis.metrics = JsonText{R"({"files":1,"lines":9})"};
  CHECK(world.must(service.sync_analysis_result(analysis)));
  analysis.analysis_timestamp = "2024-04-02T00:00:00Z";
  CHECK_FALSE(world.must(service.sync_analysis_result(analysis)));
  const auto stored = world.must(world.persistence.get_latest_analysis("r", "main"));
  CHECK(stored->metrics == JsonText{R"({"files":1,"lines":9})"});
  CHECK(stored->analysis_timestamp == "2024-05-02T00:00:00.000Z");
}

}  // namespace twinstore::test

// Every case above, over the engines named.
#define TWINSTORE_SYNCHRONIZATION_SUITE(...)               \
  TEST_CASE_TEMPLATE_INVOKE(sync_latest, __VA_ARGS__);     \
  TEST_CASE_TEMPLATE_INVOKE(sync_again, __VA_ARGS__);      \
  TEST_CASE_TEMPLATE_INVOKE(sync_merge, __VA_ARGS__);      \
  TEST_CASE_TEMPLATE_INVOKE(sync_manual, __VA_ARGS__);     \
  TEST_CASE_TEMPLATE_INVOKE(sync_moved, __VA_ARGS__);      \
  TEST_CASE_TEMPLATE_INVOKE(sync_list_mark, __VA_ARGS__);  \
  TEST_CASE_TEMPLATE_INVOKE(sync_strategies, __VA_ARGS__); \
  TEST_CASE_TEMPLATE_INVOKE(sync_many, __VA_ARGS__);       \
  TEST_CASE_TEMPLATE_INVOKE(sync_analysis, __VA_ARGS__)
