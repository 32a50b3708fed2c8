// The one thread that writes. It takes every push and every other write that is queued, applies
// them in one transaction and answers all of them after the commit, so that many clients share one
// fsync. There is no timer: while it commits, the next group gathers.
// Thread rule: push(), write() and run() from any thread; storage and authority belong to the
// writer's thread from construction until stop() has returned.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "observe/metrics.h"
#include "twinstore/authority.h"
#include "twinstore/storage.h"
#include "workspace/bounded_queue.h"

namespace twinstore {

// What the sender of a push may do.
struct PushRights {
  std::string user{};      // whose clients it may push for; empty: anybody's
  ReachesScope reaches{};  // absent: every scope
};
// Called on the writer's thread, and must not block it.
using PushDone = std::function<void(Result<PushResponse>)>;
// The scopes in which a commit changed something, and the head after it.
using CommitWatch = std::function<void(const std::set<std::string>& scopes, Rev head)>;
// The same, with the head before it.
using WriterWatch = std::function<void(const std::set<std::string>& scopes, Rev before, Rev head)>;
// Changes made through the authority, in the transaction that the writer has begun; the scopes in
// which something changed are gathered. It may be called again after the transaction was rolled
// back. An error takes back what it did; who refuses without having written remembers the refusal
// and gives none, so that those who share the commit need not begin again.
using WriteTask = std::function<Result<void>(Authority&, std::set<std::string>& scopes)>;
// Called on the writer's thread, and must not block it: what was done is durable, or nothing is.
using WriteDone = std::function<void(Result<void>)>;
// Any other work on the authority's storage, outside a transaction.
using WriterTask = std::function<void(Storage&)>;

class Writer {
 public:
  // `storage` and `authority` outlive the writer.
  Writer(Storage& storage, Authority& authority, WriterWatch watch,
         std::shared_ptr<Metrics> metrics = std::make_shared<Metrics>());
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  // `done` is called once, with an outcome that is durable, or with an error after which nothing
  // of the push is stored: Authority::push's refusals; Forbidden for another user's client;
  // Unavailable, StorageBusy, StorageFull or
  // StorageIo, after which the same push may be sent again. False: the queue is full or closed,
  // and `done` is not called. `bytes` is the size of the message.
  [[nodiscard]] bool push(PushRequest request, size_t bytes, PushDone done, PushRights rights = {});
  // `done` is called once, with the task's own error or one of those of push(). False: as push().
  [[nodiscard]] bool write(WriteTask task, size_t bytes, WriteDone done);
  [[nodiscard]] bool run(WriterTask task);

  // Answers what is queued, then ends the thread. A second call does nothing.
  void stop();

 private:
  struct Push {
    PushRequest request;
    PushDone done;
    PushRights rights;
    Result<PushResponse> answer = PushResponse{};  // to be given after the commit
  };
  struct Write {
    WriteTask task;
    WriteDone done;
  };
  using Entry = std::variant<Push, Write>;
  using Job = std::variant<Entry, WriterTask>;

  void work();
  void apply(std::vector<Entry>& group);
  Result<void> apply_in_transaction(std::vector<Entry>& group, std::set<std::string>& scopes);
  Result<void> prefetch(const std::vector<Entry>& group);
  Result<void> apply_push(Push& push, std::set<std::string>& scopes);
  Result<PushEffect> judged(const Push& push);
  void fail(std::vector<Entry>& group, const Error& error);

  Storage& storage_;
  Authority& authority_;
  WriterWatch watch_;
  std::shared_ptr<Metrics> metrics_;
  Rev before_ = 0;  // the head that the transaction under way began with
  BoundedQueue<Job> queue_;
  bool is_reload_due_ = false;
  std::thread thread_;  // last: it uses everything above
};

}  // namespace twinstore
