// How nodes over one database tell each other that they have committed. A signal is a hint: it goes
// out after the commit, several at once as one, and may be lost; what counts is the stored head,
// which is read after a signal, after every reconnect, and every few seconds.
// (A NOTIFY within the transaction would make all commits wait for one lock.)
// Thread rule: committed() from any thread; a thread of its own does the rest.
#pragma once

#include <chrono>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include "storage_postgres/session.h"
#include "storage_postgres/tables.h"

namespace twinstore::postgres {

class CommitSignals {
 public:
  // The scopes in which others have changed something, up to `head`. Called on the signals' thread.
  using Watch = std::function<void(const std::set<std::string>& scopes, Rev head)>;

  // Commits after `seen` are told. `schema` outlives the signals, which never fail: while the
  // server is gone they try again.
  CommitSignals(const Schema& schema, SessionOptions options, Rev seen, Watch watch);
  ~CommitSignals();
  CommitSignals(const CommitSignals&) = delete;
  CommitSignals& operator=(const CommitSignals&) = delete;

  // A commit of this process, whose revs are those after `before` up to `head`: the others are
  // signalled, and the watch is not told.
  void committed(Rev before, Rev head);

 private:
  using Time = std::chrono::steady_clock::time_point;
  // The thread's own plan.
  struct Plan {
    bool is_connected = false;
    bool has_read = false;  // nothing was missed since it connected
    Time read_at;           // when the head is read without having been signalled
    Time connect_at;
    std::optional<Time> signal_at;
  };
  void work();
  // Until the plan has something due, this process has committed, or the connection speaks.
  void wait(Plan& plan);
  [[nodiscard]] bool is_stopping();
  [[nodiscard]] Result<void> act(Plan& plan);
  [[nodiscard]] Result<void> listen();
  [[nodiscard]] bool take_notifications();
  [[nodiscard]] Result<void> read_changes();
  void wake();

  Session session_;
  Query touched_;
  Watch watch_;
  int wake_event_;

  std::mutex mutex_;  // guards the next three
  Rev seen_;
  bool is_signal_due_ = false;
  bool is_stopping_ = false;

  std::thread thread_;  // last: it uses everything above
};

}  // namespace twinstore::postgres
