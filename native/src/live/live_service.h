// What a live connection may say: subscribe, and push. Everything else goes over HTTP.
// Thread rule: receive() and left() on the I/O thread; replies come on any thread.
#pragma once

#include <functional>
#include <string>

#include "live/live_hub.h"
#include "workspace/workspace.h"

namespace twinstore {

class LiveService {
 public:
  // Takes the text to answer with, exactly once; empty: there is no answer to this message.
  using Reply = std::function<void(std::string)>;

  // Both outlive the service.
  LiveService(Workspace& workspace, LiveHub& hub) : workspace_(workspace), hub_(hub) {}

  // A text frame of the connection. Errors become error messages; the connection stays.
  void receive(ConnectionId connection, std::string text, Reply reply);
  void left(ConnectionId connection) { hub_.leave(connection); }

  [[nodiscard]] std::string behind_text(const std::string& scope) const;
  [[nodiscard]] std::string error_text_of(const Error& error) const;

 private:
  void dispatch(ConnectionId connection, std::string_view text, const Reply& reply);

  Workspace& workspace_;
  LiveHub& hub_;
};

}  // namespace twinstore
