// What nodes over one database do when they look, turn by turn and with a clock moved by hand.
#include <fstream>

#include "git_fixture.h"
#include "refresh_world.h"
#include "twinstore/auto_refresh_state.h"

using namespace twinstore;
using namespace twinstore::test;

namespace {

struct Nodes : RefreshWorld {
  RefreshContext node(const RefreshSources& by, const std::string& owner) {
    return {persistence, manager, by, ids, owner, policy, 30 * minute_ms, true};
  }
  RefreshLook look_of(const RefreshContext& context, RefreshWork work = {{}, false, 2}) {
    return must(look(context, work));
  }
  AutoRefreshState remembered() {
    return must(read_in(transactions, [&](Storage& from) {
      return read_auto_refresh_state(*schema, from, clock, 30 * minute_ms, true);
    }));
  }
  std::string branches(const std::string& repo_id) {
    std::string out;
    for (const BranchInfo& branch : must(persistence.get_branches(repo_id))) {
      const std::string head = branch.commit_sha.has_value() ? *branch.commit_sha : "";
      out += branch.name + "@" + head.substr(0, 4) + " ";
    }
    return out;
  }

  RefreshPolicy policy;
};

std::string short_id(const git_oid& id) { return oid_text(id).substr(0, 4); }

}  // namespace

TEST_CASE_FIXTURE(Nodes,
                  "refresh nodes: over three days each interval has one check, by one node") {
  const RefreshSources by;
  std::vector<RefreshContext> nodes;
  for (const char* name : {"a", "b", "c"}) nodes.push_back(node(by, name));
  int checks = 0;
  for (int64_t minute = 0; minute < 3 * 24 * 60; minute += 5) {
    for (const RefreshContext& each : nodes) {
      if (!look_of(each).is_check_due) continue;
      CHECK(minute % 30 == 0);
      ++checks;
      run_check(each, {});
    }
    clock.advance(5 * minute_ms);
  }
  CHECK(checks == 3 * 48);
  CHECK(remembered().checks == 3 * 48);
}

TEST_CASE_FIXTURE(Nodes, "refresh nodes: switched on again, the check is made at once, and once") {
  const RefreshSources by;
  const RefreshContext a = node(by, "a");
  const auto enable = [&](bool is_enabled) {
    must(persistence.transactions().run([&](OwnWrites& writes) {
      return set_auto_refresh_enabled(writes.authority().storage(), is_enabled);
    }));
  };
  enable(true);
  CHECK(look_of(a).is_check_due);
  clock.advance(minute_ms);
  CHECK_FALSE(look_of(a).is_check_due);
  enable(true);  // it is on already
  CHECK_FALSE(look_of(a).is_check_due);
  enable(false);
  CHECK_FALSE(look_of(a).is_check_due);
  enable(true);
  CHECK(look_of(a).is_check_due);
  CHECK_FALSE(look_of(node(by, "b")).is_check_due);
  clock.advance(30 * minute_ms - 1);
  CHECK_FALSE(look_of(a).is_check_due);
  clock.advance(1);
  CHECK(look_of(a).is_check_due);
}

TEST_CASE_FIXTURE(Nodes, "refresh nodes: a due task is one node's, until its lease expires") {
  const RefreshSources by;
  const RefreshContext a = node(by, "a");
  const RefreshContext b = node(by, "b");
  must(persistence.transactions().run([](OwnWrites& writes) {
    return set_auto_refresh_enabled(writes.authority().storage(), false);
  }));
  const std::string id = schedule("main", 1);
  CHECK(look_of(a).next_ms == clock.now_ms() + minute_ms);
  clock.advance(minute_ms);
  CHECK(look_of(a).started.size() == 1);
  CHECK(look_of(b).started.empty());
  // Renewed half way, it stays.
  const RefreshWork of_a{{id}, false, 1};
  clock.advance(policy.lease_ms / 2);
  look_of(a, of_a);
  clock.advance(policy.lease_ms / 2);
  CHECK(look_of(b).started.empty());
  CHECK(look_of(a, of_a).lost.empty());
  // Not renewed, another takes it, and the first is told.
  clock.advance(policy.lease_ms);
  const RefreshLook taken = look_of(b);
  REQUIRE(taken.started.size() == 1);
  CHECK(taken.started[0].attempts == 2);
  CHECK(look_of(a, of_a).lost == std::vector<std::string>{id});
}

TEST_CASE_FIXTURE(Nodes, "refresh nodes: what is due but runs already is not looked for at once") {
  const RefreshSources by;
  const RefreshContext a = node(by, "a");
  const std::string first = schedule("main");
  CHECK(look_of(a).started.size() == 1);
  schedule("main");
  const RefreshLook again = look_of(a, {{first}, true, 1});
  CHECK(again.started.empty());
  CHECK(again.next_ms > clock.now_ms() + hour_ms);
}

TEST_CASE_FIXTURE(Nodes, "refresh nodes: a check brings what changed in a git repository") {
  GitFixture git("sample");
  const git_oid root = git.commit({.files = {{"a.cpp", "int a;"}}});
  const git_oid work = git.commit({.files = {{"b.cpp", "int b;"}}, .parents = {root}});
  git.branch("main", root);
  git.branch("feature/x", work);
  git.branch("old", work);
  git.head("main");
  const RefreshSources by = sources(std::make_unique<GitRefresher>(git.path()), "o/r");
  const RefreshContext a = node(by, "a");
  // Somebody else's branch of the same repository, which git never had.
  store_branch("o/r", "by hand");
  run_check(a, {});
  CHECK(branches("o/r") == "by hand@ feature/x@" + short_id(work) + " main@" + short_id(root) +
                               " old@" + short_id(work) + " ");
  CHECK(remembered().last_check.error.empty());
  CHECK(remembered().last_check.stale_branches == 4);
  CHECK(must(scheduler.get_scheduled_tasks()).size() == 4);

  // A commit more, a forced move, a new branch, and one less.
  const git_oid more = git.commit({.files = {{"c.cpp", "int c;"}}, .parents = {root}});
  const git_oid other = git.commit({.files = {{"d.cpp", "int d;"}}});
  git.branch("main", more);
  git.branch("feature/x", other);
  git.branch("new", more);
  git_reference_delete(GitReferenceHandle([&] {
                         git_reference* raw = nullptr;
                         git_reference_lookup(&raw, git.handle(), "refs/heads/old");
                         return raw;
                       }())
                           .get());
  run_check(a, {});
  CHECK(branches("o/r") == "by hand@ feature/x@" + short_id(other) + " main@" + short_id(more) +
                               " new@" + short_id(more) + " ");
  // What was deleted there, and is there again, comes back.
  git.branch("old", work);
  run_check(a, {});
  CHECK(branches("o/r").find("old@" + short_id(work)) != std::string::npos);
}

TEST_CASE_FIXTURE(Nodes, "refresh nodes: a git refresh analyses the head, today") {
  GitFixture git("sample");
  const git_oid root = git.commit({.files = {{"a.cpp", "int a;"}}});
  git.branch("main", root);
  git.head("main");
  const RefreshSources by = sources(std::make_unique<GitRefresher>(git.path()), "o/r");
  const RefreshContext a = node(by, "a");
  run_check(a, {});
  CHECK(must(manager.is_branch_stale("o/r", "main")));
  for (const RefreshTask& task : look_of(a).started) run_task(a, task, {});
  CHECK_FALSE(must(manager.is_branch_stale("o/r", "main")));
  const auto analysis = must(persistence.get_latest_analysis("o/r", "main"));
  REQUIRE(analysis.has_value());
  CHECK(analysis->commit_sha == oid_text(root));
  CHECK(analysis->analysis_timestamp == "2024-06-01T12:00:00.000Z");
  CHECK(must(persistence.get_historical_metrics("o/r", "main")).size() == 6);
  // The same head a day later is analysed again, and nothing but its time changes.
  clock.advance(24 * hour_ms + 1);
  CHECK(must(manager.is_branch_stale("o/r", "main")));
  run_check(a, {});
  for (const RefreshTask& task : look_of(a).started) run_task(a, task, {});
  CHECK_FALSE(must(manager.is_branch_stale("o/r", "main")));
  CHECK(must(persistence.get_analysis_history("o/r", "main")).size() == 1);
}

TEST_CASE_FIXTURE(Nodes, "refresh nodes: a repository that cannot be read is told, others go on") {
  GitFixture git("sample");
  git.branch("main", git.commit({.files = {{"a.cpp", "int a;"}}}));
  git.head("main");
  std::vector<RefreshSources::Source> list;
  list.push_back({{"a/gone"}, std::make_unique<GitRefresher>("/nowhere/at/all")});
  list.push_back({{"b/there"}, std::make_unique<GitRefresher>(git.path())});
  const RefreshSources by(std::move(list));
  run_check(node(by, "a"), {});
  CHECK(remembered().last_check.error == "there is nothing at /nowhere/at/all");
  CHECK(must(persistence.get_branches("b/there")).size() == 1);
}

TEST_CASE_FIXTURE(Nodes, "refresh nodes: tasks that are over for a week are forgotten") {
  const RefreshSources by;
  const RefreshContext a = node(by, "a");
  const std::string id = schedule("main");
  must(scheduler.cancel_refresh(id));
  clock.advance(7 * 24 * hour_ms);
  run_check(a, {});
  CHECK(must(scheduler.get_scheduled_tasks()).size() == 1);
  clock.advance(1);
  run_check(a, {});
  CHECK(must(scheduler.get_scheduled_tasks()).empty());
}
