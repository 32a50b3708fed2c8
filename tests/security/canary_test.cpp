// Two tenants work side by side for a while, each with words of its own in all that it writes. No
// byte of one may be in any answer, frame or file of the other, and neither's in the log.
#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <random>
#include <thread>

#include "auth_server.h"
#include "server_process.h"

using namespace twinstore;
using namespace twinstore::test;

namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// One tenant: its token, its word, and all that the server has said to it.
struct Tenant {
  std::string name;
  std::string canary;
  std::string token{};
  std::mutex mutex{};
  std::string heard{};
  std::atomic<int> operations = 0;

  void hear(const std::optional<HttpAnswer>& answer) {
    if (!answer) return;
    const std::scoped_lock lock(mutex);
    heard += answer->body;
    for (const auto& [header, value] : answer->headers) heard += header + value;
    ++operations;
  }
  void hear(const std::string& text) {
    const std::scoped_lock lock(mutex);
    heard += text;
  }
};

constexpr std::string_view json = "Content-Type: application/json\r\n";

void use_rest(Tenant& tenant, uint16_t port, Tenant& other, const std::function<bool()>& goes_on) {
  HttpClient http(port);
  std::mt19937_64 random(std::hash<std::string>()(tenant.name));
  const std::string with_json = bearer(tenant.token) + std::string(json);
  const auto ask = [&](const std::string& method, const std::string& target,
                       const std::string& body = {}) {
    auto answer = http.ask(method, target, body.empty() ? bearer(tenant.token) : with_json, body);
    if (!answer) http = HttpClient(port);
    tenant.hear(answer);
  };
  for (int i = 0; goes_on(); ++i) {
    const std::string repo = tenant.canary + std::to_string(random() % 10);
    const std::string same = "shared" + std::to_string(random() % 10);  // both have it
    const std::string name = R"({"name":")" + tenant.canary + std::to_string(i) + R"("})";
    switch (random() % 9) {
      case 0: ask("PUT", "/persistence/repository/" + repo, name); break;
      case 1: ask("PUT", "/persistence/repository/" + same, name); break;
      case 2:
        ask("PUT", "/persistence/branches/" + same,
            R"({"branches":[{"name":"main","last_commit_message":")" + tenant.canary + "\"}]}");
        break;
      case 3: ask("GET", "/persistence/repository/" + same); break;
      case 4: ask("GET", "/persistence/branches/" + same); break;
      case 5: ask("GET", "/persistence/stats"); break;
      // What another's would be called, a value that is refused, and a query with a secret.
      case 6: ask("GET", "/persistence/repository/" + other.name + std::to_string(i)); break;
      case 7:
        ask("PUT", "/persistence/repository/" + same, R"({"created_at":")" + tenant.canary + "\"}");
        break;
      default: ask("GET", "/persistence/branches/" + same + "?nothing=" + tenant.canary); break;
    }
  }
}

void use_sync(Tenant& tenant, uint16_t port, uint64_t seed, const std::function<bool()>& goes_on) {
  Device device(seed);
  HttpClient http(port);
  LiveClient live(port);
  live.send_text(auth_message(tenant.token));
  live.send_text(device.replica().subscribe_message());
  for (int i = 0; goes_on(); ++i) {
    device.write(edit("insert", "cache_entries", "[\"k" + std::to_string(i % 50) + "\"]",
                      R"({"cache_key":"k)" + std::to_string(i % 50) +
                          R"(","repo_id":"r","path":")" + tenant.canary + "\"}"));
    device.replica().mark_behind();
    while (const auto message = device.replica().next_message().value()) {
      const auto answer =
          http.ask("POST", "/sync", bearer(tenant.token) + std::string(json), *message);
      tenant.hear(answer);
      if (!answer || !device.replica().receive(answer->body).ok()) {
        device.replica().lost();
        break;
      }
    }
    live.send(9, "p");
    while (const auto frame = live.read()) {
      tenant.hear(frame->payload);
      if (frame->opcode == 10) break;
    }
  }
}

void use_wrongly(Tenant& tenant, uint16_t port, const std::function<bool()>& goes_on) {
  HttpClient http(port);
  while (goes_on()) {
    std::string damaged = tenant.token;
    damaged.back() = damaged.back() == 'A' ? 'B' : 'A';
    auto answer = http.ask("POST", "/sync", bearer(damaged) + std::string(json),
                           R"({"type":")" + tenant.canary + "\"}");
    tenant.hear(answer);
    answer = http.ask("POST", "/sync", bearer(tenant.token) + std::string(json),
                      R"({"type":")" + tenant.canary + "\r\ninjected line\"}");
    tenant.hear(answer);
    if (!answer) http = HttpClient(port);
  }
}

}  // namespace

TEST_CASE("canaries: no byte of a tenant in what another hears, in its files, or in the log") {
  const char* named = std::getenv("TWINSTORE_LONG");
  const bool is_long = named != nullptr && std::string_view(named) == "1";
  const TempFolder folder;
  TokenFolder tokens;
  Tenant a{.name = "acme", .canary = "canaryA7f3e91d04c"};
  Tenant b{.name = "borg", .canary = "canaryB2c8d5e6a1f"};
  for (Tenant* tenant : {&a, &b}) {
    tenant->token = tokens.add(principal_of(tenant->name, Role::Admin, "*", tenant->name));
  }
  const std::string path = (folder.path() / "x.db").string();
  const std::string log = (folder.path() / "log.txt").string();
  {
    ServerProcess server(path, {"--auth-tokens", tokens.path(), "--rate", "0"}, log);
    REQUIRE(server.port() != 0);
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    const auto goes_on = [&] {
      return is_long ? std::chrono::steady_clock::now() < until
                     : a.operations < 300 || b.operations < 300;
    };
    std::vector<std::thread> threads;
    uint64_t seed = 1;
    for (const auto& [tenant, other] : {std::pair{&a, &b}, std::pair{&b, &a}}) {
      threads.emplace_back(
          [&, tenant, other] { use_rest(*tenant, server.port(), *other, goes_on); });
      threads.emplace_back([&, tenant, seed] { use_sync(*tenant, server.port(), seed, goes_on); });
      threads.emplace_back([&, tenant] { use_wrongly(*tenant, server.port(), goes_on); });
      ++seed;
    }
    for (std::thread& thread : threads) thread.join();
    server.signal(SIGTERM);
    server.wait();
  }
  CHECK(contains(a.heard, a.canary));
  CHECK(contains(b.heard, b.canary));
  CHECK_FALSE(contains(a.heard, b.canary));
  CHECK_FALSE(contains(b.heard, a.canary));
  const std::string file_a = text_of(path + ".workspaces/acme.db");
  const std::string file_b = text_of(path + ".workspaces/borg.db");
  CHECK(contains(file_a, a.canary));
  CHECK(contains(file_b, b.canary));
  CHECK_FALSE(contains(file_a, b.canary));
  CHECK_FALSE(contains(file_b, a.canary));
  const std::string logged = text_of(log);
  CHECK(contains(logged, "/persistence/stats"));
  for (const Tenant* tenant : {&a, &b}) {
    CHECK_FALSE(contains(logged, tenant->token.substr(13)));
    CHECK_FALSE(contains(logged, "?nothing="));
    // Paths are logged, and documents are not: the word alone, as every body has it.
    CHECK_FALSE(contains(logged, "\"" + tenant->canary));
  }
  CHECK_FALSE(contains(logged, "\ninjected line"));
  CHECK_FALSE(contains(text_of(tokens.path()), a.token.substr(13)));
  MESSAGE("operations: " << a.operations << " and " << b.operations << ", heard "
                         << (a.heard.size() + b.heard.size()) / 1024 << " KiB, log "
                         << logged.size() / 1024 << " KiB");
}
