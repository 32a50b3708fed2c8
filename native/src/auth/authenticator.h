// Who a token belongs to. Two kinds are known: those of a TokenFile, and JWTs that a key of a JWKS
// vouches for. Both files are read again when they change, so that a right can be withdrawn.
// Thread rule: the I/O thread. Next: principal.h for what they may do, jwt.h, token_file.h.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "auth/jwt.h"
#include "auth/principal.h"
#include "auth/token_file.h"
#include "auth/watched_file.h"
#include "http/message.h"
#include "twinstore/clock.h"

namespace twinstore {

// The one token of a request's Authorization header (RFC 6750 §2.1); empty when there is none, or
// several, or another form.
[[nodiscard]] std::string_view bearer_token(const HttpRequest& request);

struct AuthOptions {
  std::string token_file{};  // empty: none
  std::string key_file{};    // a JWKS; empty: none
  std::string issuer{};      // of JWTs; needed with keys
  std::string audience{};

  [[nodiscard]] bool is_on() const { return !token_file.empty() || !key_file.empty(); }
};

class Authenticator {
 public:
  // Without files nobody needs a token: each caller is the local principal. `clock` outlives it.
  // Errors: InvalidArgument and NotFound, with a sentence, for options and files that are not in
  // order: this is no server to start.
  [[nodiscard]] static Result<std::unique_ptr<Authenticator>> open(const AuthOptions& options,
                                                                   std::string default_workspace,
                                                                   Clock& clock);

  [[nodiscard]] bool is_on() const { return tokens_.has_value() || keys_.has_value(); }
  // Errors: Unauthorized, without a reason: that stands in the log.
  [[nodiscard]] Result<Principal> authenticate(std::string_view token) const;

  // Reads files that have changed. One that is not in order is logged, and what was read before
  // stands.
  void reload();
  // Another number after a reload that may have changed what a token means.
  [[nodiscard]] uint64_t generation() const { return generation_; }

 private:
  template <class T>
  struct Watched {
    WatchedFile file;
    T content{};
  };
  Authenticator(std::string default_workspace, Clock& clock);
  Result<void> read_tokens();
  Result<void> read_keys();
  Result<Principal> find(std::string_view token) const;

  Clock& clock_;
  ClaimRules rules_;
  std::optional<Watched<TokenFile>> tokens_;
  std::optional<Watched<KeySet>> keys_;
  uint64_t generation_ = 0;
};

}  // namespace twinstore
