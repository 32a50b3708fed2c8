#include "api/sync_endpoint.h"

#include <memory>

#include "api/request_body.h"
#include "base/log.h"
#include "http/compression.h"
#include "http/problem.h"

namespace twinstore {
namespace {

HttpResponse json_answer(std::string text) {
  HttpResponse response;
  response.set("Content-Type", "application/json");
  response.set("Cache-Control", "no-store");
  response.body = std::move(text);
  return response;
}

}  // namespace

HttpResponse protocol_error(const Schema& schema, const Error& error) {
  if (http_status(error.code) >= 500) {
    log_warn("refused code=" + std::string(error_text(error.code)) + " detail=" + error.message);
  }
  HttpResponse response = json_answer(encode(schema, Message(ErrorMessage{public_error(error)})));
  response.status = http_status(error.code);
  set_retry_after(response);
  return response;
}

void SyncEndpoint::answer(HttpRequest request, const Respond& respond) {
  if (auto refusal = refuse_form(request)) return respond(*std::move(refusal));
  if (!is_large_body(request)) return dispatch(std::move(request), respond);
  // std::function wants copies; the body is shared instead and moved out by the one that runs.
  const auto kept = std::make_shared<HttpRequest>(std::move(request));
  const bool is_queued =
      workspace_.read([this, kept, respond](ChangeFeed&) { dispatch(std::move(*kept), respond); });
  if (!is_queued) respond(protocol_error(workspace_.schema(), too_busy()));
}

void SyncEndpoint::dispatch(HttpRequest request, const Respond& respond) {
  const Schema& schema = workspace_.schema();
  const auto inflated = inflate_body(request);
  if (!inflated.ok()) return respond(protocol_error(schema, inflated.error()));
  auto message = decode(schema, request.body);
  if (!message.ok()) return respond(protocol_error(schema, message.error()));
  if (auto* asked = std::get_if<PushRequest>(&message.value())) {
    return push(std::move(*asked), request.body.size(), respond);
  }
  if (auto* asked = std::get_if<PullRequest>(&message.value())) {
    request.body.clear();
    return pull(std::move(*asked), std::move(request), respond);
  }
  respond(
      protocol_error(schema, {ErrorCode::InvalidArgument, "this endpoint takes push and pull"}));
}

void SyncEndpoint::push(PushRequest request, size_t bytes, const Respond& respond) {
  const Schema& schema = workspace_.schema();
  workspace_.push(std::move(request), bytes, [&schema, respond](Result<PushResponse> done) {
    if (!done.ok()) return respond(protocol_error(schema, done.error()));
    respond(json_answer(encode(schema, Message(std::move(done).value()))));
  });
}

void SyncEndpoint::pull(PullRequest request, HttpRequest head, const Respond& respond) {
  const Schema& schema = workspace_.schema();
  const bool is_queued = workspace_.read(
      [&schema, asked = std::move(request), from = std::move(head), respond](ChangeFeed& feed) {
        auto page = feed.page(asked);
        if (!page.ok()) return respond(protocol_error(schema, page.error()));
        HttpResponse response = json_answer(encode(schema, Message(std::move(page).value())));
        compress_body(from, response);
        respond(std::move(response));
      });
  if (!is_queued) respond(protocol_error(schema, too_busy()));
}

}  // namespace twinstore
