// POST /sync: one message in, one message out, over a workspace. Errors come in the protocol's own
// form, with the HTTP status of their code.
// Thread rule: answer() on the I/O thread; responses are given on any thread.
#pragma once

#include <optional>

#include "http/message.h"
#include "workspace/workspace.h"

namespace twinstore {

class SyncEndpoint {
 public:
  // `workspace` outlives the endpoint.
  explicit SyncEndpoint(Workspace& workspace) : workspace_(workspace) {}

  void answer(HttpRequest request, const Respond& respond);

 private:
  // Inflates, decodes and hands on; on a reader's thread when the body is large.
  void dispatch(HttpRequest request, const Respond& respond);
  void push(PushRequest request, size_t bytes, const Respond& respond);
  void pull(PullRequest request, HttpRequest head, const Respond& respond);

  Workspace& workspace_;
};

// {"type":"error",…} with the code's status, and Retry-After where the fault passes by itself.
[[nodiscard]] HttpResponse protocol_error(const Schema& schema, const Error& error);

}  // namespace twinstore
