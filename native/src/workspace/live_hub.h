// Who is to be told about which commit. For each live connection and scope the hub knows the rev
// that it was sent last; after a commit it asks the feed once for each (scope, rev) and shares the
// frame between all who stand there. What does not fit inline becomes a doorbell: "behind".
// Thread rule: subscribe(), leave() and commit() from any thread; the state belongs to the tasks
// that `run` carries out one after the other.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "workspace/readers.h"

namespace twinstore {

using ConnectionId = uint64_t;

// One text for several connections. `scope` is empty for what must not be dropped.
struct LiveDelivery {
  std::vector<ConnectionId> connections;
  std::string scope;
  std::shared_ptr<const std::string> text;
  // The first commit that it tells of; the epoch: none, but what was asked for.
  std::chrono::steady_clock::time_point committed{};
};

class LiveHub {
 public:
  // Runs tasks one after the other; false when it will not.
  using Run = std::function<bool(FeedTask)>;
  // Called within a task; must not block.
  using Deliver = std::function<void(std::vector<LiveDelivery>)>;

  // `schema` outlives the hub, and the hub outlives the tasks it has given to `run`.
  LiveHub(const Schema& schema, Run run, Deliver deliver);
  LiveHub(const LiveHub&) = delete;
  LiveHub& operator=(const LiveHub&) = delete;

  // Replaces what the connection was subscribed to, and brings each scope level: changes inline,
  // an empty checkpoint when there are none, or "behind". False: there is too much to do.
  [[nodiscard]] bool subscribe(ConnectionId connection, Subscribe subscribe);
  void leave(ConnectionId connection);
  // Tells of commits up to `head`; several that come close together are told as one.
  void commit(const std::set<std::string>& scopes, Rev head);

 private:
  using Revs = std::map<ConnectionId, Rev>;
  void subscribe_now(ChangeFeed& feed, ConnectionId connection, const Subscribe& subscribe);
  void leave_now(ConnectionId connection);
  void tell(ChangeFeed& feed);
  // The text that brings a scope from `rev` forward, and the rev that it leads to.
  std::pair<std::string, Rev> next_text(ChangeFeed& feed, const std::string& scope, Rev rev,
                                        const ClientId& client);
  std::string behind_text(const std::string& scope) const;

  const Schema& schema_;
  Run run_;
  Deliver deliver_;

  std::mutex mutex_;  // guards the next four
  std::set<std::string> touched_;
  std::chrono::steady_clock::time_point touched_at_;  // the first of them
  Rev told_head_ = 0;
  bool is_tell_queued_ = false;

  Rev head_ = 0;  // from here on: the tasks' own
  std::map<std::string, Revs> revs_by_scope_;
  std::map<ConnectionId, std::vector<std::string>> scopes_of_;
};

}  // namespace twinstore
