// The example program, as it is shipped, over a real git repository.
#include "git_fixture.h"
#include "native_world.h"
#include "server_process.h"

using namespace twinstore;
using namespace twinstore::test;

TEST_CASE("the example does the four usual jobs") {
  const TempFolder folder;
  GitFixture git("app");
  const git_oid head = git.commit({.files = {{"main.cpp", "int main() {}"}}});
  git.branch("main", head);
  git.head("main");
  const std::string program =
      (std::filesystem::path(twinstore_binary()).parent_path() / "twinstore_example").string();
  const std::string url = "sqlite:///" + (folder.path() / "example.db").string();
  const ProcessResult result = run_program(program, {url, git.path()});
  CHECK(result.exit_code == 0);
  CHECK(result.out ==
        "stored the analysis of c1\n"
        "synchronised: not all, 1 conflict\n"
        "ours {\"commit_sha\":\"c3\",\"last_commit_at\":null,\"last_commit_message\":null}, "
        "theirs {\"commit_sha\":\"c2\",\"last_commit_at\":null,\"last_commit_message\":null}: "
        "ours it is\n"
        "stale: main head_moved\n"
        "refreshed: done \n"
        "nothing is stale\n");
  CHECK(run_program(program, {}).exit_code == 2);
  CHECK(run_program(program, {"mysql://x", git.path()}).exit_code == 1);
}
