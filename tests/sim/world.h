// The whole simulation of one seed: machines, network, oracle, and the loop that runs them.
// Parts: world.cpp the loop and the applications; network.cpp the messages; inject.cpp the faults;
// restart.cpp what must be there after a crash; server_steps.cpp commits against the oracle;
// replace.cpp machines that are put back or copied; invariants.cpp what is checked; finish.cpp the
// quiet end. Thread rule: one thread, one World at a time.
#pragma once

#include <memory>
#include <optional>
#include <queue>

#include "device.h"
#include "model.h"
#include "scenario.h"
#include "schema_text.h"
#include "server.h"
#include "workload.h"

namespace twinstore::sim {

// Rows with their versions, as text.
using VersionTexts = std::map<RowName, std::string>;
[[nodiscard]] std::string version_text(const Collection& collection, const RowVersion& row);
[[nodiscard]] std::string first_difference(const VersionTexts& before, const VersionTexts& after);
// The canonical text of a key, as RowName holds it.
[[nodiscard]] std::string key_json(const Key& key);

// What does not change from seed to seed.
struct Fixtures {
  std::string schema_json;
  std::unique_ptr<Schema> schema;
  Disk::Image device_disk;  // tables without rows
  Disk::Image server_disk;

  [[nodiscard]] static Fixtures make();
};

struct Violation {
  std::string invariant;  // I1 … I17
  std::string text;
};

struct Counters {
  std::array<int64_t, faults_count> faults{};
  std::map<std::string, int64_t> checks;    // by invariant
  std::map<std::string, int64_t> branches;  // of the oracle's decisions
  std::map<std::string, int64_t> outcomes;
  int64_t operations = 0;
  int64_t writes = 0;
  int64_t messages = 0;
  int64_t mutations = 0;
  int64_t restarts = 0;
  int64_t simulated_ms = 0;

  void add(const Counters& other);
};

struct RunResult {
  std::optional<Violation> violation;
  uint64_t trace = 0;  // a hash of everything that happened
  Counters counters;
};

// The server's history: for each client name, what it has judged by number.
struct HistoryEntry {
  std::string content;  // without the number
  std::string outcome;
};
using History = std::map<std::string, std::map<int64_t, HistoryEntry>>;

class World {
 public:
  World(const Fixtures& fixtures, const Scenario& scenario, bool is_verbose);
  [[nodiscard]] RunResult run();

 private:
  enum class Kind : uint8_t { Request, Reply, Live, Subscribe, Timeout, ServerWork, ServerUp };
  struct Event {
    int64_t due_ms = 0;
    uint64_t order = 0;
    Kind kind = Kind::Request;
    ReturnAddress address;
    std::string text;
    bool operator>(const Event& other) const {
      return due_ms != other.due_ms ? due_ms > other.due_ms : order > other.order;
    }
  };
  // A device's live connection at the server: up to which rev each scope was told.
  struct LiveConnection {
    uint64_t generation = 0;
    std::map<std::string, Rev> revs;
    int64_t last_due_ms = 0;
  };

  // world.cpp
  void start();
  void step(const Op& op);
  void pass_time(int64_t until_ms);
  void write(Device& device, const Plan& plan);
  void write_or_decide(Device& device, bool is_decision);
  void note_written(Device& device, const Plan& plan, const Views& before);
  void fail(std::string invariant, std::string text);
  [[nodiscard]] bool has_failed() const { return violation_.has_value(); }
  void trace(std::string_view what, std::string_view text);
  bool check(const char* invariant, bool is_held, const std::string& otherwise);

  // network.cpp
  void post(int64_t due_ms, Kind kind, ReturnAddress address, std::string text);
  [[nodiscard]] int64_t delay();
  [[nodiscard]] bool happens(Fault fault);
  void count(Fault fault, int64_t times = 1) {
    counters_.faults[static_cast<size_t>(fault)] += times;
  }
  void talk(Device& device);
  void deliver(const Event& event);
  void deliver_request(const Event& event);
  void deliver_to_device(const Event& event);
  void receive(Device& device, const std::string& text);
  void reply(const Answer& answer);
  void give_up(Device& device);
  void connect_live(Device& device);
  void subscribe_live(const Event& event);
  void tell_live(std::set<std::string> scopes);
  [[nodiscard]] std::pair<std::string, Rev> live_text(const std::string& scope, Rev rev);

  // inject.cpp
  void inject(Fault fault, Device& device);
  void inject_clock(Fault fault, Device& device);
  void inject_disk(Fault fault, Device& device);
  void repeat(Device& device, const Plan& plan);
  void resubscribe(Device& device);

  // replace.cpp
  struct Backup {
    Disk::Image disk;
    Model model;
    History history;
  };
  void restore_server();
  void forget_deletions();
  void replace_device(Device& device, const Disk::Image& image, std::set<std::string> scopes);
  void put_back(Fault fault, Device& device);

  // restart.cpp
  struct Memory {  // what a device held, durably, at some moment
    VersionTexts rows;
    bool is_read = false;
    size_t pending = 0;
    std::string scopes;
  };
  [[nodiscard]] Memory memory_of(Device& device);
  void crash_device(Device& device, Loss loss);
  void reopen_device(Device& device, const Memory* before, bool is_in_receive);
  void settle_uncertain(Device& device);
  void crash_server(Loss loss, bool is_down);
  void reopen_server();
  void settle_uncertain_groups(bool is_overwritten);
  [[nodiscard]] bool is_at_server(const std::vector<Judgement>& judgements);
  void check_disk(const Disk& disk, const char* file);

  // server_steps.cpp
  void commit_group();
  void take_judgements(const std::vector<Judgement>& judgements, int64_t now_ms);
  void take_judgement(const Judgement& judgement, int64_t now_ms);
  bool check_number(const Judgement& judgement, const std::string& content, bool is_rejected);
  void compare_touched();
  void compare_row(const RowName& name, const ModelRow& row);
  void check_pair_kept(const OpenPair& pair, const std::string& client);

  // invariants.cpp
  void check_step(Device& device);
  void check_cursors(Device& device);
  void check_feed(Device& device);
  void check_batches(Device& device);
  void check_level(Device& device);
  void check_settled(Device& device);

  // finish.cpp
  void heal();
  void finish();
  [[nodiscard]] bool is_at_head(Device& device);
  void check_silent(Device& device);

  const Fixtures& fixtures_;
  const Scenario& scenario_;
  bool is_verbose_ = false;
  WorldTime time_;
  Random random_;
  Workload workload_;
  Model model_;
  Server server_;
  std::vector<std::unique_ptr<Device>> devices_;
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
  std::map<size_t, LiveConnection> live_;
  History history_;
  std::vector<Backup> server_backups_;
  // Everything that was ever judged, in whatever state the server was then, by name and number.
  struct EverJudged {
    size_t device = 0;
    std::string content;
    bool is_owed = false;  // it took effect, so a server that has lost it must be sent it again
  };
  std::map<std::pair<std::string, int64_t>, EverJudged> ever_judged_;
  bool has_forgotten_ = false;  // deletions
  std::map<std::string, size_t> device_of_client_;
  // Committed or not: the disk failed while they were written, so that they turn up later or never.
  std::vector<std::pair<std::vector<Judgement>, int64_t>> uncertain_groups_;
  struct WaitingPair {
    OpenPair pair;
    std::string client;
    int64_t mutation = 0;
  };
  std::vector<WaitingPair> waiting_pairs_;
  std::set<std::string> decided_now_;             // conflicts, by the commit under way
  Fault armed_fault_ = Fault::ServerCutInCommit;  // of the server's disk
  std::optional<Violation> violation_;
  Counters counters_;
  uint64_t trace_ = 0xcbf29ce484222325ULL;
  uint64_t next_order_ = 0;
  bool is_work_posted_ = false;
  bool is_quiet_ = false;  // the end: faults have stopped
};

// One seed from beginning to end.
[[nodiscard]] RunResult run_scenario(const Fixtures& fixtures, const Scenario& scenario,
                                     bool is_verbose = false);

}  // namespace twinstore::sim
