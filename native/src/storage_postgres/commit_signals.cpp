#include "storage_postgres/commit_signals.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/log.h"
#include "config/server_limits.h"
#include "storage_postgres/error.h"

namespace twinstore::postgres {
namespace {

using Clock = std::chrono::steady_clock;
const Query notify_query{"notify", "SELECT pg_notify('twinstore_commits', $1)"};
constexpr int64_t touched_rows = 1'000;  // of one query; several follow each other

struct FreeNotification {
  void operator()(PGnotify* notification) const { PQfreemem(notification); }
};

}  // namespace

CommitSignals::CommitSignals(const Schema& schema, SessionOptions options, Rev seen, Watch watch)
    : session_(std::move(options)),
      touched_(touched_scopes(schema)),
      watch_(std::move(watch)),
      wake_event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      seen_(seen),
      thread_([this] { work(); }) {
  TWINSTORE_CHECK(wake_event_ >= 0);
}

CommitSignals::~CommitSignals() {
  {
    const std::scoped_lock lock(mutex_);
    is_stopping_ = true;
  }
  wake();
  thread_.join();
  ::close(wake_event_);
}

void CommitSignals::wake() {
  const uint64_t one = 1;
  (void)!::write(wake_event_, &one, sizeof one);
}

void CommitSignals::committed(Rev before, Rev head) {
  {
    const std::scoped_lock lock(mutex_);
    // Other nodes' revs may lie between; then all of them are read.
    if (before == seen_) seen_ = head;
    if (is_signal_due_) return;
    is_signal_due_ = true;
  }
  wake();
}

bool CommitSignals::is_stopping() {
  const std::scoped_lock lock(mutex_);
  return is_stopping_;
}

void CommitSignals::work() {
  Plan plan;
  while (!is_stopping()) {
    const auto done = act(plan);
    if (!done.ok()) {
      log_warn("other nodes' commits are not heard", {{"detail", done.error().message}});
      plan.is_connected = false;
      plan.connect_at = Clock::now() + limits::node_reconnect_delay;
    }
    wait(plan);
  }
}

void CommitSignals::wait(Plan& plan) {
  Time until = plan.is_connected ? plan.read_at : plan.connect_at;
  if (plan.is_connected && plan.signal_at) until = std::min(until, *plan.signal_at);
  const auto left =
      std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now()).count();
  std::array<pollfd, 2> files{pollfd{wake_event_, POLLIN, 0}, pollfd{-1, POLLIN, 0}};
  if (plan.is_connected) files[1].fd = PQsocket(session_.connection().handle());
  (void)::poll(files.data(), files.size(), static_cast<int>(std::max<int64_t>(left + 1, 0)));
  uint64_t count = 0;
  (void)!::read(wake_event_, &count, sizeof count);
  const std::scoped_lock lock(mutex_);
  if (std::exchange(is_signal_due_, false) && !plan.signal_at) {
    plan.signal_at = Clock::now() + limits::node_signal_delay;
  }
}

Result<void> CommitSignals::act(Plan& plan) {
  if (!plan.is_connected) {
    if (Clock::now() < plan.connect_at) return {};
    TWINSTORE_TRY_VOID(listen());
    plan.is_connected = true;
    plan.read_at = Clock::now();
  }
  PGconn* connection = session_.connection().handle();
  if (PQconsumeInput(connection) != 1) return postgres_error({}, PQerrorMessage(connection));
  if (take_notifications() || Clock::now() >= plan.read_at) {
    TWINSTORE_TRY_VOID(read_changes());
    plan.read_at = Clock::now() + limits::head_read_interval;
  }
  if (plan.signal_at && Clock::now() >= *plan.signal_at) {
    TWINSTORE_TRY([[maybe_unused]] const Rows sent,
                  session_.run(notify_query, session_.parameters()));
    plan.signal_at.reset();
  }
  return {};
}

Result<void> CommitSignals::listen() {
  TWINSTORE_TRY_VOID(session_.connect());
  return session_.connection().run_script("LISTEN twinstore_commits");
}

bool CommitSignals::take_notifications() {
  PGconn* connection = session_.connection().handle();
  bool is_ours = false;
  while (const std::unique_ptr<PGnotify, FreeNotification> notification{PQnotifies(connection)}) {
    const bool is_own = notification->be_pid == PQbackendPID(connection);
    if (!is_own && notification->extra == session_.workspace()) is_ours = true;
  }
  return is_ours;
}

Result<void> CommitSignals::read_changes() {
  for (;;) {
    Rev seen = 0;
    {
      const std::scoped_lock lock(mutex_);
      seen = seen_;
    }
    TWINSTORE_TRY(const Rows found,
                  session_.run(touched_, session_.parameters().add(seen).add(touched_rows)));
    if (found.rows() == 0) return {};
    std::set<std::string> scopes;
    int64_t changes = 0;
    for (int row = 0; row < found.rows(); ++row) {
      scopes.emplace(found.text(row, 0));
      seen = std::max(seen, found.integer(row, 1));
      changes += found.integer(row, 2);
    }
    watch_(scopes, seen);
    {
      const std::scoped_lock lock(mutex_);
      seen_ = std::max(seen_, seen);
    }
    if (changes < touched_rows) return {};
  }
}

}  // namespace twinstore::postgres
