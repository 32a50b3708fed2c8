// What cleanup promises, as facts that hold over every storage.
#pragma once

#include <limits>
#include <map>

#include "service_world.h"
#include "twinstore/cleanup.h"
#include "twinstore/limits.h"
#include "twinstore/synchronization.h"

namespace twinstore::test {

// It is 2024-06-01T12:00:00Z; what is older than 2024-05-02T12:00:00Z is old.
inline constexpr const char* old_day = "2024-05-02T11:59:59.999Z";
inline constexpr const char* new_day = "2024-05-02T14:00:00+02:00";

TEST_CASE_TEMPLATE_DEFINE("cleanup: old analyses and metrics go, the newest of a branch stay",
                          Engine, cleanup_analyses) {
  ServiceWorld<Engine> world;
  world.store_analysis("r", "main", "c1", old_day);
  world.store_analysis("r", "main", "c2", new_day);
  world.store_analysis("r", "quiet", "c1", "2020-01-01T00:00:00Z");
  world.store_analysis("r", "quiet", "c2", "2020-01-01T00:00:00Z");
  world.store_metric("r", "main", "files", 1, old_day, "c1");
  world.store_metric("r", "main", "files", 2, old_day, "c2");
  world.store_metric("r", "main", "files", 3, new_day, "c1");
  world.store_metric("r", "quiet", "files", 4, "2020-01-01T00:00:00Z", "c1");
  world.store_metric("r", "quiet", "files", 5, "2020-01-01T00:00:00Z", "c2");
  const RowCounts counts = world.must(world.persistence.cleanup({}));
  CHECK(counts == RowCounts{{"analyses", 2}, {"historical_metrics", 2}});
  CHECK(world.must(world.persistence.get_latest_analysis("r", "main"))->commit_sha == "c2");
  CHECK(world.must(world.persistence.get_latest_analysis("r", "quiet"))->commit_sha == "c2");
  std::map<int, int> left;
  for (const char* branch : {"main", "quiet"}) {
    for (const auto& metric : world.must(world.persistence.get_historical_metrics("r", branch))) {
      ++left[static_cast<int>(*metric.metric_value)];
    }
  }
  CHECK(left == std::map<int, int>{{2, 1}, {3, 1}, {5, 1}});
  CHECK(world.must(world.persistence.cleanup({})).empty());
}

TEST_CASE_TEMPLATE_DEFINE("cleanup: cache entries go when they expired or were not used", Engine,
                          cleanup_cache) {
  ServiceWorld<Engine> world;
  const auto store = [&](const char* key, const char* used, const char* expires) {
    CacheEntry entry;
    entry.cache_key = key;
    entry.repo_id = "r";
    entry.path = std::string(key) + ".tar";
    if (used != nullptr) entry.last_accessed_at = used;
    if (expires != nullptr) entry.expires_at = expires;
    world.must(world.persistence.store_cache_entry(entry));
  };
  store("expired", nullptr, "2024-06-01T12:00:00Z");
  store("expires soon", "2020-01-01T00:00:00Z", "2024-06-01T12:00:00.001Z");
  store("unused", "2024-05-31T11:59:59.999Z", nullptr);
  store("used", "2024-05-31T12:00:00Z", nullptr);
  store("new", nullptr, nullptr);
  CHECK(world.must(world.persistence.cleanup({.cleanup_cache = false})).empty());
  auto cleanup = Cleanup::make(world.schema, world.clock, {});
  REQUIRE(cleanup.ok());
  bool is_done = false;
  while (!is_done) {
    world.must(world.transactions.run([&](OwnWrites& writes) -> Result<void> {
      TWINSTORE_TRY(is_done, cleanup.value().step(writes));
      return {};
    }));
  }
  CHECK(cleanup.value().result().deleted == RowCounts{{"cache_entries", 2}});
  CHECK(cleanup.value().result().files == std::vector<std::string>{"expired.tar", "unused.tar"});
  world.clock.advance(1);
  CHECK(world.must(world.persistence.cleanup({})) == RowCounts{{"cache_entries", 2}});
  CHECK(world.must(world.persistence.get_cache_entry("new")).has_value());
  world.clock.advance(3'600'000);
  CHECK(world.must(world.persistence.cleanup({.max_age_hours = 1})).empty());
  world.clock.advance(1);
  CHECK(world.must(world.persistence.cleanup({.max_age_hours = 1})) ==
        RowCounts{{"cache_entries", 1}});
}

TEST_CASE_TEMPLATE_DEFINE("cleanup: an old repository goes whole unless something of it is newer",
                          Engine, cleanup_repositories) {
  ServiceWorld<Engine> world;
  const auto repository = [&](const std::string& repo_id, const char* updated) {
    RepositoryInfo info;
    info.repo_id = repo_id;
    if (updated != nullptr) info.updated_at = updated;
    world.must(world.persistence.store_repository(info));
    world.store_branch(repo_id, "main");
    world.store_analysis(repo_id, "main", "c1", "2020-01-01T00:00:00Z");
  };
  repository("gone", old_day);
  repository("newer", new_day);
  repository("timeless", nullptr);
  repository("analysed", old_day);
  world.store_analysis("analysed", "main", "c2", new_day);
  repository("measured", old_day);
  world.store_metric("measured", "main", "files", 1, new_day);
  repository("cached", old_day);
  world.store_cache_entry("k", "cached");
  repository("committed", old_day);
  BranchInfo branch;
  branch.name = "main";
  branch.last_commit_at = new_day;
  world.must(world.persistence.store_branches("committed", {branch}));
  repository("disputed", old_day);
  auto manual = DataSynchronizationService::make(world.persistence, Policy::Manual);
  REQUIRE(manual.ok());
  auto people = DataPersistenceService::make(world.schema, world.clock,
                                             world.transactions, "people");
  REQUIRE(people.ok());
  BranchInfo met;
  met.name = "main";
  met.commit_sha = "mine";
  world.clock.advance(1);
  world.must(people.value().store_branches("disputed", {met}));
  met.commit_sha = "theirs";
  world.clock.advance(1);
  CHECK_FALSE(world.must(manual.value().sync_branch_metadata("disputed", met)));
  REQUIRE(world.must(manual.value().get_conflicts()).size() == 1);
  world.clock.advance(-2);  // so that new_day is just new

  CHECK(world
            .must(world.persistence.cleanup(
                {.cleanup_old_repos = false, .cleanup_old_analyses = false}))
            .empty());
  const CleanupOptions only_repositories{.cleanup_old_analyses = false, .cleanup_cache = false};
  CHECK(world.must(world.persistence.cleanup(only_repositories)) ==
        RowCounts{{"analyses", 1}, {"branches", 1}, {"repositories", 1}});
  CHECK(world.rows_of("gone") == "0 0 0 0 0");
  for (const char* kept :
       {"newer", "timeless", "analysed", "measured", "cached", "committed", "disputed"}) {
    CAPTURE(kept);
    CHECK(world.must(world.persistence.get_repository(kept)).has_value());
  }
  world.must(manual.value().resolve_conflict(size_t{0}, false));
  CHECK(world.must(world.persistence.cleanup(only_repositories))["repositories"] == 1);
  CHECK_FALSE(world.must(world.persistence.get_repository("disputed")).has_value());
}

TEST_CASE_TEMPLATE_DEFINE("cleanup: more than one step deletes ends all the same", Engine,
                          cleanup_steps) {
  ServiceWorld<Engine> world;
  const size_t many = limits::cleanup_batch_rows + 1;
  for (size_t i = 0; i < many; ++i) {
    world.store_metric("r", "main", "files", static_cast<double>(i), old_day, "c1");
    world.store_metric("r", "main", "lines", static_cast<double>(i), new_day, "c1");
  }
  for (int i = 0; i < 3; ++i) {
    RepositoryInfo info;
    info.repo_id = "old" + std::to_string(i);
    info.updated_at = old_day;
    world.must(world.persistence.store_repository(info));
  }
  RowCounts counts = world.must(world.persistence.cleanup({}));
  CHECK(counts["historical_metrics"] == static_cast<int64_t>(many));
  CHECK(counts["repositories"] == 3);
  CHECK(world.must(world.persistence.get_historical_metrics("r", "main")).size() == many);
}

TEST_CASE_TEMPLATE_DEFINE("cleanup: an age that is none is refused", Engine, cleanup_refused) {
  ServiceWorld<Engine> world;
  for (const double age :
       {-1.0, std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN(),
        limits::cleanup_age_hours_max + 1}) {
    CHECK(world.refused(world.persistence.cleanup({.max_age_hours = age})) ==
          ErrorCode::InvalidArgument);
    CHECK(world.refused(world.persistence.cleanup({.max_age_days = age})) ==
          ErrorCode::InvalidArgument);
  }
  CHECK(world.must(world.persistence.cleanup({.max_age_hours = limits::cleanup_age_hours_max}))
            .empty());
}

}  // namespace twinstore::test

// Every case above, over the engines named.
#define TWINSTORE_CLEANUP_SUITE(...)                            \
  TEST_CASE_TEMPLATE_INVOKE(cleanup_analyses, __VA_ARGS__);     \
  TEST_CASE_TEMPLATE_INVOKE(cleanup_cache, __VA_ARGS__);        \
  TEST_CASE_TEMPLATE_INVOKE(cleanup_repositories, __VA_ARGS__); \
  TEST_CASE_TEMPLATE_INVOKE(cleanup_steps, __VA_ARGS__);        \
  TEST_CASE_TEMPLATE_INVOKE(cleanup_refused, __VA_ARGS__)
