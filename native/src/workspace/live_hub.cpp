#include "workspace/live_hub.h"

#include <algorithm>

#include "base/log.h"
#include "config/server_limits.h"

namespace twinstore {

LiveHub::LiveHub(const Schema& schema, Run run, Deliver deliver)
    : schema_(schema), run_(std::move(run)), deliver_(std::move(deliver)) {}

bool LiveHub::subscribe(ConnectionId connection, Subscribe subscribe) {
  return run_([this, connection, asked = std::move(subscribe)](ChangeFeed& feed) {
    subscribe_now(feed, connection, asked);
    tell(feed);
  });
}

void LiveHub::leave(ConnectionId connection) {
  const bool is_queued = run_([this, connection](ChangeFeed&) { leave_now(connection); });
  if (!is_queued) log_warn("a closed live connection stays subscribed until restart");
}

void LiveHub::commit(const std::set<std::string>& scopes, Rev head) {
  {
    const std::scoped_lock lock(mutex_);
    if (touched_.empty()) touched_at_ = std::chrono::steady_clock::now();
    touched_.insert(scopes.begin(), scopes.end());
    told_head_ = std::max(told_head_, head);
    if (is_tell_queued_) return;
    is_tell_queued_ = true;
  }
  if (run_([this](ChangeFeed& feed) { tell(feed); })) return;
  // The next commit or subscription tries again; what was touched stays noted.
  const std::scoped_lock lock(mutex_);
  is_tell_queued_ = false;
}

void LiveHub::subscribe_now(ChangeFeed& feed, ConnectionId connection, const Subscribe& subscribe) {
  leave_now(connection);
  std::vector<LiveDelivery> deliveries;
  const auto send = [&](const std::string& scope, std::string text) {
    deliveries.push_back(
        {{connection}, scope, std::make_shared<const std::string>(std::move(text))});
  };
  if (subscribe.hello.schema_name != schema_.name()) {
    send("", encode(schema_,
                    Message(ErrorMessage{{ErrorCode::SchemaMismatch,
                                          "this server serves the schema " + schema_.name()}})));
    return deliver_(std::move(deliveries));
  }
  for (const auto& [scope, cursor] : subscribe.scopes) {
    Revs& revs = revs_by_scope_[scope];
    const auto rev = feed.cursor_rev(scope, cursor);
    // A client that was never level pulls from the beginning; one whose cursor is refused learns
    // why when it pulls.
    if (cursor.empty() || !rev.ok()) {
      revs[connection] = head_;
      send(scope, behind_text(scope));
    } else {
      auto [text, reached] = next_text(feed, scope, rev.value(), subscribe.client);
      revs[connection] = reached;
      send(scope, std::move(text));
    }
    scopes_of_[connection].push_back(scope);
  }
  deliver_(std::move(deliveries));
}

void LiveHub::leave_now(ConnectionId connection) {
  const auto at = scopes_of_.find(connection);
  if (at == scopes_of_.end()) return;
  for (const std::string& scope : at->second) {
    const auto revs = revs_by_scope_.find(scope);
    if (revs == revs_by_scope_.end()) continue;
    revs->second.erase(connection);
    if (revs->second.empty()) revs_by_scope_.erase(revs);
  }
  scopes_of_.erase(at);
}

void LiveHub::tell(ChangeFeed& feed) {
  std::set<std::string> touched;
  std::chrono::steady_clock::time_point touched_at;
  {
    const std::scoped_lock lock(mutex_);
    touched.swap(touched_);
    touched_at = touched_at_;
    head_ = std::max(head_, told_head_);
    is_tell_queued_ = false;
  }
  if (touched.empty()) return;
  touched.insert(std::string(all_scopes));
  std::vector<LiveDelivery> deliveries;
  for (const std::string& scope : touched) {
    const auto at = revs_by_scope_.find(scope);
    if (at == revs_by_scope_.end()) continue;
    std::map<Rev, std::vector<ConnectionId>> standing;
    for (const auto& [connection, rev] : at->second) standing[rev].push_back(connection);
    for (auto& [rev, connections] : standing) {
      auto [text, reached] = next_text(feed, scope, rev, {});
      if (reached == rev) continue;  // told already, with an earlier commit
      for (const ConnectionId connection : connections) at->second[connection] = reached;
      deliveries.push_back({std::move(connections), scope,
                            std::make_shared<const std::string>(std::move(text)), touched_at});
    }
  }
  if (!deliveries.empty()) deliver_(std::move(deliveries));
}

std::pair<std::string, Rev> LiveHub::next_text(ChangeFeed& feed, const std::string& scope, Rev rev,
                                               const ClientId& client) {
  PullRequest request;
  request.client = client;
  request.hello = {protocol_version, schema_.name(), schema_.version()};
  request.scope = scope;
  request.cursor = feed.make_cursor(scope, rev);
  request.rows_max = limits::live_rows_max;
  auto page = feed.page(request);
  if (!page.ok()) {
    log_warn("live page failed", {{"code", error_text(page.error().code)}});
    return {behind_text(scope), std::max(head_, rev)};
  }
  head_ = std::max(head_, page.value().rev);
  if (page.value().is_checkpoint) {
    const Rev reached = page.value().rev;
    std::string text = encode(schema_, Message(std::move(page).value()));
    if (text.size() <= limits::inline_bytes_max) return {std::move(text), reached};
    return {behind_text(scope), reached};
  }
  // The client pulls up to the head, so the next changes are sent from there.
  return {behind_text(scope), std::max(head_, page.value().rev)};
}

std::string LiveHub::behind_text(const std::string& scope) const {
  return encode(schema_, Message(Behind{scope}));
}

}  // namespace twinstore
