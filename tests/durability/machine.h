// What stands on a disk that can fail: a device's store, or a server's authority. It is opened,
// does one step after the other, and is dropped as a process that ends.
// Thread rule: one thread. Next: workload.h for what it does.
#pragma once

#include <memory>
#include <string>

#include "../sim/disk.h"
#include "twinstore/clock.h"
#include "twinstore/store.h"
#include "twinstore/transactions.h"

namespace twinstore::durability {

enum class Role : uint8_t { Device, Server };

// Gives the same ids again when it begins anew, so that a step that is repeated repeats itself.
class StepIds final : public IdSource {
 public:
  void begin(uint64_t seed) { ids_ = FakeIdSource(seed); }
  void fill(std::span<uint8_t> bytes) override { ids_.fill(bytes); }

 private:
  FakeIdSource ids_{1};
};

class Machine {
 public:
  // `disk` outlives it.
  Machine(Role role, std::string schema_json, sim::Disk& disk);
  ~Machine();

  // Errors: the store's; then it is closed.
  [[nodiscard]] Result<void> open();
  void close();
  [[nodiscard]] bool is_open() const { return store_ != nullptr || authority_ != nullptr; }
  // A newer version of the application, from the next opening on.
  void install(std::string schema_json) { schema_json_ = std::move(schema_json); }

  [[nodiscard]] const Schema& schema() const;
  [[nodiscard]] Store& store() { return *store_; }
  [[nodiscard]] Replica& replica() { return store_->replica(); }
  [[nodiscard]] Authority& authority() { return *authority_; }
  [[nodiscard]] Transactions& transactions() { return *transactions_; }
  [[nodiscard]] Storage& storage();

  // Of everything in the file: each table with its columns and rows. Requires that it is open.
  [[nodiscard]] Result<std::string> digest();
  // SQLite's own check of the whole file.
  [[nodiscard]] Result<void> check_integrity();

  FakeClock clock;
  StepIds ids;

 private:
  [[nodiscard]] SqliteStorage& sqlite();
  [[nodiscard]] Result<void> open_server();

  Role role_;
  std::string schema_json_;
  sim::Disk& disk_;
  std::unique_ptr<Schema> schema_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<SqliteStorage> storage_;
  std::unique_ptr<Authority> authority_;
  std::unique_ptr<AuthorityTransactions> transactions_;
};

}  // namespace twinstore::durability
