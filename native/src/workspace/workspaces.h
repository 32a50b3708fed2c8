// The workspaces of one server. Each is opened when it is first asked for, on a thread of its own
// so that nobody waits for a disk or a database; when there are too many, the one that was not used
// for longest makes room. Which workspace a caller may ask for is the token's business.
// Thread rule: use() from any thread; open() and stop() from one.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "config/server_limits.h"
#include "workspace/bounded_queue.h"
#include "workspace/workspace.h"

namespace twinstore {

// In use for as long as it is held, and then it stays open.
using WorkspaceUse = std::shared_ptr<Workspace>;

class Workspaces {
 public:
  struct Setup {
    const Schema& schema;
    DatabaseLocation location;  // whose workspace is the one for callers that name none
    Clock& clock;
    IdSource& ids;
    LiveHub::Deliver deliver;
    size_t open_max = limits::workspaces_open_max;
    std::shared_ptr<Metrics> metrics = std::make_shared<Metrics>();  // of all of them
    const RefreshConfig* refresh = nullptr;  // null: nothing is refreshed
  };
  using Ready = std::function<void(Result<WorkspaceUse>)>;

  // Opens the location's own workspace, so that a server without its database does not start. All
  // references outlive the workspaces. Errors: as Workspace::open.
  [[nodiscard]] static Result<std::unique_ptr<Workspaces>> open(Setup setup);
  ~Workspaces();
  Workspaces(const Workspaces&) = delete;
  Workspaces& operator=(const Workspaces&) = delete;

  // Calls `ready` once: at once when the workspace is open, else when it was opened, or made anew.
  // Requires a workspace's name. Errors: Unavailable when too many are in use; as Workspace::open.
  void use(const std::string& name, Ready ready);

  [[nodiscard]] size_t open_count() const;

  // Closes all of them. Nobody uses one any more.
  void stop();

 private:
  struct Entry {
    std::unique_ptr<Workspace> workspace;  // null while it is opened
    size_t uses = 0;
    uint64_t used_at = 0;
    std::vector<Ready> waiting;
  };
  explicit Workspaces(Setup setup);
  WorkspaceUse use_now(const std::string& name, Entry& entry);  // under the lock
  void open_and_tell(const std::string& name);
  Result<std::unique_ptr<Workspace>> open_one(const std::string& name);
  Result<void> make_room();

  Setup setup_;
  mutable std::mutex mutex_;  // guards the next two
  std::map<std::string, Entry> entries_;
  uint64_t uses_ = 0;
  BoundedQueue<std::string> to_open_;
  std::thread opener_;  // last: it uses everything above
};

}  // namespace twinstore
