// JSON Web Tokens (RFC 7519) in compact form: whose signature it is, and what it says. Whatever is
// not understood is refused; nothing that a token names (a key, an address, a file) is fetched.
// Thread rule: pure functions over const keys.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "auth/principal.h"
#include "auth/verify_key.h"

namespace twinstore {

class KeySet {
 public:
  // A JWKS (RFC 7517 §5) of 1 to 64 keys, each with a kid of its own unless it is the only one.
  // Errors: those of parse_json and VerifyKey::from_jwk, InvalidArgument.
  [[nodiscard]] static Result<KeySet> parse(std::string_view jwks);

  // Null when there is none. Without a kid only a single key is meant.
  [[nodiscard]] const VerifyKey* find(std::string_view kid) const;
  [[nodiscard]] bool has_guessable() const;
  [[nodiscard]] bool has_secret() const;

 private:
  std::vector<VerifyKey> keys_;
};

// What the token's signature vouches for: the payload's bytes. Errors: Unauthorized, with the
// reason for a log.
[[nodiscard]] Result<std::string> verify_signature(const KeySet& keys, std::string_view token);

struct ClaimRules {
  std::string issuer;
  std::string audience;
  std::string default_workspace;
};

// exp, iss, aud, sub, nbf and iat (RFC 7519 §4.1), and the member `twinstore` with `role`,
// `workspace` and `scopes`. A minute of difference between clocks is borne.
// Errors: Unauthorized, with the reason for a log.
[[nodiscard]] Result<Principal> read_claims(std::string_view payload, const ClaimRules& rules,
                                            int64_t now_ms);

}  // namespace twinstore
