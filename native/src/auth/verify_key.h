// A key that signatures are checked with. The key decides the algorithm, before anything of a token
// is read: what a token says about it is only compared. OpenSSL does the arithmetic.
// Thread rule: const after construction; any thread.
#pragma once

#include <openssl/evp.h>

#include <memory>
#include <string>
#include <string_view>

#include "base/json.h"
#include "twinstore/result.h"

namespace twinstore {

enum class SignatureAlgorithm : uint8_t { Hs256, Rs256, Es256, EdDsa };
// HS256, RS256, ES256, EdDSA.
[[nodiscard]] std::string_view algorithm_text(SignatureAlgorithm algorithm);

class VerifyKey {
 public:
  // One key of a JWKS (RFC 7517, 7518 §6, 8037 §2): oct of 32 bytes or more, RSA of 2048 to 8192
  // bits, EC P-256, or OKP Ed25519. Errors: InvalidArgument, with a sentence that holds nothing of
  // the key, for another one, and for one that says it is for something else.
  [[nodiscard]] static Result<VerifyKey> from_jwk(const JsonValue& jwk);

  [[nodiscard]] SignatureAlgorithm algorithm() const { return algorithm_; }
  [[nodiscard]] const std::string& id() const { return id_; }  // kid; may be empty
  // A shared secret that anybody could guess: an example of a document, or one byte repeated.
  [[nodiscard]] bool is_guessable() const;
  [[nodiscard]] bool verifies(std::string_view signed_text, std::string_view signature) const;

 private:
  struct FreeKey {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  };
  using PublicKey = std::unique_ptr<EVP_PKEY, FreeKey>;
  VerifyKey() = default;
  static Result<PublicKey> read_rsa(const JsonValue& jwk);
  static Result<PublicKey> read_ec(const JsonValue& jwk);
  static Result<PublicKey> read_ed25519(const JsonValue& jwk);
  Result<void> read_material(const JsonValue& jwk);

  SignatureAlgorithm algorithm_ = SignatureAlgorithm::Hs256;
  std::string id_;
  std::string secret_;  // of HS256
  PublicKey public_key_;
};

}  // namespace twinstore
