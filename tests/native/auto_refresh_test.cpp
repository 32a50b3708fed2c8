// The auto-refresh service with its threads: what runs when, and what stops it.
#include <sys/stat.h>

#include <fstream>

#include "refresh_world.h"

using namespace twinstore;
using namespace twinstore::test;

namespace {

// A pipe with a name: a script says through it that it has begun, and its end when it is gone.
class NamedPipe {
 public:
  explicit NamedPipe(std::string path) : path_(std::move(path)) {
    TWINSTORE_CHECK(mkfifo(path_.c_str(), 0600) == 0);
  }
  // Lines for a script: it holds the pipe from here until it ends.
  [[nodiscard]] std::string begin() const {
    return "cat > /dev/null\nexec 3> " + path_ + "\necho begun >&3\n";
  }
  // Waits until a script has begun.
  void await_begun() {
    file_.open(path_);
    std::string line;
    std::getline(file_, line);
    CHECK(line == "begun");
  }
  // Waits until it, and all that it started, is gone.
  void await_end() {
    std::string line;
    while (std::getline(file_, line)) {
    }
  }

 private:
  std::string path_;
  std::ifstream file_;
};

AutoRefreshOptions options(bool is_enabled = false) {
  AutoRefreshOptions out;
  out.auto_refresh_enabled = is_enabled;
  return out;
}

}  // namespace

TEST_CASE_FIXTURE(RefreshWorld, "auto-refresh: a schedule runs when it is due, and stores") {
  store_branch("o/r", "main");
  const RefreshSources by = command(script("a", prints_analysis("c7")));
  AutoRefreshService service(persistence, manager, by);
  const std::string now = schedule("main");
  const std::string later = schedule("main", 10);
  CHECK_FALSE(status(service).is_running);
  service.start();
  CHECK(status(service).is_running);
  await(now, TaskState::Done);
  CHECK(task(now).analyzed_commit == "c7");
  CHECK(latest_commit("main") == "c7");
  CHECK(state(later) == TaskState::Queued);
  clock.advance(10 * minute_ms);
  service.wake();
  await(later, TaskState::Done);
}

TEST_CASE_FIXTURE(RefreshWorld, "auto-refresh: a marked branch is refreshed and fresh again") {
  store_branch("o/r", "main");
  const RefreshSources by = command(script("a", prints_analysis("c1")));
  AutoRefreshService service(persistence, manager, by);
  service.start();
  must(manager.mark_for_refresh("o/r", "main"));
  service.wake();
  while (must(manager.is_branch_stale("o/r", "main"))) {
  }
  const auto tasks = must(scheduler.get_scheduled_tasks());
  REQUIRE(tasks.size() == 1);
  CHECK(tasks[0].cause == "marked");
}

TEST_CASE_FIXTURE(RefreshWorld, "auto-refresh: stale branches are left alone until it is enabled") {
  store_branch("o/r", "main");
  const RefreshSources by = command(script("a", prints_analysis("c1")));
  AutoRefreshService service(persistence, manager, by);
  service.start();
  const std::string asked = schedule("other");
  await(asked, TaskState::Done);  // it has looked, and found nothing else to do
  CHECK(status(service).idle == RefreshIdle::Disabled);
  CHECK(must(manager.is_branch_stale("o/r", "main")));
  must(service.enable_auto_refresh());
  while (must(manager.is_branch_stale("o/r", "main"))) {
  }
  CHECK(status(service).idle == RefreshIdle::No);
  must(service.disable_auto_refresh());
  CHECK_FALSE(status(service).state.is_enabled);
}

TEST_CASE_FIXTURE(RefreshWorld, "auto-refresh: what was said of it outlives the service") {
  const RefreshSources by;
  {
    AutoRefreshService service(persistence, manager, by);
    must(service.enable_auto_refresh());
  }
  AutoRefreshService again(persistence, manager, by, options(false));
  CHECK(status(again).state.is_enabled);
  must(again.disable_auto_refresh());
  AutoRefreshService third(persistence, manager, by, options(true));
  CHECK_FALSE(status(third).state.is_enabled);
}

TEST_CASE_FIXTURE(RefreshWorld,
                  "auto-refresh: a task given up while it runs is killed and stores nothing") {
  store_branch("o/r", "main");
  NamedPipe pipe((folder.path() / "pipe").string());
  const RefreshSources by =
      command(script("a", pipe.begin() + "sleep 1000\n" + prints_analysis("c1")));
  AutoRefreshService service(persistence, manager, by);
  service.start();
  const std::string id = schedule("main");
  service.wake();
  pipe.await_begun();
  CHECK(state(id) == TaskState::Running);
  must(scheduler.cancel_refresh(id));
  service.wake();
  pipe.await_end();
  service.stop();
  CHECK(state(id) == TaskState::Cancelled);
  CHECK(latest_commit("main").empty());
}

TEST_CASE_FIXTURE(RefreshWorld, "auto-refresh: a task given up while it is due never runs") {
  store_branch("o/r", "main");
  const RefreshSources by = command(script("a", prints_analysis("c1")));
  AutoRefreshService service(persistence, manager, by);
  const std::string given_up = schedule("main");
  must(scheduler.cancel_refresh(given_up));
  service.start();
  const std::string other = schedule("other");
  service.wake();
  await(other, TaskState::Done);
  CHECK(state(given_up) == TaskState::Cancelled);
  CHECK(latest_commit("main").empty());
}

TEST_CASE_FIXTURE(RefreshWorld,
                  "auto-refresh: stopping puts a running task back, and starting runs it again") {
  store_branch("o/r", "main");
  NamedPipe pipe((folder.path() / "pipe").string());
  const std::string go = (folder.path() / "go").string();
  const RefreshSources by = command(
      script("a", pipe.begin() + "test -e " + go + " || sleep 1000\n" + prints_analysis("c1")));
  AutoRefreshService service(persistence, manager, by);
  service.start();
  const std::string id = schedule("main");
  service.wake();
  pipe.await_begun();
  service.stop();
  CHECK(state(id) == TaskState::Queued);
  CHECK(task(id).attempts == 0);
  std::ofstream(go) << "go";
  service.start();
  await(id, TaskState::Done);
  CHECK(task(id).attempts == 1);
}

TEST_CASE_FIXTURE(RefreshWorld, "auto-refresh: a failure is tried again later, and told") {
  store_branch("o/r", "main");
  const std::string failing = (folder.path() / "failing").string();
  std::ofstream(failing) << "yes";
  const RefreshSources by = command(
      script("a", "if test -e " + failing + "; then echo 'no network today' >&2; exit 3; fi\n" +
                      prints_analysis("c1")));
  AutoRefreshService service(persistence, manager, by);
  service.start();
  const std::string id = schedule("main");
  service.wake();
  while (task(id).attempts != 1 || state(id) != TaskState::Queued) {
  }
  CHECK(task(id).last_error == "the command ended with status 3: no network today");
  CHECK(task(id).due_ms > clock.now_ms());
  std::filesystem::remove(failing);
  clock.advance(2 * minute_ms);
  service.wake();
  await(id, TaskState::Done);
  CHECK(task(id).attempts == 2);
}

TEST_CASE_FIXTURE(RefreshWorld, "auto-refresh: an answer that cannot be stored fails the task") {
  store_branch("o/r", "main");
  const RefreshSources by =
      command(script("a",
                     "cat > /dev/null\necho '{\"analysis\":{\"commit_sha\":\"c1\",\"file_tree\":7,"
                     "\"stars\":5}}'\n"));
  AutoRefreshService service(persistence, manager, by);
  service.start();
  const std::string id = schedule("main");
  service.wake();
  await(id, TaskState::Failed);
  CHECK(task(id).last_error.find("analyses") == 0);
  CHECK(task(id).attempts == 1);
  CHECK(latest_commit("main").empty());
}

TEST_CASE_FIXTURE(RefreshWorld, "auto-refresh: a repository that nobody serves fails at once") {
  const RefreshSources by = sources(
      std::make_unique<CommandRefresher>(CommandSourceConfig{{"/bin/true"}, {}}), "other/*");
  AutoRefreshService service(persistence, manager, by);
  service.start();
  const std::string id = schedule("main");
  service.wake();
  await(id, TaskState::Failed);
  CHECK(status(service).last_error() == "the server is not configured to refresh this repository");
}
