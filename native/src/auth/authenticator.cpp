#include "auth/authenticator.h"

#include <algorithm>

#include "base/log.h"

namespace twinstore {
namespace {

constexpr std::string_view scheme = "Bearer ";

Error invalid_auth(std::string message) { return {ErrorCode::InvalidArgument, std::move(message)}; }

Error in_file(const WatchedFile& file, const Error& error) {
  return {error.code, file.path() + ": " + error.message};
}

}  // namespace

std::string_view bearer_token(const HttpRequest& request) {
  const auto is_it = [](const auto& header) {
    return is_same_token(header.first, "Authorization");
  };
  if (std::ranges::count_if(request.headers, is_it) != 1) return {};
  const std::string_view value = request.header("Authorization");
  const bool is_bearer =
      value.size() > scheme.size() && is_same_token(value.substr(0, scheme.size()), scheme);
  return is_bearer ? value.substr(scheme.size()) : std::string_view();
}

Authenticator::Authenticator(std::string default_workspace, Clock& clock)
    : clock_(clock), rules_{{}, {}, std::move(default_workspace)} {}

Result<std::unique_ptr<Authenticator>> Authenticator::open(const AuthOptions& options,
                                                           std::string default_workspace,
                                                           Clock& clock) {
  std::unique_ptr<Authenticator> made(new Authenticator(std::move(default_workspace), clock));
  if (!options.token_file.empty()) {
    made->tokens_.emplace(Watched<TokenFile>{WatchedFile(options.token_file)});
    TWINSTORE_TRY_VOID(made->read_tokens());
  }
  if (!options.key_file.empty()) {
    if (options.issuer.empty() || options.audience.empty()) {
      return invalid_auth("keys for JWTs need the issuer and the audience that tokens must name");
    }
    made->rules_.issuer = options.issuer;
    made->rules_.audience = options.audience;
    made->keys_.emplace(Watched<KeySet>{WatchedFile(options.key_file)});
    TWINSTORE_TRY_VOID(made->read_keys());
  }
  return made;
}

Result<void> Authenticator::read_tokens() {
  WatchedFile& file = tokens_->file;
  TWINSTORE_TRY(const auto text, file.read_if_changed());
  if (!text) return {};
  auto parsed = TokenFile::parse(*text);
  if (!parsed.ok()) return in_file(file, parsed.error());
  tokens_->content = std::move(parsed).value();
  ++generation_;
  return {};
}

Result<void> Authenticator::read_keys() {
  WatchedFile& file = keys_->file;
  TWINSTORE_TRY(const auto text, file.read_if_changed());
  if (!text) return {};
  auto parsed = KeySet::parse(*text);
  if (!parsed.ok()) return in_file(file, parsed.error());
  if (parsed.value().has_guessable()) {
    return in_file(file,
                   invalid_auth("holds a secret that anybody could guess; make one of your own"));
  }
  if (parsed.value().has_secret() && file.is_open_to_others()) {
    return in_file(file, invalid_auth("holds a secret and can be read by others; chmod 600 it"));
  }
  keys_->content = std::move(parsed).value();
  ++generation_;
  return {};
}

void Authenticator::reload() {
  const auto read = [](Result<void> done) {
    if (!done.ok()) log_error("tokens not read again", {{"detail", done.error().message}});
  };
  if (tokens_) read(read_tokens());
  if (keys_) read(read_keys());
}

Result<Principal> Authenticator::find(std::string_view token) const {
  if (tokens_) {
    if (const TokenRecord* record = tokens_->content.find(token)) {
      Principal principal = record->principal;
      if (principal.expires_ms != 0 && principal.expires_ms <= clock_.now_ms()) {
        return Error{ErrorCode::Unauthorized, "token " + record->id + " has expired"};
      }
      principal.name = "token/" + principal.name;
      return principal;
    }
  }
  if (!keys_) return Error{ErrorCode::Unauthorized, "no such token"};
  TWINSTORE_TRY(const std::string payload, verify_signature(keys_->content, token));
  return read_claims(payload, rules_, clock_.now_ms());
}

Result<Principal> Authenticator::authenticate(std::string_view token) const {
  if (!is_on()) return local_principal(rules_.default_workspace);
  auto found =
      token.empty() ? Result<Principal>(Error{ErrorCode::Unauthorized, "no token"}) : find(token);
  if (found.ok()) return found;
  log_info("not authenticated", {{"reason", found.error().message}});
  return Error{ErrorCode::Unauthorized, "a valid token is needed"};
}

}  // namespace twinstore
