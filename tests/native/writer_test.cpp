#include "workspace/writer.h"

#include <doctest/doctest.h>

#include <atomic>
#include <future>
#include <thread>

#include "../storage/faulty_storage.h"
#include "base/log.h"
#include "native_world.h"
#include "twinstore/ingest.h"

using namespace twinstore;
using namespace twinstore::test;

namespace {

constexpr int pushers = 64;
constexpr int pushes_each = 25;

struct WriterWorld {
  TempFolder folder;
  std::unique_ptr<Schema> schema;
  SystemClock clock;
  FakeIdSource ids{3};
  OpenDatabase database;
  std::unique_ptr<FaultyStorage> storage;
  std::unique_ptr<Authority> authority;
  std::atomic<int> commits{0};
  std::unique_ptr<Writer> writer;

  WriterWorld() {
    set_log_level(LogLevel::Off);
    auto parsed = shipped_schema();
    TWINSTORE_CHECK(parsed.ok());
    schema = std::move(parsed).value();
    auto opened = open_database(*schema, {(folder.path() / "w.db").string()}, clock, ids);
    TWINSTORE_CHECK(opened.ok());
    database = std::move(opened).value();
    storage = std::make_unique<FaultyStorage>(*database.storage);
    auto made = Authority::open(*schema, *storage, clock, ids);
    TWINSTORE_CHECK(made.ok());
    authority = std::move(made).value();
    writer = std::make_unique<Writer>(
        *storage, *authority, [this](const std::set<std::string>&, Rev, Rev) { ++commits; });
  }

  // Holds the writer's thread until the promise is set: what is queued meanwhile is one group. It
  // returns when the thread is held, since what it took along with the task would commit first.
  void hold(std::promise<void>& release) {
    std::promise<void> held;
    TWINSTORE_CHECK(writer->run([&held, &release](Storage&) {
      auto released = release.get_future();
      held.set_value();
      released.wait();
    }));
    held.get_future().wait();
  }
  PushRequest push_of(Device& device) {
    const auto text = device.replica().next_message();
    TWINSTORE_CHECK(text.ok() && text.value());
    auto message = decode(*schema, *text.value());
    TWINSTORE_CHECK(message.ok());
    return std::get<PushRequest>(std::move(message).value());
  }
  std::future<Result<PushResponse>> send(PushRequest request) {
    const auto promise = std::make_shared<std::promise<Result<PushResponse>>>();
    TWINSTORE_CHECK(writer->push(std::move(request), 1, [promise](Result<PushResponse> done) {
      promise->set_value(std::move(done));
    }));
    return promise->get_future();
  }
  std::string encoded(const Result<PushResponse>& response) {
    return encode(*schema, response.ok() ? Message(response.value())
                                         : Message(ErrorMessage{response.error()}));
  }
  // The counter as it is stored; the writer must have been stopped.
  int64_t stored_counter(std::string_view key) {
    const Collection& entries = *schema->find("cache_entries");
    const auto row = load_row(*database.storage, entries, {std::string(key)});
    TWINSTORE_CHECK(row.ok());
    return row.value() ? std::get<int64_t>(row.value()->values[*entries.find_field("hit_count")])
                       : -1;
  }
};

// One client: its own counter, pushed one by one, every third push sent twice at once.
int run_pusher(WriterWorld& world, int number) {
  const std::string key = "own-" + std::to_string(number);
  Device device(static_cast<uint64_t>(number) + 100, "nowhere");
  int wrong = 0;
  for (int i = 0; i < pushes_each; ++i) {
    device.write(i == 0 ? insert_counter(key) : increment(key));
    const PushRequest request = world.push_of(device);
    auto first = world.send(request);
    std::optional<std::future<Result<PushResponse>>> second;
    if (i % 3 == 0) second = world.send(request);
    const Result<PushResponse> answer = first.get();
    const bool is_applied = answer.ok() && answer.value().outcomes.size() == 1 &&
                            answer.value().outcomes[0].status == OutcomeStatus::Applied;
    if (!is_applied) ++wrong;
    if (second && world.encoded(second->get()) != world.encoded(answer)) ++wrong;
    if (!device.replica().receive(world.encoded(answer)).ok()) ++wrong;
  }
  return wrong;
}

}  // namespace

TEST_CASE("64 pushers at once: every push is answered as applied, once, and commits are shared") {
  WriterWorld world;
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < pushers; ++i) {
    threads.emplace_back([&world, &wrong, i] { wrong += run_pusher(world, i); });
  }
  for (std::thread& thread : threads) thread.join();
  world.writer->stop();
  CHECK(wrong == 0);
  for (int i = 0; i < pushers; ++i) {
    CHECK(world.stored_counter("own-" + std::to_string(i)) == pushes_each - 1);
  }
  CHECK(world.authority->head() == pushers * pushes_each);
  CHECK(world.commits < pushers * pushes_each);
}

TEST_CASE("a failed commit stores nothing, says so, and the same push succeeds afterwards") {
  WriterWorld world;
  Device device(1, "nowhere");
  device.write(insert_counter("k"));
  const PushRequest request = world.push_of(device);
  world.storage->fail_next_commit(ErrorCode::StorageFull);
  const Result<PushResponse> failed = world.send(request).get();
  CHECK(code_of(failed) == ErrorCode::StorageFull);
  const Result<PushResponse> again = world.send(request).get();
  if (succeeded(again)) CHECK(again.value().outcomes[0].rev == 1);
  world.writer->stop();
  CHECK(world.stored_counter("k") == 0);
}

TEST_CASE("a fault that is not the disk's is answered as one that may pass") {
  WriterWorld world;
  Device device(1, "nowhere");
  device.write(insert_counter("k"));
  const PushRequest request = world.push_of(device);
  world.storage->fail_next_commit(ErrorCode::Sql);
  const Result<PushResponse> failed = world.send(request).get();
  CHECK(code_of(failed) == ErrorCode::Unavailable);
  CHECK(world.send(request).get().ok());
}

TEST_CASE("a push that is refused is answered alone, with the others of its group applied") {
  WriterWorld world;
  Device good(1, "nowhere");
  good.write(insert_counter("good"));
  const PushRequest fine = world.push_of(good);
  Device gap(2, "nowhere");
  gap.write(insert_counter("gap"));
  PushRequest refused = world.push_of(gap);
  refused.mutations[0].seq = 7;
  refused.after = 6;
  auto second = world.send(std::move(refused));
  auto first = world.send(fine);
  CHECK(code_of(second.get()) == ErrorCode::SequenceGap);
  CHECK(first.get().ok());
  world.writer->stop();
  CHECK(world.stored_counter("good") == 0);
  CHECK(world.stored_counter("gap") == -1);
}

TEST_CASE("a write shares the transaction of the pushes, and one that fails takes back its own") {
  WriterWorld world;
  const auto write = [&](std::string key, std::optional<Error> error) {
    const auto promise = std::make_shared<std::promise<Result<void>>>();
    WriteTask task = [key, error](Authority& authority,
                                  std::set<std::string>& scopes) -> Result<void> {
      TWINSTORE_TRY(const IngestResult result,
                    ingest(authority, "test", "cache_entries",
                           R"({"cache_key":")" + key + R"(","repo_id":"r"})", scopes));
      CHECK(result.status == IngestStatus::Added);
      if (error) return *error;
      return {};
    };
    TWINSTORE_CHECK(world.writer->write(
        std::move(task), 1, [promise](Result<void> done) { promise->set_value(std::move(done)); }));
    return promise->get_future();
  };
  std::promise<void> gathered;
  world.hold(gathered);
  Device device(1, "nowhere");
  device.write(insert_counter("pushed"));
  auto pushed = world.send(world.push_of(device));
  auto fine = write("fine", std::nullopt);
  auto refused = write("refused", Error{ErrorCode::PreconditionFailed, "moved on"});
  auto after = write("after", std::nullopt);
  gathered.set_value();
  CHECK(pushed.get().ok());
  CHECK(fine.get().ok());
  CHECK(code_of(refused.get()) == ErrorCode::PreconditionFailed);
  CHECK(after.get().ok());
  world.writer->stop();
  for (const char* key : {"pushed", "fine", "after"}) CHECK(world.stored_counter(key) == 0);
  CHECK(world.stored_counter("refused") == -1);
  CHECK(world.authority->head() == 3);
}

TEST_CASE("writes and pushes that gathered share one commit") {
  WriterWorld world;
  std::promise<void> gathered;
  world.hold(gathered);
  std::vector<std::future<void>> done;
  for (int i = 0; i < 10; ++i) {
    const auto promise = std::make_shared<std::promise<void>>();
    done.push_back(promise->get_future());
    WriteTask task = [i](Authority& authority, std::set<std::string>& scopes) -> Result<void> {
      TWINSTORE_TRY_VOID(ingest(authority, "test", "repositories",
                                R"({"repo_id":"r)" + std::to_string(i) + "\"}", scopes));
      return {};
    };
    TWINSTORE_CHECK(world.writer->write(std::move(task), 1, [promise](Result<void> stored) {
      CHECK(stored.ok());
      promise->set_value();
    }));
  }
  gathered.set_value();
  for (std::future<void>& each : done) each.wait();
  CHECK(world.commits == 1);
  CHECK(world.authority->head() == 10);
}

TEST_CASE("a queue takes jobs up to its bounds and one large job when it is empty") {
  BoundedQueue<int> queue(3, 10);
  int job = 1;
  CHECK(queue.put(job, 50));
  CHECK_FALSE(queue.put(job, 1));
  CHECK(queue.take_all().size() == 1);
  CHECK(queue.put(job, 5));
  CHECK(queue.put(job, 5));
  CHECK_FALSE(queue.put(job, 1));
  CHECK(queue.take_one().has_value());
  CHECK(queue.put(job, 0));
  CHECK(queue.put(job, 0));
  CHECK_FALSE(queue.put(job, 0));
  queue.close();
  CHECK_FALSE(queue.put(job, 0));
  CHECK(queue.take_all().size() == 3);
  CHECK(queue.take_all().empty());
}

TEST_CASE("a second process is kept from a database that is in use, with a sentence") {
  const TempFolder folder;
  const std::string path = (folder.path() / "x.db").string();
  auto first = DatabaseLock::take(path);
  CHECK(first.ok());
  const auto second = DatabaseLock::take(path);
  CHECK(code_of(second) == ErrorCode::StorageBusy);
  CHECK(second.error().message.find("is using") != std::string::npos);
  first = Error{ErrorCode::Closed, ""};
  CHECK(DatabaseLock::take(path).ok());
}

TEST_CASE("a new database can be read by its owner alone") {
  const WriterWorld world;
  for (const auto& file : std::filesystem::directory_iterator(world.folder.path())) {
    CAPTURE(file.path());
    CHECK((file.status().permissions() & std::filesystem::perms::all) ==
          (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
  }
}
