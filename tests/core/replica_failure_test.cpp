// A replica over a storage that fails: what was acknowledged is neither lost nor sent unsaved.
#include "../storage/faulty_storage.h"
#include "world.h"

using namespace twinstore;
using twinstore::test::edit;
using twinstore::test::FaultyStorage;
using twinstore::test::succeeded;
using twinstore::test::World;

namespace {

struct Failing : World {
  Failing() {
    auto opened = SqliteStorage::open(schema, {.path = ":memory:", .vfs = {}});
    TWINSTORE_CHECK(opened.ok());
    disk = std::move(opened).value();
    storage = std::make_unique<FaultyStorage>(*disk);
    reopen();
  }
  void reopen() {
    auto opened = Replica::open(schema, *storage, clock, ids);
    TWINSTORE_CHECK(opened.ok());
    replica = std::move(opened).value();
    TWINSTORE_CHECK(replica->subscribe("*").ok());
  }
  Result<Commit> write(std::string_view name) {
    const auto batch = parse_edits(
        schema, edit("upsert", "branches", R"(["r",")" + std::string(name) + "\"]", R"({})"));
    TWINSTORE_CHECK(batch.ok());
    return replica->write(batch.value());
  }
  void fail(bool is_failing) {
    if (!is_failing) {
      storage->fault = {};
      return;
    }
    storage->fault = [](std::string_view call) -> std::optional<Error> {
      if (call != "commit" && call != "scan") return std::nullopt;
      return Error{ErrorCode::StorageIo, "the disk does not answer"};
    };
  }

  FakeIdSource ids{77};
  std::unique_ptr<SqliteStorage> disk;
  std::unique_ptr<FaultyStorage> storage;
  std::unique_ptr<Replica> replica;
};

}  // namespace

TEST_CASE_FIXTURE(Failing, "replica: writes before and after a failure that could not be undone") {
  REQUIRE(succeeded(write("before")));
  fail(true);
  CHECK(test::code_of(write("failed")) == ErrorCode::StorageIo);
  CHECK(test::code_of(write("failed again")) == ErrorCode::StorageIo);
  fail(false);
  REQUIRE(succeeded(write("after")));
  CHECK(replica->status().pending == 2);
  reopen();
  CHECK(replica->status().pending == 2);
}

TEST_CASE_FIXTURE(Failing, "replica: a number that was not saved is not sent") {
  REQUIRE(succeeded(write("one")));
  fail(true);
  CHECK(test::code_of(replica->next_message()) == ErrorCode::StorageIo);
  CHECK(test::code_of(replica->next_message()) == ErrorCode::StorageIo);
  fail(false);
  const auto message = replica->next_message();
  REQUIRE(succeeded(message));
  CHECK(message.value()->find("\"seq\":1,") != std::string::npos);
  reopen();
  CHECK(replica->next_message().value() == message.value());
}
