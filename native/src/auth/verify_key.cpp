#include "auth/verify_key.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/param_build.h>

#include <algorithm>
#include <array>

#include "auth/base64url.h"
#include "base/sha256.h"
#include "config/server_limits.h"

namespace twinstore {
namespace {

constexpr size_t es256_half_bytes = 32;
constexpr size_t ed25519_key_bytes = 32;

struct Kind {
  SignatureAlgorithm algorithm;
  std::string_view text;
  std::string_view key_type;
  std::string_view curve;
};
constexpr std::array<Kind, 4> kinds{{{SignatureAlgorithm::Hs256, "HS256", "oct", ""},
                                     {SignatureAlgorithm::Rs256, "RS256", "RSA", ""},
                                     {SignatureAlgorithm::Es256, "ES256", "EC", "P-256"},
                                     {SignatureAlgorithm::EdDsa, "EdDSA", "OKP", "Ed25519"}}};

// Secrets that stand in documents: RFC 7515 A.1, and the page at jwt.io.
constexpr std::array<std::string_view, 2> known_secrets{
    "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow",
    "YS1zdHJpbmctc2VjcmV0LWF0LWxlYXN0LTI1Ni1iaXRzLWxvbmc"};

Error refuse_key(std::string message) { return {ErrorCode::InvalidArgument, std::move(message)}; }

std::string member(const JsonValue& jwk, const char* name) {
  const auto found = jwk.find(name);
  return found != jwk.end() && found->is_string() ? found->get<std::string>() : std::string();
}

Result<std::string> bytes_of(const JsonValue& jwk, const char* name) {
  const auto bytes = decode_base64url(member(jwk, name));
  if (bytes.ok() && !bytes.value().empty()) return bytes;
  return refuse_key(std::string("a key's ") + name + " is base64url");
}

// use and key_ops say what a key is for (RFC 7517 §4.2, §4.3).
bool is_for_signatures(const JsonValue& jwk) {
  if (jwk.contains("use") && member(jwk, "use") != "sig") return false;
  const auto operations = jwk.find("key_ops");
  if (operations == jwk.end()) return true;
  return operations->is_array() && std::ranges::any_of(*operations, [](const JsonValue& each) {
           return each.is_string() && each.get<std::string>() == "verify";
         });
}

struct FreeBuilder {
  void operator()(OSSL_PARAM_BLD* builder) const { OSSL_PARAM_BLD_free(builder); }
};
struct FreeParameters {
  void operator()(OSSL_PARAM* parameters) const { OSSL_PARAM_free(parameters); }
};
struct FreeContext {
  void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
};
struct FreeDigest {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
struct FreeNumber {
  void operator()(BIGNUM* number) const { BN_free(number); }
};
struct FreeSignature {
  void operator()(ECDSA_SIG* signature) const { ECDSA_SIG_free(signature); }
};
using Number = std::unique_ptr<BIGNUM, FreeNumber>;

const unsigned char* data_of(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

Number number_of(std::string_view bytes) {
  return Number(BN_bin2bn(data_of(bytes), static_cast<int>(bytes.size()), nullptr));
}

// A public key from its parts, if they make a sound one.
EVP_PKEY* make_public_key(const char* type, OSSL_PARAM_BLD* builder) {
  const std::unique_ptr<OSSL_PARAM, FreeParameters> parameters(OSSL_PARAM_BLD_to_param(builder));
  const std::unique_ptr<EVP_PKEY_CTX, FreeContext> context(
      EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* key = nullptr;
  const bool is_made =
      parameters && context && EVP_PKEY_fromdata_init(context.get()) == 1 &&
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) == 1;
  if (!is_made) return nullptr;
  const std::unique_ptr<EVP_PKEY_CTX, FreeContext> check(EVP_PKEY_CTX_new(key, nullptr));
  if (check && EVP_PKEY_public_check(check.get()) == 1) return key;
  EVP_PKEY_free(key);
  return nullptr;
}

// r and s, of 32 bytes each (RFC 7518 §3.4), as OpenSSL takes them. Empty: they are not.
std::string der_signature(std::string_view signature) {
  if (signature.size() != 2 * es256_half_bytes) return {};
  Number r = number_of(signature.substr(0, es256_half_bytes));
  Number s = number_of(signature.substr(es256_half_bytes));
  const std::unique_ptr<ECDSA_SIG, FreeSignature> made(ECDSA_SIG_new());
  if (!made || !r || !s || ECDSA_SIG_set0(made.get(), r.get(), s.get()) != 1) return {};
  (void)r.release();
  (void)s.release();
  unsigned char* der = nullptr;
  const int length = i2d_ECDSA_SIG(made.get(), &der);
  if (length <= 0) return {};
  std::string out(reinterpret_cast<char*>(der), static_cast<size_t>(length));
  OPENSSL_free(der);
  return out;
}

}  // namespace

std::string_view algorithm_text(SignatureAlgorithm algorithm) {
  return kinds[static_cast<size_t>(algorithm)].text;
}

Result<VerifyKey> VerifyKey::from_jwk(const JsonValue& jwk) {
  if (!jwk.is_object()) return refuse_key("a key is a JSON object");
  if (!is_for_signatures(jwk)) return refuse_key("this key is not for signatures");
  const auto kind = std::ranges::find_if(kinds, [&](const Kind& each) {
    return each.key_type == member(jwk, "kty") && each.curve == member(jwk, "crv");
  });
  const bool is_known =
      kind != kinds.end() && (!jwk.contains("alg") || member(jwk, "alg") == kind->text);
  if (!is_known) return refuse_key("a key is for HS256, RS256, ES256 or EdDSA");
  VerifyKey key;
  key.algorithm_ = kind->algorithm;
  key.id_ = member(jwk, "kid");
  if (key.id_.size() > limits::key_id_bytes_max) return refuse_key("a kid has at most 256 bytes");
  TWINSTORE_TRY_VOID(key.read_material(jwk));
  return key;
}

Result<void> VerifyKey::read_material(const JsonValue& jwk) {
  switch (algorithm_) {
    case SignatureAlgorithm::Hs256: {
      TWINSTORE_TRY(secret_, bytes_of(jwk, "k"));
      if (secret_.size() >= limits::hmac_secret_bytes_min) return {};
      return refuse_key("a shared secret has at least 32 bytes");
    }
    case SignatureAlgorithm::Rs256: {
      TWINSTORE_TRY(public_key_, read_rsa(jwk));
      return {};
    }
    case SignatureAlgorithm::Es256: {
      TWINSTORE_TRY(public_key_, read_ec(jwk));
      return {};
    }
    case SignatureAlgorithm::EdDsa: {
      TWINSTORE_TRY(public_key_, read_ed25519(jwk));
      return {};
    }
  }
  return refuse_key("a key is for HS256, RS256, ES256 or EdDSA");
}

Result<VerifyKey::PublicKey> VerifyKey::read_rsa(const JsonValue& jwk) {
  TWINSTORE_TRY(const std::string modulus, bytes_of(jwk, "n"));
  TWINSTORE_TRY(const std::string exponent, bytes_of(jwk, "e"));
  const Number n = number_of(modulus);
  const Number e = number_of(exponent);
  const auto bits = static_cast<size_t>(n ? BN_num_bits(n.get()) : 0);
  if (bits < limits::rsa_bits_min || bits > limits::rsa_bits_max) {
    return refuse_key("an RSA key has 2048 to 8192 bits");
  }
  const std::unique_ptr<OSSL_PARAM_BLD, FreeBuilder> builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get());
  PublicKey key(make_public_key("RSA", builder.get()));
  if (!key) return refuse_key("this is no sound RSA key");
  return key;
}

Result<VerifyKey::PublicKey> VerifyKey::read_ec(const JsonValue& jwk) {
  TWINSTORE_TRY(const std::string x, bytes_of(jwk, "x"));
  TWINSTORE_TRY(const std::string y, bytes_of(jwk, "y"));
  if (x.size() != es256_half_bytes || y.size() != es256_half_bytes) {
    return refuse_key("a point of P-256 has two coordinates of 32 bytes");
  }
  const std::string point = '\x04' + x + y;  // SEC 1 §2.3.3: uncompressed
  const std::unique_ptr<OSSL_PARAM_BLD, FreeBuilder> builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0);
  OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                   point.size());
  PublicKey key(make_public_key("EC", builder.get()));
  if (!key) return refuse_key("this is no point of P-256");
  return key;
}

Result<VerifyKey::PublicKey> VerifyKey::read_ed25519(const JsonValue& jwk) {
  TWINSTORE_TRY(const std::string x, bytes_of(jwk, "x"));
  if (x.size() != ed25519_key_bytes) return refuse_key("an Ed25519 key has 32 bytes");
  PublicKey key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, data_of(x), x.size()));
  if (!key) return refuse_key("this is no Ed25519 key");
  return key;
}

bool VerifyKey::is_guessable() const {
  if (algorithm_ != SignatureAlgorithm::Hs256) return false;
  const bool is_one_byte = secret_.find_first_not_of(secret_.front()) == std::string::npos;
  return is_one_byte ||
         std::ranges::find(known_secrets, encode_base64url(secret_)) != known_secrets.end();
}

bool VerifyKey::verifies(std::string_view signed_text, std::string_view signature) const {
  if (algorithm_ == SignatureAlgorithm::Hs256) {
    const Sha256 expected = hmac_sha256(secret_, signed_text);
    return signature.size() == expected.size() &&
           CRYPTO_memcmp(signature.data(), expected.data(), expected.size()) == 0;
  }
  std::string der;
  if (algorithm_ == SignatureAlgorithm::Es256) {
    der = der_signature(signature);
    if (der.empty()) return false;
    signature = der;
  }
  // Ed25519 hashes by itself; RSA pads as PKCS #1 v1.5 unless told otherwise, which is RS256.
  const EVP_MD* digest = algorithm_ == SignatureAlgorithm::EdDsa ? nullptr : EVP_sha256();
  const std::unique_ptr<EVP_MD_CTX, FreeDigest> context(EVP_MD_CTX_new());
  return context &&
         EVP_DigestVerifyInit(context.get(), nullptr, digest, nullptr, public_key_.get()) == 1 &&
         EVP_DigestVerify(context.get(), data_of(signature), signature.size(), data_of(signed_text),
                          signed_text.size()) == 1;
}

}  // namespace twinstore
