#include "token_mint.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "auth/base64url.h"
#include "base/sha256.h"

namespace twinstore::test {
namespace {

EVP_PKEY* make_key(SignatureAlgorithm algorithm) {
  switch (algorithm) {
    case SignatureAlgorithm::Rs256: return EVP_RSA_gen(2048);
    case SignatureAlgorithm::Es256: return EVP_EC_gen("P-256");
    case SignatureAlgorithm::EdDsa: return EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
    default: return nullptr;
  }
}

std::string number_of(EVP_PKEY* key, const char* name, int bytes) {
  BIGNUM* number = nullptr;
  TWINSTORE_CHECK(EVP_PKEY_get_bn_param(key, name, &number) == 1);
  const int length = bytes == 0 ? BN_num_bytes(number) : bytes;
  std::string out(static_cast<size_t>(length), '\0');
  BN_bn2binpad(number, reinterpret_cast<unsigned char*>(out.data()), length);
  BN_free(number);
  return encode_base64url(out);
}

// r and s side by side, of what OpenSSL wraps in DER.
std::string raw_signature(const std::string& der) {
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  ECDSA_SIG* signature = d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size()));
  std::string out(64, '\0');
  auto* bytes = reinterpret_cast<unsigned char*>(out.data());
  BN_bn2binpad(ECDSA_SIG_get0_r(signature), bytes, 32);
  BN_bn2binpad(ECDSA_SIG_get0_s(signature), bytes + 32, 32);
  ECDSA_SIG_free(signature);
  return out;
}

}  // namespace

TokenMint::TokenMint(SignatureAlgorithm algorithm, std::string kid)
    : algorithm_(algorithm), kid_(std::move(kid)), key_(make_key(algorithm)) {
  if (!key_) secret_ = "0123456789abcdef of 32 bytes/more " + kid_;
}

Json TokenMint::jwk() const {
  Json jwk{{"kid", kid_}, {"use", "sig"}, {"alg", algorithm_text(algorithm_)}};
  switch (algorithm_) {
    case SignatureAlgorithm::Hs256:
      jwk["kty"] = "oct";
      jwk["k"] = encode_base64url(secret_);
      break;
    case SignatureAlgorithm::Rs256:
      jwk["kty"] = "RSA";
      jwk["n"] = number_of(key_.get(), OSSL_PKEY_PARAM_RSA_N, 0);
      jwk["e"] = number_of(key_.get(), OSSL_PKEY_PARAM_RSA_E, 0);
      break;
    case SignatureAlgorithm::Es256:
      jwk["kty"] = "EC";
      jwk["crv"] = "P-256";
      jwk["x"] = number_of(key_.get(), OSSL_PKEY_PARAM_EC_PUB_X, 32);
      jwk["y"] = number_of(key_.get(), OSSL_PKEY_PARAM_EC_PUB_Y, 32);
      break;
    case SignatureAlgorithm::EdDsa: {
      std::string raw(32, '\0');
      size_t length = raw.size();
      EVP_PKEY_get_raw_public_key(key_.get(), reinterpret_cast<unsigned char*>(raw.data()),
                                  &length);
      jwk["kty"] = "OKP";
      jwk["crv"] = "Ed25519";
      jwk["x"] = encode_base64url(raw);
      break;
    }
  }
  return jwk;
}

std::string TokenMint::public_der() const {
  unsigned char* der = nullptr;
  const int length = i2d_PUBKEY(key_.get(), &der);
  std::string out(reinterpret_cast<char*>(der), static_cast<size_t>(length));
  OPENSSL_free(der);
  return out;
}

std::string TokenMint::public_pem() const {
  const std::string der = public_der();
  std::string base64(der.size() * 4 / 3 + 8, '\0');
  const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(base64.data()),
                                     reinterpret_cast<const unsigned char*>(der.data()),
                                     static_cast<int>(der.size()));
  base64.resize(static_cast<size_t>(length));
  std::string pem = "-----BEGIN PUBLIC KEY-----\n";
  for (size_t at = 0; at < base64.size(); at += 64) pem += base64.substr(at, 64) + "\n";
  return pem + "-----END PUBLIC KEY-----\n";
}

Json TokenMint::header() const {
  return {{"alg", algorithm_text(algorithm_)}, {"kid", kid_}, {"typ", "JWT"}};
}

std::string TokenMint::signature_of(const std::string& text) const {
  if (algorithm_ == SignatureAlgorithm::Hs256) {
    const Sha256 mac = hmac_sha256(secret_, text);
    return {reinterpret_cast<const char*>(mac.data()), mac.size()};
  }
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  const EVP_MD* digest = algorithm_ == SignatureAlgorithm::EdDsa ? nullptr : EVP_sha256();
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  size_t length = 0;
  TWINSTORE_CHECK(EVP_DigestSignInit(context, nullptr, digest, nullptr, key_.get()) == 1);
  TWINSTORE_CHECK(EVP_DigestSign(context, nullptr, &length, bytes, text.size()) == 1);
  std::string out(length, '\0');
  TWINSTORE_CHECK(EVP_DigestSign(context, reinterpret_cast<unsigned char*>(out.data()), &length,
                                 bytes, text.size()) == 1);
  out.resize(length);
  EVP_MD_CTX_free(context);
  return algorithm_ == SignatureAlgorithm::Es256 ? raw_signature(out) : out;
}

std::string TokenMint::sign(const std::string& header, const std::string& payload) const {
  const std::string text = encode_base64url(header) + "." + encode_base64url(payload);
  return text + "." + encode_base64url(signature_of(text));
}

std::string compact(const std::string& header, const std::string& payload,
                    const std::string& signature) {
  return encode_base64url(header) + "." + encode_base64url(payload) + "." +
         encode_base64url(signature);
}

std::string hmac_token(const std::string& header, const std::string& payload,
                       const std::string& secret) {
  const std::string text = encode_base64url(header) + "." + encode_base64url(payload);
  const Sha256 mac = hmac_sha256(secret, text);
  return text + "." + encode_base64url({reinterpret_cast<const char*>(mac.data()), mac.size()});
}

}  // namespace twinstore::test
