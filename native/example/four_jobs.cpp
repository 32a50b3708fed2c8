// The four usual jobs of a backend, in one program:
//   twinstore_example DATABASE_URL GIT_REPOSITORY
// 1. store an analysis, 2. synchronise what others know and decide what they disagree on, 3. ask
// what is stale, 4. have it refreshed from a git repository on disk. Copy what you need.
#include <cstdio>

#include "refresh/auto_refresh_service.h"
#include "refreshers/git_refresher.h"
#include "twinstore/refresh_scheduler.h"
#include "twinstore/synchronization.h"
#include "twinstore/time_text.h"
#include "workspace/service_database.h"

using namespace twinstore;

namespace {

const std::string repo_id = "example/app";

// 1. A record says what it names; the rest of the row stays as it is.
Result<void> store_an_analysis(ServiceDatabase& database) {
  DataPersistenceService& persistence = database.persistence();
  RepositoryInfo repository;
  repository.repo_id = repo_id;
  repository.name = "app";
  TWINSTORE_TRY_VOID(persistence.store_repository(repository));
  BranchInfo branch;
  branch.name = "main";
  branch.commit_sha = "c1";
  TWINSTORE_TRY_VOID(persistence.store_branches(repo_id, {branch}));
  BranchAnalysisResult analysis;
  analysis.repo_id = repo_id;
  analysis.branch_name = "main";
  analysis.commit_sha = "c1";
  analysis.analysis_timestamp = time_text(database.clock().now_ms());
  analysis.metrics = JsonText{R"({"files":1090})"};
  TWINSTORE_TRY(const std::string commit, persistence.store_analysis(analysis));
  std::printf("stored the analysis of %s\n", commit.c_str());
  return {};
}

// 2. Two backends say different things of one branch. MANUAL keeps both until somebody decides.
Result<void> synchronise(ServiceDatabase& database) {
  TWINSTORE_TRY(DataPersistenceService crawler,
                DataPersistenceService::make(database.schema(), database.clock(),
                                             database.transactions(), "crawler"));
  BranchInfo seen;
  seen.name = "main";
  seen.commit_sha = "c2";
  TWINSTORE_TRY_VOID(crawler.store_branches(repo_id, {seen}));

  TWINSTORE_TRY(auto sync, DataSynchronizationService::make(database.persistence(),
                                                            ConflictResolutionStrategy::Manual));
  BranchInfo mine;
  mine.name = "main";
  mine.commit_sha = "c3";
  TWINSTORE_TRY(const bool success, sync.sync_branch_metadata(repo_id, mine));
  TWINSTORE_TRY(const auto conflicts, sync.get_conflicts());
  std::printf("synchronised: %s, %zu conflict\n", success ? "yes" : "not all", conflicts.size());
  for (const SyncConflict& conflict : conflicts) {
    std::printf("ours %s, theirs %s: ours it is\n", conflict.local.c_str(),
                conflict.remote.c_str());
    TWINSTORE_TRY_VOID(sync.resolve_conflict(conflict.id, true));
  }
  return {};
}

// 3. The predicate is the one that browsers use.
Result<void> say_what_is_stale(DataRefreshManager& manager) {
  TWINSTORE_TRY(const StaleBranches stale, manager.get_stale_branches(repo_id));
  for (const auto& [name, staleness] : stale.branches()) {
    std::printf("stale: %s", name.c_str());
    for (const StaleReason reason : staleness.reasons) {
      std::printf(" %s", std::string(stale_reason_text(reason)).c_str());
    }
    std::printf("\n");
  }
  if (stale.branches().empty()) std::printf("nothing is stale\n");
  return {};
}

// 4. What is stale is refreshed by itself; here the program waits until that has happened.
Result<void> refresh(ServiceDatabase& database, DataRefreshManager& manager,
                     const std::string& git_path) {
  std::vector<RefreshSources::Source> list;
  list.push_back({{repo_id}, std::make_unique<GitRefresher>(git_path)});
  const RefreshSources sources(std::move(list));
  AutoRefreshService service(database.persistence(), manager, sources,
                             {.check_interval_minutes = 30, .auto_refresh_enabled = true});
  service.start();
  DataRefreshScheduler scheduler(database.persistence(), database.ids());
  TWINSTORE_TRY(const std::string task_id, scheduler.schedule_refresh(repo_id, "main"));
  service.wake();
  for (bool is_over = false; !is_over;) {
    TWINSTORE_TRY(const auto tasks, scheduler.get_scheduled_tasks());
    for (const RefreshTask& task : tasks) {
      if (task.id != task_id || is_open_task(task.state)) continue;
      is_over = true;
      std::printf("refreshed: %s %s\n", std::string(task_state_text(task.state)).c_str(),
                  task.last_error.c_str());
    }
  }
  service.stop();
  return {};
}

Result<void> do_all(const std::string& url, const std::string& git_path) {
  TWINSTORE_TRY(const auto database, ServiceDatabase::open(url, "example"));
  TWINSTORE_TRY_VOID(store_an_analysis(*database));
  TWINSTORE_TRY_VOID(synchronise(*database));
  TWINSTORE_TRY(DataRefreshManager manager, DataRefreshManager::make(database->persistence()));
  TWINSTORE_TRY_VOID(say_what_is_stale(manager));
  TWINSTORE_TRY_VOID(refresh(*database, manager, git_path));
  return say_what_is_stale(manager);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: twinstore_example DATABASE_URL GIT_REPOSITORY\n");
    return 2;
  }
  const auto done = do_all(argv[1], argv[2]);
  if (done.ok()) return 0;
  std::fprintf(stderr, "twinstore_example: %s\n", done.error().message.c_str());
  return 1;
}
