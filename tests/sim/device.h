// One device: the production Store over its own disk and clock, what its user was told, and its end
// of the network. A crash drops the store and opens what the disk kept.
// Thread rule: one thread.
#pragma once

#include <optional>
#include <set>

#include "disk.h"
#include "ledger.h"
#include "sim_clock.h"
#include "twinstore/store.h"

namespace twinstore::sim {

// A write whose commit failed: it may still turn up after a crash.
struct UncertainWrite {
  Plan plan;
  Views before;
  Views after;
};

class Device {
 public:
  Device(size_t number, const std::string& schema_json, const Schema& schema,
         const WorldTime& world, uint64_t seed, const Disk::Image& fresh);

  // Opens the store from the disk. Errors: the store's; then it is not up.
  [[nodiscard]] Result<void> open();
  // The process ends with nothing more written; the disk keeps what the loss leaves.
  void crash(Loss loss, Random& random);
  [[nodiscard]] bool is_up() const { return store_ != nullptr; }
  [[nodiscard]] Store& store() { return *store_; }
  [[nodiscard]] Replica& replica() { return store_->replica(); }

  // A row as an application reads it, or the error's text in `error`.
  [[nodiscard]] Result<JsonValue> view(const RowName& row);
  [[nodiscard]] Result<Views> views(const Plan& plan);
  [[nodiscard]] Result<std::vector<JsonValue>> open_conflicts();
  [[nodiscard]] std::string client() const { return client_; }
  void note_client();  // after anything that may have given it another name

  const size_t number;
  Disk disk;
  SimClock clock;
  Ledger ledger;
  std::set<std::string> clients;  // each name under which it has sent
  std::set<std::string> scopes;   // what it wants to hold
  std::vector<UncertainWrite> uncertain;
  bool had_uncertain = false;       // before the last crash
  std::vector<Plan> unanswered;     // named operations whose tab got no answer
  std::map<std::string, Rev> revs;  // by scope, the highest seen; erased by a declared reset

  // A copy of its disk, and the scopes held then.
  std::optional<std::pair<Disk::Image, std::set<std::string>>> backup;
  // It was put back, or is a copy: what it promised and what arrived cannot be compared.
  bool has_forked = false;

  uint64_t generation = 0;  // of the process
  uint64_t exchange = 0;    // of what is under way; grows when it is given up
  bool has_exchange = false;
  bool is_live = false;
  bool is_cut_up = false;  // no message reaches the server
  bool is_cut_down = false;
  int64_t round_trips = 0;

 private:
  std::string schema_json_;
  FakeIdSource ids_;
  std::unique_ptr<Store> store_;
  std::string client_;
};

}  // namespace twinstore::sim
