// What a live connection may say: which token it has, what it subscribes to, and pushes, in the
// caller's workspace. Everything else goes over HTTP.
// Thread rule: on the I/O thread; replies come on any thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "auth/gate.h"
#include "workspace/workspaces.h"

namespace twinstore {

// Who stands at the other end of a live connection. The principal is known from the first message
// on, and after that its time alone can change.
struct LiveCaller {
  ConnectionId connection = 0;
  std::string address;
  Principal principal{};     // with no role: not known yet
  WorkspaceUse workspace{};  // the principal's, from the message after on
  std::string token{};
  uint64_t generation = 0;  // of the tokens, when it was looked at
  int64_t opened_ms = 0;

  [[nodiscard]] bool is_known() const { return principal.role != Role::Anyone; }
};

struct LiveReply {
  // Of a WebSocket (RFC 6455 §7.4.2: 4000 and above are an application's own).
  static constexpr uint16_t not_authenticated = 4401;
  static constexpr uint16_t too_many = 4429;

  std::string text{};       // empty: there is no answer to this message
  uint16_t close_code = 0;  // 0: the connection stays
};

class LiveService {
 public:
  // Takes what is to be done about the message, exactly once.
  using Reply = std::function<void(LiveReply)>;

  // All outlive the service.
  LiveService(const Schema& schema, Workspaces& workspaces, Gate& gate, Clock& clock)
      : schema_(schema), workspaces_(workspaces), gate_(gate), clock_(clock) {}

  // Known at once where no tokens are asked for.
  [[nodiscard]] std::shared_ptr<LiveCaller> greet(ConnectionId connection,
                                                  const std::string& address);
  // A text frame of the caller's. Errors become error messages. The next one is handed in after the
  // reply to this.
  void receive(const std::shared_ptr<LiveCaller>& caller, std::string text, const Reply& reply);
  // Looks again at who is connected: 0, or the code to close with.
  [[nodiscard]] uint16_t recheck(LiveCaller& caller);
  void left(LiveCaller& caller);

  [[nodiscard]] std::string behind_text(const std::string& scope) const;
  [[nodiscard]] std::string error_text_of(const Error& error) const;

 private:
  using Shared = std::shared_ptr<LiveCaller>;
  LiveReply authenticate(LiveCaller& caller, const std::string& token);
  uint16_t keep(LiveCaller& caller, const std::string& token, const Principal& principal);
  void read(const Shared& caller, std::string text, const Reply& reply) const;
  void dispatch(const LiveCaller& caller, std::string_view text, const Reply& reply) const;
  [[nodiscard]] LiveReply subscribe(const LiveCaller& caller, Subscribe asked) const;
  void push(const LiveCaller& caller, PushRequest asked, size_t bytes, const Reply& reply) const;

  const Schema& schema_;
  Workspaces& workspaces_;
  Gate& gate_;
  Clock& clock_;
  std::map<std::string, size_t> connections_of_;  // by principal, where tokens are asked for
};

}  // namespace twinstore
