#include "live/live_service.h"

#include "auth/sync_rights.h"
#include "base/json.h"
#include "config/server_limits.h"
#include "http/problem.h"

namespace twinstore {
namespace {

const Error too_busy{ErrorCode::Unavailable, "the server has more to do than it can; try again"};
constexpr std::string_view auth_begins = R"({"type":"auth",)";

// The token of {"type":"auth","token":"…"}; nothing for another message.
std::optional<std::string> token_of(std::string_view text) {
  if (!text.starts_with(auth_begins)) return std::nullopt;
  const auto message = parse_json(text);
  if (!message.ok() || message.value().size() != 2) return std::nullopt;
  auto token = json_text(message.value(), "token");
  if (!token.ok()) return std::nullopt;
  return std::move(token).value();
}

std::string key_of(const Principal& principal) {
  return principal.workspace + "/" + principal.name;
}

}  // namespace

std::string LiveService::behind_text(const std::string& scope) const {
  return encode(schema_, Message(Behind{scope}));
}

std::string LiveService::error_text_of(const Error& error) const {
  return encode(schema_, Message(ErrorMessage{public_error(error)}));
}

std::shared_ptr<LiveCaller> LiveService::greet(ConnectionId connection,
                                               const std::string& address) {
  auto caller = std::make_shared<LiveCaller>();
  caller->connection = connection;
  caller->address = address;
  caller->opened_ms = clock_.now_ms();
  if (!gate_.is_on()) (void)authenticate(*caller, {});
  return caller;
}

LiveReply LiveService::authenticate(LiveCaller& caller, const std::string& token) {
  const auto found = gate_.authenticate(token, caller.address);
  if (!found.ok()) {
    const bool is_too_often = found.error().code == ErrorCode::RateLimited;
    return {.close_code = is_too_often ? LiveReply::too_many : LiveReply::not_authenticated};
  }
  if (!caller.is_known()) {
    size_t& count = connections_of_[key_of(found.value())];
    if (gate_.is_on() && count >= limits::live_per_principal_max) {
      return {.close_code = LiveReply::too_many};
    }
    ++count;
    caller.principal = found.value();
  }
  return {.close_code = keep(caller, token, found.value())};
}

// Who has other rights than before comes again, and subscribes to what they reach then.
uint16_t LiveService::keep(LiveCaller& caller, const std::string& token,
                           const Principal& principal) {
  if (!principal.may_the_same_as(caller.principal)) return LiveReply::not_authenticated;
  caller.principal.expires_ms = principal.expires_ms;
  caller.token = token;
  caller.generation = gate_.generation();
  return 0;
}

uint16_t LiveService::recheck(LiveCaller& caller) {
  const int64_t now = clock_.now_ms();
  if (!caller.is_known()) {
    const auto waited = std::chrono::milliseconds(now - caller.opened_ms);
    return waited >= limits::live_auth_deadline ? LiveReply::not_authenticated : uint16_t{0};
  }
  const int64_t expires = caller.principal.expires_ms;
  if (expires != 0 && expires <= now) return LiveReply::not_authenticated;
  if (caller.generation == gate_.generation()) return 0;
  const auto found = gate_.look_up(caller.token);
  if (!found.ok()) return LiveReply::not_authenticated;
  return keep(caller, std::string(caller.token), found.value());
}

void LiveService::left(LiveCaller& caller) {
  if (caller.is_known()) {
    const auto at = connections_of_.find(key_of(caller.principal));
    if (--at->second == 0) connections_of_.erase(at);
  }
  if (!caller.workspace) return;
  caller.workspace->leave(caller.connection);
  caller.workspace.reset();
}

void LiveService::receive(const Shared& caller, std::string text, const Reply& reply) {
  if (const auto token = token_of(text)) return reply(authenticate(*caller, *token));
  if (!caller->is_known()) return reply({.close_code = LiveReply::not_authenticated});
  if (auto limited = gate_.admit(caller->principal, text.size()); !limited.ok()) {
    return reply({.text = error_text_of(limited.error())});
  }
  if (caller->workspace) return read(caller, std::move(text), reply);
  workspaces_.use(caller->principal.workspace,
                  [this, caller, kept = std::move(text), reply](Result<WorkspaceUse> use) {
                    if (!use.ok()) return reply({.text = error_text_of(use.error())});
                    caller->workspace = std::move(use).value();
                    read(caller, kept, reply);
                  });
}

void LiveService::read(const Shared& caller, std::string text, const Reply& reply) const {
  if (text.size() <= limits::decode_inline_bytes_max) return dispatch(*caller, text, reply);
  const bool is_queued =
      caller->workspace->read([this, caller, kept = std::move(text), reply](ChangeFeed&) {
        dispatch(*caller, kept, reply);
      });
  if (!is_queued) reply({.text = error_text_of(too_busy)});
}

void LiveService::dispatch(const LiveCaller& caller, std::string_view text,
                           const Reply& reply) const {
  auto message = decode(schema_, text);
  if (!message.ok()) return reply({.text = error_text_of(message.error())});
  if (auto* asked = std::get_if<Subscribe>(&message.value())) {
    return reply(subscribe(caller, std::move(*asked)));
  }
  if (auto* asked = std::get_if<PushRequest>(&message.value())) {
    return push(caller, std::move(*asked), text.size(), reply);
  }
  reply({.text = error_text_of({ErrorCode::InvalidArgument,
                                "a live connection takes subscribe and push; pull over HTTP"})});
}

LiveReply LiveService::subscribe(const LiveCaller& caller, Subscribe asked) const {
  for (const auto& [scope, cursor] : asked.scopes) {
    if (!caller.principal.reaches(scope)) {
      return {.text = encode(schema_, Message(withdrawn(scope)))};
    }
  }
  if (caller.workspace->subscribe(caller.connection, std::move(asked))) return {};
  return {.text = error_text_of(too_busy)};
}

void LiveService::push(const LiveCaller& caller, PushRequest asked, size_t bytes,
                       const Reply& reply) const {
  if (!caller.principal.has_role(Role::Writer)) {
    return reply({.text = error_text_of(needs_role(Role::Writer))});
  }
  caller.workspace->push(
      std::move(asked), bytes,
      [this, reply](Result<PushResponse> done) {
        reply({.text = done.ok() ? encode(schema_, Message(std::move(done).value()))
                                 : error_text_of(done.error())});
      },
      push_rights(caller.principal));
}

}  // namespace twinstore
