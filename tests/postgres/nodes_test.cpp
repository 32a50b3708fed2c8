// Three server processes over one PostgreSQL and eight clients, while nodes are killed and sessions
// cut: nothing that was acknowledged is lost, nothing is applied twice, and all end with the same
// rows. `--long` runs for five minutes instead of a number of pushes.
#include <signal.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <mutex>
#include <random>
#include <thread>

#include "cluster.h"
#include "native_world.h"
#include "server_process.h"
#include "storage/row_text.h"

namespace twinstore::test {
namespace {

constexpr int node_count = 3;
constexpr int client_count = 8;
constexpr int pushes_each = 40;
constexpr int pushes_between_faults = 25;
constexpr uint64_t first_seed = 20240601;
constexpr std::string_view shared_key = "shared";

bool is_long() {
  const char* text = std::getenv("TWINSTORE_LONG");
  return text != nullptr && std::string_view(text) == "1";
}

// The processes and what happens to them. A killed node is replaced by another on a port of its
// own.
class Nodes {
 public:
  explicit Nodes(std::string url) : url_(std::move(url)) {
    for (auto& node : nodes_) node = std::make_unique<ServerProcess>(url_);
    for (size_t i = 0; i < nodes_.size(); ++i) ports_[i] = nodes_[i]->port();
  }

  [[nodiscard]] uint16_t port(size_t number) const { return ports_[number % nodes_.size()]; }

  // Clients tell of their pushes; every so often one of them does the next fault on its way.
  void pushed() {
    if (++pushes_ % pushes_between_faults != 0) return;
    const std::scoped_lock lock(mutex_);
    switch (random_() % 3) {
      case 0: return kill_one();
      case 1: return cut_sessions();
      default: cut_sessions(); return kill_one();
    }
  }
  // Nodes that did not come up again while sessions were cut.
  void heal() {
    for (size_t i = 0; i < nodes_.size(); ++i) {
      while (ports_[i] == 0) {
        nodes_[i] = std::make_unique<ServerProcess>(url_);
        ports_[i] = nodes_[i]->port();
      }
    }
  }
  [[nodiscard]] int kills() const { return kills_; }
  [[nodiscard]] int cuts() const { return cuts_; }

 private:
  void kill_one() {
    const size_t number = random_() % nodes_.size();
    nodes_[number]->signal(SIGKILL);
    nodes_[number] = std::make_unique<ServerProcess>(url_);
    // It may have met a cut session while it started; the next fault tries again.
    ports_[number] = nodes_[number]->port();
    ++kills_;
  }
  void cut_sessions() {
    psql(url_,
         "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
         " WHERE pid <> pg_backend_pid() AND datname = current_database()");
    ++cuts_;
  }

  std::string url_;
  std::array<std::unique_ptr<ServerProcess>, node_count> nodes_;
  std::array<std::atomic<uint16_t>, node_count> ports_{};
  std::atomic<int> pushes_ = 0;
  std::mutex mutex_;
  std::mt19937_64 random_{first_seed};
  std::atomic<int> kills_ = 0;
  std::atomic<int> cuts_ = 0;
};

// Adds to its own counter and the shared one, inserts a row of its own, and goes from node to node.
class Client {
 public:
  Client(Nodes& nodes, int number)
      : nodes_(nodes),
        device_(static_cast<uint64_t>(number) + 1000),
        random_(first_seed + static_cast<uint64_t>(number)),
        key_("own-" + std::to_string(number)) {}

  void run(const std::function<bool(int64_t)>& goes_on) {
    while (goes_on(written_)) {
      device_.write(increment(key_));
      device_.write(increment(shared_key));
      ++written_;
      device_.write(insert_counter(key_ + "-" + std::to_string(written_)));
      push();
      if (random_() % 8 == 0) read_own_writes();
    }
  }
  // Until nothing is pending and everything is read.
  void settle() {
    for (;;) {
      HttpClient http(nodes_.port(random_()));
      if (!http.socket().is_open()) continue;
      device_.replica().mark_behind();
      Said said = Said::Answered;
      while (said == Said::Answered) said = exchange(http);
      if (said == Said::Nothing && device_.pending() == 0) return;
    }
  }
  void start(bool makes_shared) {
    if (makes_shared) device_.write(insert_counter(shared_key));
    device_.write(insert_counter(key_));
    settle();
  }
  [[nodiscard]] int64_t written() const { return written_; }
  [[nodiscard]] int64_t lost_answers() const { return lost_answers_; }
  [[nodiscard]] const std::string& key() const { return key_; }
  [[nodiscard]] Device& device() { return device_; }

 private:
  enum class Said : uint8_t { Nothing, Answered, Lost };
  // One exchange with some node; what was lost is sent again, to whichever comes next.
  void push() {
    HttpClient http(nodes_.port(random_()));
    if (!http.socket().is_open()) return;
    nodes_.pushed();
    if (exchange(http) == Said::Lost) ++lost_answers_;
  }
  Said exchange(HttpClient& http) {
    const auto message = device_.replica().next_message();
    if (!succeeded(message) || !message.value()) return Said::Nothing;
    const auto answer = http.sync(*message.value());
    if (!answer || answer->status >= 500) {  // a node that is gone, or one whose session was cut
      device_.replica().lost();
      return Said::Lost;
    }
    if (!succeeded(device_.replica().receive(answer->body))) device_.replica().lost();
    return Said::Answered;
  }
  // Whatever node answers: what it acknowledged, and what another did, is there.
  void read_own_writes() {
    settle();
    CHECK(counter_of(device_.row("cache_entries", "[\"" + key_ + "\"]")) == written_);
  }

  Nodes& nodes_;
  Device device_;
  std::mt19937_64 random_;
  std::string key_;
  int64_t written_ = 0;
  int64_t lost_answers_ = 0;
};

// Every row that a device holds, with its version.
std::string contents(Device& device) {
  std::string out;
  CHECK(succeeded(device.store().storage().rows_of_scope(
      all_scopes, [&](const Collection& of, RowVersion&& row) {
        out += of.name + " " + std::to_string(row.rev) + " " + row.hlc.text() + " " +
               stamps_text(of, row) + " " + image_text(of, row.values) + "\n";
        return true;
      })));
  return out;
}

}  // namespace

TEST_CASE(
    "nodes: three are killed and cut under eight clients; nothing is lost, missed or doubled") {
  const std::string url = Cluster::shared().create_database();
  Nodes nodes(url);
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < client_count; ++i) clients.push_back(std::make_unique<Client>(nodes, i));
  for (auto& client : clients) client->start(client == clients.front());
  const auto until = std::chrono::steady_clock::now() + std::chrono::minutes(5);
  const std::function<bool(int64_t)> goes_on =
      is_long() ? std::function<bool(int64_t)>(
                      [until](int64_t) { return std::chrono::steady_clock::now() < until; })
                : [](int64_t written) { return written < pushes_each; };
  std::vector<std::thread> threads;
  for (auto& client : clients) threads.emplace_back([&] { client->run(goes_on); });
  for (std::thread& thread : threads) thread.join();
  nodes.heal();
  int64_t written = 0;
  int64_t lost_answers = 0;
  for (auto& client : clients) {
    client->settle();
    written += client->written();
    lost_answers += client->lost_answers();
  }
  std::string first;
  for (auto& client : clients) {
    client->settle();
    Device& device = client->device();
    CHECK(counter_of(device.row("cache_entries", "[\"" + std::string(shared_key) + "\"]")) ==
          written);
    CHECK(device.replica().status().mismatches == 0);
    CHECK(device.replica().status().rejected == 0);
    const std::string held = contents(device);
    if (first.empty()) first = held;
    CHECK(held == first);
  }
  for (auto& client : clients) {
    CHECK(psql(url, "SELECT hit_count FROM cache_entries WHERE cache_key = '" + client->key() +
                        "'") == std::to_string(client->written()));
  }
  const int64_t rows = 1 + client_count + written;
  CHECK(psql(url, "SELECT count(*) FROM cache_entries") == std::to_string(rows));
  // Every rev was given to one row, and the head is the last of them.
  CHECK(psql(url,
             "SELECT max(_rev) = (SELECT value::bigint FROM _records WHERE space ="
             " 'authority' AND key = 'head') FROM cache_entries") == "t");
  CHECK(nodes.kills() > 2);
  CHECK(nodes.cuts() > 2);
  MESSAGE("seed " << first_seed << ": " << 3 * written << " mutations, " << nodes.kills()
                  << " nodes killed, sessions cut " << nodes.cuts() << " times, " << lost_answers
                  << " answers lost");
}

}  // namespace twinstore::test
