// One connection that comes back after it was lost, checked and set up anew each time, with the
// transaction that is open on it. Thread rule: one thread at a time.
#pragma once

#include <optional>
#include <string>

#include "storage_postgres/connection.h"

namespace twinstore::postgres {

struct SessionOptions {
  std::string url;
  std::string workspace;
  int lock_timeout_ms = 5000;  // how long a writer waits for the workspace
  bool is_confined = false;    // only as a role that row-level security holds
};

// Errors of every call: as postgres_error; after Unavailable the next begin connects again.
class Session {
 public:
  enum class Open : uint8_t { Nothing, Reading, Writing };

  explicit Session(SessionOptions options) : options_(std::move(options)) {}

  // Refuses a server that would lose what it acknowledged: fsync, full_page_writes or
  // synchronous_commit off, or that does not store UTF-8; and, where it must be confined, a role
  // that row-level security does not hold (InvalidArgument). Does nothing while connected.
  [[nodiscard]] Result<void> connect();
  // One consistent state to read from: REPEATABLE READ.
  [[nodiscard]] Result<void> begin_reading();
  // The workspace is this transaction's alone until it ends: READ COMMITTED behind the workspace's
  // lock, so that every statement sees what was committed before.
  [[nodiscard]] Result<void> begin_writing();
  // Runs `last` and commits, in one round trip.
  [[nodiscard]] Result<void> commit(std::vector<Step> last);
  void rollback();

  [[nodiscard]] Open open() const { return open_; }
  [[nodiscard]] const std::string& workspace() const { return options_.workspace; }
  // A fresh list that begins with the workspace.
  [[nodiscard]] Parameters parameters() const { return Parameters().add(options_.workspace); }
  // Connects when there is no connection.
  [[nodiscard]] Result<Rows> run(const Query& query, const Parameters& parameters);
  [[nodiscard]] Result<std::vector<Rows>> run(std::span<const Step> steps);
  // Requires a successful connect().
  [[nodiscard]] Connection& connection() { return *connection_; }

 private:
  [[nodiscard]] Result<void> begin(std::span<const Step> steps, Open open);

  SessionOptions options_;
  std::optional<Connection> connection_;
  Open open_ = Open::Nothing;
};

}  // namespace twinstore::postgres
