// A workspace: one database, its authority, the thread that writes, the threads that read, and the
// hub that tells live connections. Everything that the server does to data goes through here, and
// nothing of one workspace reaches another.
// Thread rule: open() and stop() from one thread, the rest from any.
// Next: writer.h for how pushes share a commit, readers.h for reading beside them, workspaces.h for
// several of them in one server.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "config/database_url.h"
#include "twinstore/authority.h"
#include "workspace/database_lock.h"
#include "workspace/live_hub.h"
#include "workspace/readers.h"
#include "workspace/writer.h"

namespace twinstore {

namespace postgres {
class CommitSignals;
}

// A database that this process writes, a file alone and PostgreSQL with others: what serve and
// import have in common.
struct OpenDatabase {
  DatabaseLock lock;  // of a file
  std::unique_ptr<Storage> storage;
  std::unique_ptr<Authority> authority;
};

// Errors: StorageBusy with a sentence when another process has the file; as open_storage.
[[nodiscard]] Result<OpenDatabase> open_database(const Schema& schema,
                                                 const DatabaseLocation& location, Clock& clock,
                                                 IdSource& ids);

class AutoRefreshService;
class WorkspaceRefresh;
struct RefreshConfig;

class Workspace {
 public:
  // All references outlive the workspace. `deliver` takes what live connections are to be told of
  // this node's commits and of others', on a thread of the workspace's own. `refresh` is how it is
  // refreshed from now on; null, or a schema without the shipped collections: not at all.
  // Errors: as open_database; as WorkspaceRefresh::make.
  [[nodiscard]] static Result<std::unique_ptr<Workspace>> open(
      const Schema& schema, const DatabaseLocation& location, Clock& clock, IdSource& ids,
      LiveHub::Deliver deliver, std::shared_ptr<Metrics> metrics,
      const RefreshConfig* refresh = nullptr);
  ~Workspace();
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;

  // As Writer::push, and Unavailable through `done`, at once, when the queue is full.
  void push(PushRequest request, size_t bytes, PushDone done, PushRights rights = {});
  // As Writer::write, and Unavailable through `done`, at once, when the queue is full. `bytes` is
  // about what the task holds.
  void write(WriteTask task, size_t bytes, WriteDone done);
  // Runs the task with a feed for pulls. False: there is too much to do, and it will not run.
  [[nodiscard]] bool read(FeedTask task);
  // As LiveHub, whose tasks have a thread of their own, so that no long pull delays them.
  [[nodiscard]] bool subscribe(ConnectionId connection, Subscribe asked);
  void leave(ConnectionId connection) { hub_->leave(connection); }

  [[nodiscard]] const Schema& schema() const { return schema_; }
  [[nodiscard]] Metrics& metrics() { return *metrics_; }
  // Null when it is not refreshed.
  [[nodiscard]] WorkspaceRefresh* refresh() const { return refresh_.get(); }

  // Answers what is queued, ends the threads and closes the database with a checkpoint.
  void stop();

 private:
  Workspace(const Schema& schema, std::shared_ptr<Metrics> metrics);
  Result<void> start_refresh(const std::string& name, const RefreshConfig& config);
  bool read_with(Readers* readers, FeedTask task);

  const Schema& schema_;
  std::shared_ptr<Metrics> metrics_;
  std::unique_ptr<LiveHub> hub_;  // outlives the threads that tell it
  OpenDatabase database_;
  std::unique_ptr<ChangeFeed> writer_feed_;  // in memory there is one connection, the writer's
  std::unique_ptr<postgres::CommitSignals> signals_;  // of several nodes
  std::unique_ptr<Writer> writer_;
  std::unique_ptr<Readers> pull_readers_;
  std::unique_ptr<Readers> live_reader_;
  std::unique_ptr<WorkspaceRefresh> refresh_;
  // For the threads that commit, which are there before the service is.
  std::atomic<AutoRefreshService*> woken_by_commits_{nullptr};
};

}  // namespace twinstore
