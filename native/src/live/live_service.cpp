#include "live/live_service.h"

#include <memory>

#include "config/server_limits.h"
#include "http/problem.h"

namespace twinstore {
namespace {

const Error too_busy{ErrorCode::Unavailable, "the server has more to do than it can; try again"};

}  // namespace

std::string LiveService::behind_text(const std::string& scope) const {
  return encode(schema_, Message(Behind{scope}));
}

std::string LiveService::error_text_of(const Error& error) const {
  return encode(schema_, Message(ErrorMessage{public_error(error)}));
}

void LiveService::receive(const std::shared_ptr<LiveCaller>& caller, std::string text,
                          const Reply& reply) {
  if (caller->workspace) return read(*caller, std::move(text), reply);
  workspaces_.use(caller->principal.workspace,
                  [this, caller, kept = std::move(text), reply](Result<WorkspaceUse> use) {
                    if (!use.ok()) return reply(error_text_of(use.error()));
                    caller->workspace = std::move(use).value();
                    read(*caller, kept, reply);
                  });
}

void LiveService::read(const LiveCaller& caller, std::string text, const Reply& reply) {
  if (text.size() <= limits::decode_inline_bytes_max) return dispatch(caller, text, reply);
  const bool is_queued =
      caller.workspace->read([this, from = caller, kept = std::move(text), reply](ChangeFeed&) {
        dispatch(from, kept, reply);
      });
  if (!is_queued) reply(error_text_of(too_busy));
}

void LiveService::dispatch(const LiveCaller& caller, std::string_view text, const Reply& reply) {
  auto message = decode(schema_, text);
  if (!message.ok()) return reply(error_text_of(message.error()));
  if (auto* subscribe = std::get_if<Subscribe>(&message.value())) {
    const bool is_queued = caller.workspace->subscribe(caller.connection, std::move(*subscribe));
    return reply(is_queued ? std::string() : error_text_of(too_busy));
  }
  if (auto* push = std::get_if<PushRequest>(&message.value())) {
    return caller.workspace->push(
        std::move(*push), text.size(), [this, reply](Result<PushResponse> done) {
          reply(done.ok() ? encode(schema_, Message(std::move(done).value()))
                          : error_text_of(done.error()));
        });
  }
  reply(error_text_of(
      {ErrorCode::InvalidArgument, "a live connection takes subscribe and push; pull over HTTP"}));
}

void LiveService::left(const LiveCaller& caller) {
  if (caller.workspace) caller.workspace->leave(caller.connection);
}

}  // namespace twinstore
