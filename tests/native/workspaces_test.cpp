// Several workspaces in one server: nothing of one is seen in another, and they are bounded.
#include "workspace/workspaces.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <future>

#include "native_world.h"

using namespace twinstore;
using namespace twinstore::test;

namespace {

struct SeveralWorkspaces {
  TempFolder folder;
  std::unique_ptr<Schema> schema = shipped_schema().value();
  SystemClock clock;
  FakeIdSource ids{11};
  DatabaseLocation location;
  std::unique_ptr<Workspaces> workspaces;

  explicit SeveralWorkspaces(size_t open_max = limits::workspaces_open_max,
                             const std::string& path = {}) {
    location.path = path.empty() ? (folder.path() / "x.db").string() : path;
    auto opened = Workspaces::open({*schema, location, clock, ids, [](const auto&) {}, open_max});
    TWINSTORE_CHECK(opened.ok());
    workspaces = std::move(opened).value();
  }
  Result<WorkspaceUse> use(const std::string& name) {
    std::promise<Result<WorkspaceUse>> promise;
    workspaces->use(name, [&](Result<WorkspaceUse> use) { promise.set_value(std::move(use)); });
    return promise.get_future().get();
  }
  // Pushes what the device has written.
  void push(Workspace& workspace, Device& device) {
    const auto text = device.replica().next_message();
    TWINSTORE_CHECK(text.ok() && text.value());
    auto message = decode(*schema, *text.value());
    TWINSTORE_CHECK(message.ok());
    std::promise<Result<PushResponse>> promise;
    workspace.push(std::get<PushRequest>(std::move(message).value()), text.value()->size(),
                   [&](Result<PushResponse> done) { promise.set_value(std::move(done)); });
    CHECK(succeeded(promise.get_future().get()));
  }
  Result<PullResponse> pull(Workspace& workspace, const std::string& cursor = {}) {
    auto message = decode(*schema, pull_text(cursor));
    TWINSTORE_CHECK(message.ok());
    std::promise<Result<PullResponse>> promise;
    TWINSTORE_CHECK(workspace.read([&](ChangeFeed& feed) {
      promise.set_value(feed.page(std::get<PullRequest>(message.value())));
    }));
    return promise.get_future().get();
  }
};

mode_t mode_of(const std::string& path) {
  struct stat found {};
  TWINSTORE_CHECK(::stat(path.c_str(), &found) == 0);
  return found.st_mode & 0777u;
}

}  // namespace

TEST_CASE("workspaces: what is written in one is not in another, nor does its cursor serve there") {
  SeveralWorkspaces world;
  const WorkspaceUse acme = world.use("acme").value();
  const WorkspaceUse other = world.use("other").value();
  Device device(1);
  CHECK(device.write(insert_counter("secret-of-acme")));
  world.push(*acme, device);
  const auto own = world.pull(*acme);
  REQUIRE(succeeded(own));
  CHECK(own.value().rows.size() == 1);
  for (const std::string& name : {std::string("other"), std::string("main")}) {
    const WorkspaceUse use = world.use(name).value();
    CHECK(world.pull(*use).value().rows.empty());
    CHECK(code_of(world.pull(*use, own.value().cursor)) == ErrorCode::BadCursor);
  }
  world.workspaces->use("acme", [&](Result<WorkspaceUse> again) {
    CHECK(again.value().get() == acme.get());  // at once: it is open
  });
}

TEST_CASE("workspaces: each has a file of its own that only its owner reads") {
  SeveralWorkspaces world;
  CHECK(succeeded(world.use("acme")));
  const std::string folder = world.location.workspaces_folder();
  CHECK(mode_of(folder) == 0700);
  for (const std::string& file :
       {world.location.file(), folder + "/acme.db", folder + "/acme.db-wal",
        folder + "/acme.db-shm", folder + "/acme.db.lock"}) {
    CAPTURE(file);
    CHECK(mode_of(file) == 0600);
  }
}

TEST_CASE("workspaces: the one not used for longest makes room, and comes back as it was") {
  SeveralWorkspaces world(3);
  Device device(1);
  CHECK(device.write(insert_counter("k")));
  world.push(*world.use("a").value(), device);
  CHECK(succeeded(world.use("b")));  // with main: three
  CHECK(succeeded(world.use("c")));  // main is closed
  CHECK(succeeded(world.use("d")));  // a is closed
  const auto again = world.use("a");
  REQUIRE(succeeded(again));
  CHECK(world.pull(*again.value()).value().rows.size() == 1);
}

TEST_CASE("workspaces: one that is in use is not closed; beyond the bound there is no more") {
  SeveralWorkspaces world(2);
  {
    const WorkspaceUse a = world.use("a").value();
    const WorkspaceUse b = world.use("b").value();  // in main's place
    CHECK(code_of(world.use("c")) == ErrorCode::Unavailable);
    CHECK(world.pull(*a).ok());
  }
  CHECK(succeeded(world.use("c")));
}

TEST_CASE("workspaces: those in memory are apart, and none is given up to make room") {
  SeveralWorkspaces world(2, ":memory:");
  Device device(1);
  CHECK(device.write(insert_counter("k")));
  world.push(*world.use("a").value(), device);
  CHECK(world.pull(*world.use("main").value()).value().rows.empty());
  CHECK(code_of(world.use("b")) == ErrorCode::Unavailable);
  CHECK(world.pull(*world.use("a").value()).value().rows.size() == 1);
}

TEST_CASE("workspaces: one that cannot be opened is an error for its callers alone") {
  SeveralWorkspaces world;
  world.folder.write("x.db.workspaces/bad.db", "this is no database, and long enough to be read");
  CHECK_FALSE(world.use("bad").ok());
  CHECK_FALSE(world.use("bad").ok());
  CHECK(succeeded(world.use("good")));
}

TEST_CASE("workspaces: many ask for one at the same time and all get it") {
  SeveralWorkspaces world;
  std::vector<std::future<Workspace*>> got;
  std::vector<std::promise<Workspace*>> promises(50);
  for (auto& promise : promises) {
    got.push_back(promise.get_future());
    world.workspaces->use("acme",
                          [&](Result<WorkspaceUse> use) { promise.set_value(use.value().get()); });
  }
  Workspace* const first = got.front().get();
  for (size_t i = 1; i < got.size(); ++i) CHECK(got[i].get() == first);
}
