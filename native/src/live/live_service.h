// What a live connection may say: subscribe, and push, in the caller's workspace. Everything else
// goes over HTTP.
// Thread rule: receive() and left() on the I/O thread; replies come on any thread.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "auth/principal.h"
#include "workspace/workspaces.h"

namespace twinstore {

// Who stands at the other end of a live connection. Changed by its messages alone, which come one
// after the other.
struct LiveCaller {
  ConnectionId connection = 0;
  Principal principal;
  WorkspaceUse workspace{};  // the principal's, from the first message on
};

class LiveService {
 public:
  // Takes the text to answer with, exactly once; empty: there is no answer to this message.
  using Reply = std::function<void(std::string)>;

  // Both outlive the service.
  LiveService(const Schema& schema, Workspaces& workspaces)
      : schema_(schema), workspaces_(workspaces) {}

  // A text frame of the caller's. Errors become error messages; the connection stays. The next one
  // is handed in after the reply to this.
  void receive(const std::shared_ptr<LiveCaller>& caller, std::string text, const Reply& reply);
  static void left(const LiveCaller& caller);

  [[nodiscard]] std::string behind_text(const std::string& scope) const;
  [[nodiscard]] std::string error_text_of(const Error& error) const;

 private:
  void read(const LiveCaller& caller, std::string text, const Reply& reply);
  void dispatch(const LiveCaller& caller, std::string_view text, const Reply& reply);

  const Schema& schema_;
  Workspaces& workspaces_;
};

}  // namespace twinstore
