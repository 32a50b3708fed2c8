#include "live/live_service.h"

#include <memory>

#include "config/server_limits.h"
#include "http/problem.h"

namespace twinstore {
namespace {

const Error too_busy{ErrorCode::Unavailable, "the server has more to do than it can; try again"};

}  // namespace

std::string LiveService::behind_text(const std::string& scope) const {
  return encode(workspace_.schema(), Message(Behind{scope}));
}

std::string LiveService::error_text_of(const Error& error) const {
  return encode(workspace_.schema(), Message(ErrorMessage{public_error(error)}));
}

void LiveService::receive(ConnectionId connection, std::string text, Reply reply) {
  if (text.size() <= limits::decode_inline_bytes_max) return dispatch(connection, text, reply);
  const bool is_queued = workspace_.read([this, connection, kept = std::move(text), reply](
                                             ChangeFeed&) { dispatch(connection, kept, reply); });
  if (!is_queued) reply(error_text_of(too_busy));
}

void LiveService::dispatch(ConnectionId connection, std::string_view text, const Reply& reply) {
  auto message = decode(workspace_.schema(), text);
  if (!message.ok()) return reply(error_text_of(message.error()));
  if (auto* subscribe = std::get_if<Subscribe>(&message.value())) {
    const bool is_queued = hub_.subscribe(connection, std::move(*subscribe));
    return reply(is_queued ? std::string() : error_text_of(too_busy));
  }
  if (auto* push = std::get_if<PushRequest>(&message.value())) {
    return workspace_.push(std::move(*push), text.size(), [this, reply](Result<PushResponse> done) {
      reply(done.ok() ? encode(workspace_.schema(), Message(std::move(done).value()))
                      : error_text_of(done.error()));
    });
  }
  reply(error_text_of(
      {ErrorCode::InvalidArgument, "a live connection takes subscribe and push; pull over HTTP"}));
}

}  // namespace twinstore
