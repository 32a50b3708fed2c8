// The program itself: its command line, its end on SIGTERM, and kill -9 in the middle of pushes.
#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>

#include <atomic>
#include <random>
#include <thread>

#include "native_world.h"
#include "server_process.h"

using namespace twinstore;
using namespace twinstore::test;

namespace {

constexpr int clients = 4;
constexpr int kills = 50;
constexpr uint64_t first_seed = 20240601;
constexpr std::string_view shared_key = "shared";

// A client that adds one to its own counter and to one that all share, a push at a time, until the
// server is gone.
struct Pusher {
  Device device;
  std::string key;
  int64_t written = 0;
  int64_t acknowledged = 0;

  explicit Pusher(int number)
      : device(static_cast<uint64_t>(number) + 1000), key("own-" + std::to_string(number)) {}

  void push_until_gone(uint16_t port, const std::function<void()>& sent) {
    HttpClient http(port);
    for (;;) {
      device.write(increment(key));
      device.write(increment(shared_key));
      ++written;
      const auto message = device.replica().next_message();
      if (!succeeded(message) || !message.value()) return;
      http.send("POST", "/sync", "Content-Type: application/json\r\n", *message.value());
      sent();
      const auto answer = http.read();
      if (!answer) return device.replica().lost();
      if (!succeeded(device.replica().receive(answer->body))) return;
      if (answer->status == 200) acknowledged = written;
    }
  }
};

int64_t server_counter(Device& reader, const std::string& key) {
  return counter_of(reader.row("cache_entries", "[\"" + key + "\"]"));
}

// One server's life: it is killed once so many pushes have been sent to it.
void run_until_killed(const std::string& path, std::vector<std::unique_ptr<Pusher>>& pushers,
                      int sends_before_kill) {
  ServerProcess server(path);
  REQUIRE(server.port() != 0);
  std::atomic<int> sends{0};
  std::vector<std::thread> threads;
  for (auto& pusher : pushers) {
    threads.emplace_back([&] {
      pusher->push_until_gone(server.port(), [&] {
        if (++sends == sends_before_kill) server.signal(SIGKILL);
      });
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(WIFSIGNALED(server.wait()));
}

}  // namespace

TEST_CASE("kill -9 during pushes, 50 times: nothing acknowledged is lost, nothing applied twice") {
  const TempFolder folder;
  const std::string path = (folder.path() / "k.db").string();
  std::vector<std::unique_ptr<Pusher>> pushers;
  for (int i = 0; i < clients; ++i) pushers.push_back(std::make_unique<Pusher>(i));
  {
    const ServerProcess server(path);
    REQUIRE(server.port() != 0);
    HttpClient http(server.port());
    pushers[0]->device.write(insert_counter(shared_key));
    for (auto& pusher : pushers) {
      pusher->device.write(insert_counter(pusher->key));
      pusher->device.sync(http);
    }
    for (auto& pusher : pushers) pusher->device.sync(http);
  }
  std::mt19937_64 random(first_seed);
  for (int round = 0; round < kills; ++round) {
    const int sends = static_cast<int>(random() % 60) + 1;
    CAPTURE(round);
    CAPTURE(sends);
    run_until_killed(path, pushers, sends);
    const ServerProcess server(path);
    REQUIRE(server.port() != 0);
    HttpClient http(server.port());
    Device reader(static_cast<uint64_t>(round) + 1);
    reader.sync(http);
    int64_t acknowledged = 0;
    int64_t written = 0;
    for (auto& pusher : pushers) {
      const int64_t stored = server_counter(reader, pusher->key);
      CHECK(stored >= pusher->acknowledged);
      CHECK(stored <= pusher->written);
      acknowledged += pusher->acknowledged;
      written += pusher->written;
    }
    CHECK(server_counter(reader, std::string(shared_key)) >= acknowledged);
    CHECK(server_counter(reader, std::string(shared_key)) <= written);
  }
  const ServerProcess server(path);
  HttpClient http(server.port());
  int64_t written = 0;
  for (auto& pusher : pushers) {
    pusher->device.sync(http);
    CHECK(pusher->device.pending() == 0);
    written += pusher->written;
  }
  Device reader(99);
  reader.sync(http);
  for (auto& pusher : pushers) {
    pusher->device.sync(http);
    CHECK(server_counter(reader, pusher->key) == pusher->written);
    CHECK(server_counter(pusher->device, std::string(shared_key)) == written);
  }
  CHECK(server_counter(reader, std::string(shared_key)) == written);
  MESSAGE("seed " << first_seed << ": " << written << " pushes over " << kills << " kills");
}

TEST_CASE("SIGTERM ends the server with status 0 and its work stored") {
  const TempFolder folder;
  const std::string path = (folder.path() / "t.db").string();
  Device device(1);
  {
    ServerProcess server(path);
    HttpClient http(server.port());
    device.write(insert_counter("k"));
    device.sync(http);
    server.signal(SIGTERM);
    const int status = server.wait();
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 0);
  }
  CHECK_FALSE(std::filesystem::exists(path + "-wal"));
}

TEST_CASE("SIGTERM under load: what was acknowledged is there, live clients hear 1001, status 0") {
  const TempFolder folder;
  const std::string path = (folder.path() / "d.db").string();
  std::vector<std::unique_ptr<Pusher>> pushers;
  for (int i = 0; i < clients; ++i) pushers.push_back(std::make_unique<Pusher>(i));
  ServerProcess server(path);
  REQUIRE(server.port() != 0);
  {
    HttpClient http(server.port());
    pushers[0]->device.write(insert_counter(shared_key));
    for (auto& pusher : pushers) {
      pusher->device.write(insert_counter(pusher->key));
      pusher->device.sync(http);
    }
  }
  Device listener(50);
  HttpClient http(server.port());
  listener.sync(http);
  const auto live = go_live(server.port(), listener);
  RawSocket unfinished(server.port());  // its request never comes to an end
  unfinished.send("POST /sync HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\n{");
  std::atomic<int> sends{0};
  std::vector<std::thread> threads;
  for (auto& pusher : pushers) {
    threads.emplace_back([&] {
      pusher->push_until_gone(server.port(), [&] {
        if (++sends == 200) server.signal(SIGTERM);
      });
    });
  }
  int close_code = 0;
  while (const auto frame = live->read()) {
    if (frame->opcode == 8) close_code = frame->close_code();
  }
  CHECK(close_code == 1001);
  for (std::thread& thread : threads) thread.join();
  const int status = server.wait();
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
  CHECK_FALSE(std::filesystem::exists(path + "-wal"));
  const ServerProcess again(path);
  HttpClient to_again(again.port());
  Device reader(60);
  reader.sync(to_again);
  for (auto& pusher : pushers) {
    const int64_t stored = server_counter(reader, pusher->key);
    CHECK(stored >= pusher->acknowledged);
    CHECK(stored <= pusher->written);
  }
}

TEST_CASE("the command line says its version, and refuses what it cannot do") {
  const ProcessResult version = run_twinstore({"--version"});
  CHECK(version.exit_code == 0);
  CHECK(version.out.starts_with("twinstore "));
  CHECK(version.out.find("SQLite 3.") != std::string::npos);
  CHECK(version.out.find("protocol 1") != std::string::npos);
  CHECK(run_twinstore({}).exit_code == 2);
  CHECK(run_twinstore({"serve", "--nothing"}).exit_code == 2);
  CHECK(run_twinstore({"serve", "--listen", "0.0.0.0:0", "--db", "sqlite:///:memory:"}).exit_code ==
        78);
  CHECK(run_twinstore({"serve", "--db", "postgresql://127.0.0.1:1/db"}).exit_code == 1);
  CHECK(run_twinstore({"serve", "--db", "sqlite:///:memory:", "--web", "/no/such"}).exit_code == 1);
  CHECK(run_twinstore({"import", "jsonl", "/no/such", "--db", "sqlite:///:memory:"}).exit_code ==
        1);
}

TEST_CASE("an import into a database that is served is refused, and works once it is not") {
  const TempFolder folder;
  folder.write("in/branches.jsonl", R"({"repo_id":"a/b","name":"main"})");
  const std::string path = (folder.path() / "s.db").string();
  const std::vector<std::string> import{"import", "jsonl", (folder.path() / "in").string(), "--db",
                                        "sqlite:///" + path};
  {
    const ServerProcess server(path);
    CHECK(run_twinstore(import).exit_code == 1);
  }
  const ProcessResult result = run_twinstore(import);
  CHECK(result.exit_code == 0);
  CHECK(result.out == "imported 1 branch: 1 new, 0 changed, 0 unchanged\n");
}
