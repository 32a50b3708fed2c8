// A replica over a storage that fails: what was acknowledged is neither lost nor sent unsaved.
#include "world.h"

using namespace twinstore;
using twinstore::test::edit;
using twinstore::test::succeeded;
using twinstore::test::World;

namespace {

// Hands everything on, until it is told to fail.
class FaultyStorage final : public Storage {
 public:
  explicit FaultyStorage(Storage& inner) : inner_(inner) {}
  bool is_commit_failing = false;
  bool is_read_failing = false;

  Result<void> begin() override { return inner_.begin(); }
  Result<void> commit() override {
    if (is_commit_failing) return failure();
    return inner_.commit();
  }
  void rollback() override { inner_.rollback(); }
  Result<std::vector<std::optional<RowVersion>>> load(const Collection& collection,
                                                      std::span<const Key> keys) override {
    return inner_.load(collection, keys);
  }
  Result<void> save(const Collection& collection, const RowVersion& row) override {
    return inner_.save(collection, row);
  }
  Result<void> forget(const Collection& collection, const Key& key) override {
    return inner_.forget(collection, key);
  }
  Result<void> changes(std::string_view scope, Rev after, const TakeChange& take) override {
    return inner_.changes(scope, after, take);
  }
  Result<void> rows_of_scope(std::string_view scope, const TakeChange& take) override {
    return inner_.rows_of_scope(scope, take);
  }
  Result<void> tombstones(const HybridTime& before, const TakeChange& take) override {
    return inner_.tombstones(before, take);
  }
  Result<std::optional<std::string>> get(std::string_view space, std::string_view key) override {
    return inner_.get(space, key);
  }
  Result<void> put(std::string_view space, std::string_view key, std::string_view value) override {
    return inner_.put(space, key, value);
  }
  Result<void> erase(std::string_view space, std::string_view key) override {
    return inner_.erase(space, key);
  }
  Result<void> scan(std::string_view space, std::string_view first, std::string_view last,
                    const TakeRecord& take) override {
    if (is_read_failing) return failure();
    return inner_.scan(space, first, last, take);
  }

 private:
  static Error failure() { return {ErrorCode::StorageIo, "the disk does not answer"}; }
  Storage& inner_;
};

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
  }
  Result<Commit> write(std::string_view name) {
    const auto batch = parse_edits(
        schema, edit("upsert", "branches", R"(["r",")" + std::string(name) + "\"]", R"({})"));
    TWINSTORE_CHECK(batch.ok());
    return replica->write(batch.value());
  }
  void fail(bool is_failing) { storage->is_commit_failing = storage->is_read_failing = is_failing; }

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
