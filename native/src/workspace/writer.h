// The one thread that writes. It takes every push that is queued, applies them in one transaction
// and answers all of them after the commit, so that many clients share one fsync. There is no
// timer: while it commits, the next group gathers.
// Thread rule: push() and run() from any thread; storage and authority belong to the writer's
// thread from construction until stop() has returned.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "twinstore/authority.h"
#include "twinstore/storage.h"
#include "workspace/bounded_queue.h"

namespace twinstore {

// Called on the writer's thread, and must not block it.
using PushDone = std::function<void(Result<PushResponse>)>;
// The scopes in which a commit changed something, and the head after it.
using CommitWatch = std::function<void(const std::set<std::string>& scopes, Rev head)>;
// The same, with the head before it.
using WriterWatch = std::function<void(const std::set<std::string>& scopes, Rev before, Rev head)>;
// Any other work on the authority's storage, outside a transaction.
using WriterTask = std::function<void(Storage&)>;

class Writer {
 public:
  // `storage` and `authority` outlive the writer.
  Writer(Storage& storage, Authority& authority, WriterWatch watch);
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  // `done` is called once, with an outcome that is durable, or with an error after which nothing
  // of the push is stored: Authority::push's refusals; Unavailable, StorageBusy, StorageFull or
  // StorageIo, after which the same push may be sent again. False: the queue is full or closed,
  // and `done` is not called. `bytes` is the size of the message.
  [[nodiscard]] bool push(PushRequest request, size_t bytes, PushDone done);
  [[nodiscard]] bool run(WriterTask task);

  // Answers what is queued, then ends the thread. A second call does nothing.
  void stop();

 private:
  struct Push {
    PushRequest request;
    PushDone done;
  };
  using Job = std::variant<Push, WriterTask>;

  void work();
  void apply(std::vector<Push>& group);
  Result<std::vector<Result<PushResponse>>> apply_in_transaction(const std::vector<Push>& group,
                                                                 std::set<std::string>& scopes);
  void fail(std::vector<Push>& group, const Error& error);

  Storage& storage_;
  Authority& authority_;
  WriterWatch watch_;
  Rev before_ = 0;  // the head that the transaction under way began with
  BoundedQueue<Job> queue_;
  bool is_reload_due_ = false;
  std::thread thread_;  // last: it uses everything above
};

}  // namespace twinstore
