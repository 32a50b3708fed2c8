// Branches of a repository: which are listed, which is the default, ahead and behind, identity.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "git_fixture.h"
#include "refreshers/git_repository.h"

using namespace twinstore;
using namespace twinstore::test;

namespace {

const std::vector<FixtureFile> one_file = {{"readme.md", "hello"}};

// `count` commits in a row on top of `parent`, a minute apart.
git_oid chain(GitFixture& git, const git_oid& parent, int count, int64_t at) {
  git_oid tip = parent;
  for (int i = 0; i < count; ++i) {
    tip = git.commit({.files = one_file, .parents = {tip}, .at = at + i * 60});
  }
  return tip;
}

Error failure(const std::string& path) {
  Rows rows;
  const Result<void> result = analyse_git_repository(path, {}, rows.sink(), {});
  REQUIRE_FALSE(result.ok());
  CHECK(rows.repositories.empty());
  return result.error();
}

std::string default_branch(const GitFixture& git) {
  return analyse(git.path()).repositories.at(0).at("default_branch").get<std::string>();
}

}  // namespace

TEST_CASE("git branches: a row has the reference rows' keys in their order") {
  GitFixture git;
  const git_oid root = git.commit({.files = one_file});
  git.branch("main", root);
  const Rows rows = analyse(git.path());
  CHECK(rows.repositories.at(0).dump() ==
        R"({"repo_id":"local/sample","owner":"local","name":"sample","provider":"local",)"
        R"("default_branch":"main","total_branches":1,"total_commits":1,)"
        R"("created_at":"2023-11-14T22:13:20+00:00","updated_at":"2023-11-14T22:13:20+00:00"})");
  CHECK(rows.branches.at(0).dump() ==
        R"({"repo_id":"local/sample","name":"main","commit_sha":")" + oid_text(root) +
            R"(","last_commit_at":"2023-11-14T22:13:20+00:00",)"
            R"("last_commit_message":"a change","is_default":true,"behind":0,"ahead":0})");
}

TEST_CASE("git branches: names with slashes and emoji come through whole") {
  GitFixture git;
  const git_oid root = git.commit({.files = one_file});
  git.branch("main", root);
  git.branch("feature/optional", chain(git, root, 1, 1'700'001'000));
  git.branch("fix/🚀/größe", chain(git, root, 1, 1'700'002'000));
  const Rows rows = analyse(git.path());
  CHECK(rows.branch("feature/optional").at("ahead") == 1);
  CHECK(rows.branch("fix/🚀/größe").at("ahead") == 1);
  CHECK(rows.analysis("fix/🚀/größe").at("branch_name") == "fix/🚀/größe");
}

TEST_CASE("git branches: ahead and behind are counted from the common history") {
  GitFixture git;
  const git_oid root = git.commit({.files = one_file});
  const git_oid shared = chain(git, root, 3, 1'700'001'000);
  git.branch("main", chain(git, shared, 4, 1'700'002'000));
  git.branch("topic", chain(git, shared, 2, 1'700'003'000));
  git.branch("merged", shared);
  git.branch("gh-pages",
             chain(git, git.commit({.files = one_file, .at = 1'700'000'500}), 1, 1'700'000'600));
  const Rows rows = analyse(git.path());
  CHECK(rows.repositories.at(0).at("total_commits") == 8);
  CHECK(rows.branch("topic").at("ahead") == 2);
  CHECK(rows.branch("topic").at("behind") == 4);
  CHECK(rows.branch("merged").at("ahead") == 0);
  CHECK(rows.branch("merged").at("behind") == 4);
  // Without a common commit both histories count whole.
  CHECK(rows.branch("gh-pages").at("ahead") == 2);
  CHECK(rows.branch("gh-pages").at("behind") == 8);
}

TEST_CASE("git branches: a merge counts the commits of both its parents once") {
  GitFixture git;
  const git_oid root = git.commit({.files = one_file});
  const git_oid left = chain(git, root, 2, 1'700'001'000);
  const git_oid right = chain(git, root, 3, 1'700'001'500);
  git.branch("main",
             git.commit({.files = one_file, .parents = {left, right}, .at = 1'700'009'000}));
  git.branch("right", right);
  const Rows rows = analyse(git.path());
  CHECK(rows.repositories.at(0).at("total_commits") == 7);
  CHECK(rows.branch("right").at("behind") == 3);
  CHECK(rows.branch("right").at("ahead") == 0);
  // Only the first parents are history to be measured: the merge, two commits, the root.
  CHECK(rows.metrics.size() == 4 * 6);
}

TEST_CASE("git branches: order is that of the times' texts, then of names") {
  GitFixture git;
  const git_oid early = git.commit({.files = one_file, .at = 1'700'000'000});
  git.branch("main", early);
  git.branch("a-twin", early);
  // The same instant as text in two offsets: 23:13 at +01:00 stands above 22:13 at +00:00.
  git.branch("east", git.commit({.files = one_file, .at = 1'700'000'000, .offset_minutes = 60}));
  git.branch("west", git.commit({.files = one_file, .at = 1'700'000'000, .offset_minutes = -570}));
  const Rows rows = analyse(git.path());
  std::vector<std::string> names;
  for (const auto& row : rows.branches) names.push_back(row.at("name").get<std::string>());
  CHECK(names == std::vector<std::string>{"east", "a-twin", "main", "west"});
  CHECK(rows.branch("west").at("last_commit_at") == "2023-11-14T12:43:20-09:30");
  CHECK(rows.repositories.at(0).at("updated_at") == "2023-11-14T23:13:20+01:00");
}

TEST_CASE("git branches: the message is the first paragraph on one line") {
  GitFixture git;
  git.branch("main", git.commit({.files = one_file,
                                 .message = "Add  two\nlines — 12× 📝\n\nThe body is left out.\n"}));
  CHECK(analyse(git.path()).branch("main").at("last_commit_message") == "Add  two lines — 12× 📝");
}

TEST_CASE("git branches: bytes that are no UTF-8 become replacement characters") {
  GitFixture git;
  git.branch("main", git.commit({.files = {{"caf\xE9.md", "x"}}, .message = "caf\xE9"}));
  const Rows rows = analyse(git.path());
  CHECK(rows.branch("main").at("last_commit_message") == "caf\xEF\xBF\xBD");
  CHECK_FALSE(rows.analyses.at(0).dump().empty());
}

TEST_CASE("git branches: the default is origin/HEAD, else HEAD, else main, master, the newest") {
  GitFixture git;
  const git_oid root = git.commit({.files = one_file});
  git.branch("topic", chain(git, root, 1, 1'700'005'000));
  git.branch("old", root);
  git.detach_head(root);
  CHECK(default_branch(git) == "topic");
  git.branch("master", root);
  CHECK(default_branch(git) == "master");
  git.branch("main", root);
  CHECK(default_branch(git) == "main");
  git.head("old");
  CHECK(default_branch(git) == "old");
  git.reference("refs/remotes/origin/develop", root);
  git.symbolic_reference("refs/remotes/origin/HEAD", "refs/remotes/origin/develop");
  CHECK(default_branch(git) == "develop");
}

TEST_CASE("git branches: remote branches count once, and the local one is the branch") {
  GitFixture git;
  const git_oid root = git.commit({.files = one_file});
  const git_oid ahead = chain(git, root, 1, 1'700'005'000);
  git.branch("main", ahead);
  git.reference("refs/remotes/origin/main", root);
  git.reference("refs/remotes/origin/feature/far", root);
  git.reference("refs/remotes/upstream/other", root);
  git.reference("refs/tags/v1", root);
  const Rows rows = analyse(git.path());
  CHECK(rows.branches.size() == 2);
  CHECK(rows.branch("main").at("commit_sha") == oid_text(ahead));
  CHECK(rows.branch("feature/far").at("behind") == 1);
}

TEST_CASE("git branches: a forced push shows as another head and another distance") {
  GitFixture git;
  const git_oid root = git.commit({.files = one_file});
  git.branch("main", chain(git, root, 2, 1'700'001'000));
  git.branch("topic", chain(git, root, 3, 1'700'002'000));
  CHECK(analyse(git.path()).branch("topic").at("ahead") == 3);
  const git_oid rewritten =
      git.commit({.files = {{"test/a.cpp", "int x;"}}, .parents = {root}, .at = 1'700'003'000});
  git.branch("topic", rewritten);
  const Rows rows = analyse(git.path());
  CHECK(rows.branch("topic").at("ahead") == 1);
  CHECK(rows.branch("topic").at("commit_sha") == oid_text(rewritten));
  CHECK(rows.analysis("topic").at("commit_sha") == oid_text(rewritten));
  CHECK(rows.analysis("topic").at("metrics").at("test_files") == 1);
}

TEST_CASE("git branches: beyond the bound a branch has neither ahead nor behind") {
  GitFixture git;
  const git_oid root = git.commit({.files = one_file});
  git.branch("main", chain(git, root, 1, 1'700'005'000));
  git.branch("older", root);
  GitImportOptions options;
  options.divergence_max = 1;
  const Rows rows = analyse(git.path(), options);
  CHECK(rows.branch("main").contains("ahead"));
  CHECK_FALSE(rows.branch("older").contains("ahead"));
  CHECK_FALSE(rows.branch("older").contains("behind"));
  CHECK(GitImportOptions{}.divergence_max == 150);
}

TEST_CASE("git branches: one branch alone gives its row and its analysis") {
  GitFixture git;
  const git_oid root = git.commit({.files = one_file});
  git.branch("main", chain(git, root, 1, 1'700'005'000));
  git.branch("feature/x", root);
  GitImportOptions options;
  options.divergence_max = 0;  // it is asked for by name, so it is measured
  Rows rows;
  REQUIRE(analyse_git_branch(git.path(), "feature/x", options, rows.sink()).ok());
  CHECK(rows.repositories.empty());
  CHECK(rows.metrics.empty());
  CHECK(rows.branches.size() == 1);
  CHECK(rows.branch("feature/x").at("behind") == 1);
  CHECK(rows.analyses.size() == 1);
  CHECK(rows.analysis("feature/x").at("commit_sha") == oid_text(root));
  const Result<void> missing = analyse_git_branch(git.path(), "feature", options, rows.sink());
  REQUIRE_FALSE(missing.ok());
  CHECK(missing.error().code == ErrorCode::NotFound);
}

TEST_CASE("git branches: an empty repository, no repository and no folder are three errors") {
  const GitFixture empty;
  CHECK(failure(empty.path()).code == ErrorCode::PreconditionFailed);
  const TemporaryFolder folder;
  CHECK(failure(folder.path().string()).code == ErrorCode::InvalidArgument);
  CHECK(failure((folder.path() / "absent").string()).code == ErrorCode::NotFound);
}

TEST_CASE("git branches: the sink's error stops the analysis and is handed on") {
  GitFixture git;
  git.branch("main", git.commit({.files = one_file}));
  int rows = 0;
  const RowSink full = [&](std::string_view, const nlohmann::ordered_json&) -> Result<void> {
    if (++rows == 2) return Error{ErrorCode::StorageFull, "the disk is full"};
    return {};
  };
  const Result<void> result = analyse_git_repository(git.path(), {}, full, {});
  REQUIRE_FALSE(result.ok());
  CHECK(result.error().code == ErrorCode::StorageFull);
  CHECK(rows == 2);
}

TEST_CASE("git branches: a bare repository and a linked work tree are read like any other") {
  GitFixture bare("mirror.git", true);
  bare.branch("main", bare.commit({.files = one_file}));
  CHECK(analyse(bare.path()).repositories.at(0).at("repo_id") == "local/mirror");

  GitFixture git("house");
  const git_oid root = git.commit({.files = one_file});
  git.branch("main", root);
  const TemporaryFolder elsewhere;
  const std::string linked = (elsewhere.path() / "linked").string();
  git_worktree* raw = nullptr;
  REQUIRE(git_worktree_add(&raw, git.handle(), "linked", linked.c_str(), nullptr) == 0);
  git_worktree_free(raw);
  const Rows rows = analyse(linked);
  CHECK(rows.repositories.at(0).at("repo_id") == "local/house");
  CHECK(rows.branch("main").at("commit_sha") == oid_text(root));
}

TEST_CASE("git branches: a shallow clone ends at its boundary") {
  GitFixture git;
  const git_oid root = git.commit({.files = one_file});
  const git_oid tip = chain(git, root, 3, 1'700'001'000);
  git.branch("main", tip);
  // As `git clone --depth` leaves it: the boundary is named in a file and its parent is absent.
  git_commit* raw = nullptr;
  REQUIRE(git_commit_lookup(&raw, git.handle(), &tip) == 0);
  const GitCommitHandle commit(raw);
  const std::string boundary = oid_text(*git_commit_parent_id(raw, 0));
  git_commit* raw_parent = nullptr;
  REQUIRE(git_commit_parent(&raw_parent, raw, 0) == 0);
  const GitCommitHandle parent(raw_parent);
  const std::string lost = oid_text(*git_commit_parent_id(raw_parent, 0));
  const std::filesystem::path store = std::filesystem::path(git.path()) / ".git";
  std::filesystem::remove(store / "objects" / lost.substr(0, 2) / lost.substr(2));
  const Error damaged = failure(git.path());
  CHECK(damaged.code == ErrorCode::StorageCorrupt);

  std::ofstream(store / "shallow") << boundary << '\n';
  const Rows rows = analyse(git.path());
  CHECK(rows.repositories.at(0).at("total_commits") == 2);
}

TEST_CASE("git identity: known hosts name the repository in every form of address") {
  const auto id = [](std::string_view address) {
    const RepositoryIdentity identity = identity_of_address(address);
    return identity.provider + " " + identity.owner + " " + identity.name;
  };
  CHECK(id("https://github.com/nlohmann/json.git") == "github nlohmann json");
  CHECK(id("https://github.com/nlohmann/json/") == "github nlohmann json");
  CHECK(id("https://ada:secret@github.com/a/b") == "github a b");
  CHECK(id("git@github.com:google/leveldb.git") == "github google leveldb");
  CHECK(id("ssh://git@github.com:22/google/leveldb") == "github google leveldb");
  CHECK(id("https://gitlab.com/group/part/name.git") == "gitlab group/part name");
  CHECK(id("git@bitbucket.org:o/n.git") == "bitbucket o n");
  CHECK(id("/srv/git/name.git") == "  ");
  CHECK(id("https://example.org/o/n.git") == "  ");
  CHECK(id("https://github.com/only") == "  ");
}

TEST_CASE("git identity: origin gives the repo_id, an option overrides it") {
  GitFixture git("folder");
  git.branch("main", git.commit({.files = one_file}));
  git.remote("origin", "https://github.com/vlcn-io/cr-sqlite.git");
  CHECK(analyse(git.path()).repositories.at(0).at("repo_id") == "vlcn-io/cr-sqlite");
  GitImportOptions options;
  options.repo_id = "team/fork";
  const Rows rows = analyse(git.path(), options);
  CHECK(rows.repositories.at(0).at("owner") == "team");
  CHECK(rows.repositories.at(0).at("name") == "fork");
  CHECK(rows.branches.at(0).at("repo_id") == "team/fork");
}
