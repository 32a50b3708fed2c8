// The server: the production Authority and ChangeFeed over their own disk. Pushes that wait share
// one commit, as in production; nothing is answered before it.
// Thread rule: one thread.
#pragma once

#include "disk.h"
#include "plan.h"
#include "sim_clock.h"
#include "twinstore/authority.h"
#include "twinstore/sqlite_storage.h"

namespace twinstore::sim {

// Where an answer goes.
struct ReturnAddress {
  size_t device = 0;
  uint64_t generation = 0;
  uint64_t exchange = 0;
  std::string client;
};

struct Answer {
  ReturnAddress to;
  std::string text;
  bool is_push = false;
};

// A mutation and what the authority said about it.
struct Judgement {
  std::string client;
  int64_t seq = 0;
  JsonValue mutation;
  JsonValue outcome;
  bool is_readable = true;  // it fits the schema
};

struct GroupResult {
  std::vector<Answer> answers;
  std::vector<Judgement> judgements;  // in order, repetitions too
  std::set<std::string> scopes;
  bool is_commit_tried = false;
  bool is_committed = false;
  std::string error;
};

class Server {
 public:
  Server(const Schema& schema, const WorldTime& world, uint64_t seed, const Disk::Image& fresh);

  [[nodiscard]] Result<void> open();
  void crash(Loss loss, Random& random);
  // The database is put back to an older state, as an operator does it.
  [[nodiscard]] Result<void> restore(const Disk::Image& backup, Random& random);
  [[nodiscard]] Result<void> forget_deletions();
  [[nodiscard]] bool is_up() const { return authority_ != nullptr; }

  void receive_push(ReturnAddress from, std::string text) {
    waiting_.emplace_back(std::move(from), std::move(text));
  }
  [[nodiscard]] bool has_work() const { return !waiting_.empty(); }
  // Everything that waits, in one transaction.
  [[nodiscard]] GroupResult commit_group();
  // The answer to a pull.
  [[nodiscard]] std::string page(const std::string& text, size_t rows_max);
  // The number of a client's last mutation that is stored.
  [[nodiscard]] Result<int64_t> last_seq(const std::string& client);
  // Whether this outcome is stored.
  [[nodiscard]] bool has_judged(const Judgement& judgement);

  [[nodiscard]] Authority& authority() { return *authority_; }
  [[nodiscard]] ChangeFeed& feed() { return *feed_; }
  [[nodiscard]] SqliteStorage& storage() { return *storage_; }

  Disk disk;
  SimClock clock;
  int64_t latest_now_ms = 0;  // the latest time that its clock ever showed
  uint64_t generation = 0;

 private:
  Result<void> judge_all(GroupResult& group);
  Result<void> commit_without_numbers(Transaction transaction, const GroupResult& group);

  const Schema& schema_;
  FakeIdSource ids_;
  std::unique_ptr<SqliteStorage> storage_;
  std::unique_ptr<Authority> authority_;
  std::unique_ptr<ChangeFeed> feed_;
  std::vector<std::pair<ReturnAddress, std::string>> waiting_;
};

// A code and a sentence as an `error` message.
[[nodiscard]] std::string error_message(const Schema& schema, const Error& error);

}  // namespace twinstore::sim
