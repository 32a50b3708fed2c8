// A database with an auto-refresh service over it, a clock that is moved by hand, and commands that
// tests write themselves.
#pragma once

#include <doctest/doctest.h>

#include <atomic>
#include <filesystem>
#include <string>

#include "config/schema_source.h"
#include "refresh/auto_refresh_service.h"
#include "refresh/refresh_check.h"
#include "refresh/refresh_run.h"
#include "refreshers/command_refresher.h"
#include "refreshers/git_refresher.h"
#include "temp_folder.h"
#include "twinstore/refresh_scheduler.h"
#include "twinstore/sqlite_storage.h"
#include "workspace/service_database.h"

namespace twinstore::test {

// As FakeClock, for several threads.
class SharedClock final : public Clock {
 public:
  [[nodiscard]] int64_t now_ms() override { return now_ms_; }
  void advance(int64_t by_ms) { now_ms_ += by_ms; }

 private:
  std::atomic<int64_t> now_ms_{1'717'243'200'000};  // 2024-06-01T12:00:00Z
};

inline constexpr int64_t minute_ms = 60'000;
inline constexpr int64_t hour_ms = 60 * minute_ms;

struct RefreshWorld {
  TempFolder folder;
  std::unique_ptr<Schema> schema = must(shipped_schema());
  SharedClock clock;
  SystemIdSource ids;
  std::unique_ptr<Storage> storage = must(SqliteStorage::open(
      *schema, {.path = (folder.path() / "r.db").string(), .vfs = {}, .has_feed = true}));
  std::unique_ptr<Authority> authority = must(Authority::open(*schema, *storage, clock, ids));
  SerialTransactions transactions{*authority};
  DataPersistenceService persistence =
      must(DataPersistenceService::make(*schema, clock, transactions));
  DataRefreshManager manager = must(DataRefreshManager::make(persistence));
  DataRefreshScheduler scheduler{persistence, ids};

  template <class T>
  static T must(Result<T> result) {
    if (!result.ok()) std::fprintf(stderr, "%s\n", result.error().message.c_str());
    TWINSTORE_CHECK(result.ok());
    return std::move(result).value();
  }
  static void must(const Result<void>& result) { TWINSTORE_CHECK(result.ok()); }

  void store_branch(const std::string& repo_id, const std::string& name) {
    RepositoryInfo repository;
    repository.repo_id = repo_id;
    must(persistence.store_repository(repository));
    BranchInfo branch;
    branch.name = name;
    must(persistence.store_branches(repo_id, {branch}));
  }
  std::string schedule(const std::string& branch, int64_t delay_minutes = 0) {
    return must(scheduler.schedule_refresh("o/r", branch, delay_minutes));
  }
  RefreshTask task(const std::string& id) {
    return must(read_in(transactions,
                        [&](Storage& from) { return RefreshTasks(*schema, from, clock).get(id); }));
  }
  TaskState state(const std::string& id) { return task(id).state; }
  // Waits until the service has come so far.
  void await(const std::string& id, TaskState wanted) {
    while (state(id) != wanted) {
    }
  }
  std::string latest_commit(const std::string& branch) {
    const auto found = must(persistence.get_latest_analysis("o/r", branch));
    return found ? found->commit_sha : std::string();
  }
  AutoRefreshStatus status(AutoRefreshService& service) { return must(service.get_status()); }

  // A program of these lines of shell.
  std::string script(const std::string& name, const std::string& lines) const {
    folder.write(name, "#!/bin/sh\n" + lines);
    const auto path = folder.path() / name;
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    return path.string();
  }
  // What a script prints to say that it analysed commit `sha`.
  static std::string prints_analysis(const std::string& sha) {
    return "cat > /dev/null\necho '{\"analysis\":{\"commit_sha\":\"" + sha + "\"}}'\n";
  }
  static RefreshSources sources(std::unique_ptr<Refresher> refresher,
                                const std::string& repository = "*") {
    std::vector<RefreshSources::Source> list;
    list.push_back({{repository}, std::move(refresher)});
    return RefreshSources(std::move(list));
  }
  static RefreshSources command(const std::string& program) {
    return sources(std::make_unique<CommandRefresher>(CommandSourceConfig{{program}, {}}));
  }
};

}  // namespace twinstore::test
