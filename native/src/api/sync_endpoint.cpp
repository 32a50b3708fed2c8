#include "api/sync_endpoint.h"

#include <memory>

#include "api/request_body.h"
#include "auth/sync_rights.h"
#include "base/log.h"
#include "http/compression.h"
#include "http/problem.h"

namespace twinstore {
namespace {

HttpResponse message_answer(std::string text) {
  HttpResponse response;
  response.set("Content-Type", "application/json");
  response.set("Cache-Control", "no-store");
  response.body = std::move(text);
  return response;
}

void push(const Call& call, PushRequest request, const Respond& respond) {
  const Schema& schema = call.workspace->schema();
  if (!call.principal.has_role(Role::Writer)) {
    return respond(protocol_error(schema, needs_role(Role::Writer)));
  }
  call.workspace->push(
      std::move(request), call.request.body.size(),
      [&schema, respond](Result<PushResponse> done) {
        if (!done.ok()) return respond(protocol_error(schema, done.error()));
        respond(message_answer(encode(schema, Message(std::move(done).value()))));
      },
      push_rights(call.principal));
}

void pull(Call call, PullRequest request, const Respond& respond) {
  const WorkspaceUse workspace = call.workspace;
  const Schema& schema = workspace->schema();
  if (!call.principal.reaches(request.scope)) {
    return respond(protocol_error(schema, withdrawn(request.scope)));
  }
  call.request.body.clear();
  const auto began = std::chrono::steady_clock::now();
  const bool is_queued = workspace->read([&schema, began, asked = std::move(request),
                                          from = std::move(call), respond](ChangeFeed& feed) {
    auto page = feed.page(asked);
    from.workspace->metrics().pulled(page, began);
    if (!page.ok()) return respond(protocol_error(schema, page.error()));
    HttpResponse response = message_answer(encode(schema, Message(std::move(page).value())));
    compress_body(from.request, response);
    respond(std::move(response));
  });
  if (!is_queued) respond(protocol_error(schema, too_busy()));
}

// Inflates, decodes and hands on; on a reader's thread when the body is large.
void dispatch(Call call, const Respond& respond) {
  const Schema& schema = call.workspace->schema();
  const auto inflated = inflate_body(call.request);
  if (!inflated.ok()) return respond(protocol_error(schema, inflated.error()));
  auto message = decode(schema, call.request.body);
  if (!message.ok()) return respond(protocol_error(schema, message.error()));
  if (auto* asked = std::get_if<PushRequest>(&message.value())) {
    return push(call, std::move(*asked), respond);
  }
  if (auto* asked = std::get_if<PullRequest>(&message.value())) {
    return pull(std::move(call), std::move(*asked), respond);
  }
  respond(protocol_error(schema,
                         Error{ErrorCode::InvalidArgument, "this endpoint takes push and pull"}));
}

}  // namespace

HttpResponse protocol_error(const Schema& schema, const Error& error) {
  return protocol_error(schema, ErrorMessage{error});
}

HttpResponse protocol_error(const Schema& schema, const ErrorMessage& message) {
  const Error& error = message.error;
  if (http_status(error.code) >= 500) {
    log_warn("refused", {{"code", error_text(error.code)}, {"detail", error.message}});
  }
  HttpResponse response =
      message_answer(encode(schema, Message(ErrorMessage{public_error(error), message.scope})));
  response.status = http_status(error.code);
  set_retry_after(response);
  return response;
}

void answer_sync(Call call, const Respond& respond) {
  if (auto refusal = refuse_form(call.request)) return respond(*std::move(refusal));
  if (!is_large_body(call.request)) return dispatch(std::move(call), respond);
  const WorkspaceUse workspace = call.workspace;
  // std::function wants copies; the body is shared instead and moved out by the one that runs.
  const auto kept = std::make_shared<Call>(std::move(call));
  const bool is_queued =
      workspace->read([kept, respond](ChangeFeed&) { dispatch(std::move(*kept), respond); });
  if (!is_queued) respond(protocol_error(workspace->schema(), too_busy()));
}

}  // namespace twinstore
