// What an attacker holds on to: sockets, memory, descriptors. The measured bounds are those of the
// release build on an idle machine (TWINSTORE_LONG=1); otherwise what counts is that others are
// served at all.
#include <doctest/doctest.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "base/sanitized.h"
#include "http/compression.h"
#include "native_world.h"
#include "server_process.h"

using namespace twinstore;
using namespace twinstore::test;

namespace {

using SteadyClock = std::chrono::steady_clock;

bool is_long() {
  const char* named = std::getenv("TWINSTORE_LONG");
  return named != nullptr && std::string_view(named) == "1";
}

double p99_of(std::vector<double> ms) {
  std::ranges::sort(ms);
  return ms[ms.size() * 99 / 100];
}

// Milliseconds of each of so many requests on one connection.
std::vector<double> times_of(HttpClient& http, int count) {
  std::vector<double> out;
  for (int i = 0; i < count; ++i) {
    const auto begun = SteadyClock::now();
    const auto answer = http.ask("GET", "/persistence/stats");
    REQUIRE(answer.has_value());
    CHECK(answer->status == 200);
    out.push_back(std::chrono::duration<double, std::milli>(SteadyClock::now() - begun).count());
  }
  return out;
}

// Sends the beginning of a request and, at each turn, a little more of it.
class SlowClient {
 public:
  SlowClient(uint16_t port, size_t kind) : socket_(port), kind_(kind % 4) {
    switch (kind_) {
      case 0: socket_.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n"); break;
      case 1:
        socket_.send("POST /sync HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n");
        break;
      case 2:
        socket_.send(
            "POST /sync HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: "
            "chunked\r\n\r\nfffff\r\n");
        break;
      default: break;  // says nothing at all
    }
  }
  // False when the server has closed.
  bool turn() {
    if (kind_ == 3) return true;
    return socket_.send(kind_ == 0 ? "X: y\r\n" : "{");
  }
  // Turn after turn, five in a second, until the server closes.
  void go_on() {
    while (turn() && !socket_.is_closed_within(200)) {
    }
  }

 private:
  RawSocket socket_;
  size_t kind_;
};

// What an attack may cost. A sanitizer's notes on each byte, and the space that it leaves around
// each block, come on top.
constexpr int64_t cost_kib_max = is_sanitized ? 24 * 1024 : 16 * 1024;

// Kibibytes of a line such as "VmHWM:" in /proc/PID/status.
int64_t memory_kib(pid_t process, const std::string& name) {
  std::ifstream status("/proc/" + std::to_string(process) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(name)) return std::atoll(line.c_str() + name.size() + 1);
  }
  return 0;
}

}  // namespace

TEST_CASE("pressure: 500 slow sockets keep nobody else waiting") {
  const TestServer server;
  HttpClient http(server.port());
  const int requests = is_long() ? 2'000 : 200;
  const double before = p99_of(times_of(http, requests));
  std::vector<SlowClient> slow;
  for (size_t i = 0; i < 500; ++i) slow.emplace_back(server.port(), i);
  std::vector<double> during;
  for (int round = 0; round < 10; ++round) {
    for (SlowClient& each : slow) each.turn();
    const auto some = times_of(http, requests / 10);
    during.insert(during.end(), some.begin(), some.end());
  }
  const double p99 = p99_of(during);
  MESSAGE("p99 alone " << before << " ms, beside 500 slow sockets " << p99 << " ms");
  if (is_long()) CHECK(p99 <= 100);
}

TEST_CASE("pressure: a socket that is slow is closed, whatever it is slow with") {
  const TestServer server;
  std::vector<SlowClient> slow;
  for (size_t i = 0; i < 3; ++i) slow.emplace_back(server.port(), i);
  const auto begun = SteadyClock::now();
  std::vector<std::thread> threads;
  for (SlowClient& each : slow) threads.emplace_back([&each] { each.go_on(); });
  for (std::thread& thread : threads) thread.join();
  const auto took = std::chrono::duration_cast<std::chrono::seconds>(SteadyClock::now() - begun);
  MESSAGE("all closed after " << took.count() << " s");
  if (is_long()) CHECK(took <= std::chrono::seconds(15));
}

TEST_CASE("pressure: a compressed bomb is refused, and costs no more than its bound") {
  // Sanitizers keep what was freed; little of it, so that what is measured is what is held.
  ::setenv("ASAN_OPTIONS", "quarantine_size_mb=1:thread_local_quarantine_size_kb=16", 1);
  const TempFolder folder;
  const ServerProcess server((folder.path() / "x.db").string());
  REQUIRE(server.port() != 0);
  const std::string bomb = gzip(std::string(1u << 30, '\0'));  // a mebibyte that is a gibibyte
  CHECK(bomb.size() < limits::request_body_bytes_max);
  HttpClient http(server.port());
  CHECK(http.ask("GET", "/persistence/stats")->status == 200);
  const int64_t before = memory_kib(server.process(), "VmHWM:");
  for (int i = 0; i < 5; ++i) {
    const auto answer = http.ask(
        "POST", "/sync", "Content-Type: application/json\r\nContent-Encoding: gzip\r\n", bomb);
    REQUIRE(answer.has_value());
    CHECK(answer->status == 413);
  }
  const int64_t grown = memory_kib(server.process(), "VmHWM:") - before;
  MESSAGE("five bombs of 1 GiB in " << bomb.size() / 1024 << " KiB: " << grown << " KiB more");
  CHECK(grown <= cost_kib_max);
}

TEST_CASE("pressure: a live message over the bound costs no more than its bound") {
  ::setenv("ASAN_OPTIONS", "quarantine_size_mb=1:thread_local_quarantine_size_kb=16", 1);
  const TempFolder folder;
  const ServerProcess server((folder.path() / "x.db").string());
  LiveClient warm(server.port());
  const int64_t before = memory_kib(server.process(), "VmHWM:");
  for (int i = 0; i < 5; ++i) {
    LiveClient live(server.port());
    live.send_text(std::string(64u << 20, ' '));
    const auto frame = live.read();
    if (frame) CHECK(frame->close_code() == 1009);
  }
  CHECK(memory_kib(server.process(), "VmHWM:") - before <= cost_kib_max);
}

TEST_CASE("pressure: without descriptors the server waits, and serves once there are some") {
  const TempFolder folder;
  const ServerProcess server((folder.path() / "x.db").string());
  HttpClient first(server.port());
  CHECK(first.ask("GET", "/healthz")->status == 200);
  rlimit few{};
  REQUIRE(::prlimit(server.process(), RLIMIT_NOFILE, nullptr, &few) == 0);
  rlimit none = few;
  none.rlim_cur = 64;
  REQUIRE(::prlimit(server.process(), RLIMIT_NOFILE, &none, nullptr) == 0);
  {
    std::vector<RawSocket> many;
    for (int i = 0; i < 100; ++i) many.emplace_back(server.port());
    CHECK(first.ask("GET", "/healthz")->status == 200);  // who is connected goes on
  }
  HttpClient again(server.port());  // the kernel keeps it until it is accepted
  const auto answer = again.ask("GET", "/healthz");
  REQUIRE(answer.has_value());
  CHECK(answer->status == 200);
}

TEST_CASE("pressure: one that does not read what it is sent is given up, and others are told") {
  const TestServer server;
  HttpClient http(server.port());
  Device reader(1);
  Device writer(2);
  reader.sync(http);
  LiveClient deaf(server.port());
  deaf.send_text(reader.replica().subscribe_message());
  const auto live = go_live(server.port(), reader);
  const std::string large(60'000, 'x');
  for (int i = 0; i < 200; ++i) {
    writer.write(edit(
        "insert", "cache_entries", "[\"" + std::to_string(i) + "\"]",
        R"({"cache_key":")" + std::to_string(i) + R"(","repo_id":"r","path":")" + large + "\"}"));
    CHECK(writer.exchange(http));
    const auto frame = live->read();
    REQUIRE(frame.has_value());
    CHECK(succeeded(reader.replica().receive(frame->payload)));
    while (reader.exchange(http)) {
    }
  }
  CHECK(reader.row("cache_entries", R"(["199"])").size() > large.size());
}
