// Threads that read beside the writer, each with its own read-only view of the database, so that a
// page never waits for a commit. Thread rule: run() from any thread.
#pragma once

#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "config/database_url.h"
#include "twinstore/authority.h"
#include "workspace/bounded_queue.h"

namespace twinstore {

// Called on a reader's thread with a feed that is that thread's own.
using FeedTask = std::function<void(ChangeFeed&)>;

class Readers {
 public:
  // `schema` outlives the readers. Errors: as open_storage.
  [[nodiscard]] static Result<std::unique_ptr<Readers>> open(const Schema& schema,
                                                             const DatabaseLocation& location,
                                                             const FeedIdentity& identity,
                                                             size_t count);
  ~Readers();
  Readers(const Readers&) = delete;
  Readers& operator=(const Readers&) = delete;

  // False: the queue is full or closed, and the task will not run.
  [[nodiscard]] bool run(FeedTask task);
  // Runs what is queued, then ends the threads. A second call does nothing.
  void stop();

 private:
  struct View {
    std::unique_ptr<Storage> storage;
    std::unique_ptr<ChangeFeed> feed;
  };
  Readers();
  void work(ChangeFeed& feed);

  BoundedQueue<FeedTask> queue_;
  std::vector<View> views_;
  std::vector<std::thread> threads_;  // last: they use everything above
};

}  // namespace twinstore
