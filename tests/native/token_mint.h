// Keys of the tests' own, and tokens signed with them: good ones, and such as an attacker makes.
#pragma once

#include <openssl/evp.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "auth/jwt.h"

namespace twinstore::test {

using Json = nlohmann::ordered_json;

class TokenMint {
 public:
  explicit TokenMint(SignatureAlgorithm algorithm, std::string kid = "k1");

  // The key as a JWKS has it.
  [[nodiscard]] Json jwk() const;
  [[nodiscard]] std::string jwks() const { return Json{{"keys", {jwk()}}}.dump(); }
  // The public key, and for HS256 the secret, as PEM, DER and raw bytes that a library could be
  // talked into using for HMAC.
  [[nodiscard]] std::string public_pem() const;
  [[nodiscard]] std::string public_der() const;

  [[nodiscard]] Json header() const;
  [[nodiscard]] std::string sign(const std::string& header, const std::string& payload) const;
  [[nodiscard]] std::string sign(const Json& claims) const {
    return sign(header().dump(), claims.dump());
  }
  [[nodiscard]] std::string signature_of(const std::string& text) const;

 private:
  struct FreeKey {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  };
  SignatureAlgorithm algorithm_;
  std::string kid_;
  std::string secret_;
  std::unique_ptr<EVP_PKEY, FreeKey> key_;
};

// header.payload.signature with the parts as they are.
std::string compact(const std::string& header, const std::string& payload,
                    const std::string& signature);
// What HMAC-SHA-256 under `secret` makes of the header and payload.
std::string hmac_token(const std::string& header, const std::string& payload,
                       const std::string& secret);

}  // namespace twinstore::test
