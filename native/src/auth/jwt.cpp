#include "auth/jwt.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "auth/base64url.h"
#include "config/database_url.h"
#include "config/server_limits.h"
#include "http/message.h"

namespace twinstore {
namespace {

Error refuse_token(std::string reason) { return {ErrorCode::Unauthorized, std::move(reason)}; }

// Errors of parsing and decoding, as the refusal that they are here.
template <class T>
Result<T> or_refuse(Result<T> result, const char* what) {
  if (result.ok()) return result;
  return refuse_token(std::string(what) + ": " + result.error().message);
}

struct Parts {
  std::string_view header;
  std::string_view payload;
  std::string_view signature;
  std::string_view signed_text;
};

Result<Parts> split(std::string_view token) {
  if (token.size() > limits::token_bytes_max) return refuse_token("a token has at most 8 KiB");
  const size_t first = token.find('.');
  const size_t second = first == std::string_view::npos ? first : token.find('.', first + 1);
  if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos) {
    return refuse_token("a token has three parts");
  }
  return Parts{token.substr(0, first), token.substr(first + 1, second - first - 1),
               token.substr(second + 1), token.substr(0, second)};
}

// The header of a JWT has no business saying more than which key to use (RFC 8725 §3).
Result<const VerifyKey*> key_for(const KeySet& keys, const JsonValue& header) {
  if (!header.is_object()) return refuse_token("the header is no object");
  const auto text = [&](const char* name) {
    const auto found = header.find(name);
    return found != header.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  if (header.contains("crit"))
    return refuse_token("the header has extensions that must be understood");
  if (header.contains("kid") && text("kid").empty()) return refuse_token("the kid is no text");
  if (header.contains("typ") && !is_same_token(text("typ"), "JWT")) {
    return refuse_token("the typ is not JWT");
  }
  const VerifyKey* key = keys.find(text("kid"));
  if (key == nullptr) return refuse_token("there is no such key");
  if (text("alg") != algorithm_text(key->algorithm()))
    return refuse_token("the key is for another alg");
  return key;
}

// Seconds since 1970, fractions allowed (RFC 7519 §2), as milliseconds; nothing when not named.
Result<std::optional<int64_t>> read_time(const JsonValue& claims, const char* name) {
  const auto found = claims.find(name);
  if (found == claims.end()) return std::optional<int64_t>();
  const double seconds = found->is_number() ? found->get<double>() : -1;
  if (seconds < 0 || seconds > static_cast<double>(limits::integer_max) / 1000) {
    return refuse_token(std::string(name) + " is no time");
  }
  return std::optional(static_cast<int64_t>(std::floor(seconds * 1000)));
}

bool names_audience(const JsonValue& claims, const std::string& audience) {
  const auto found = claims.find("aud");
  if (found == claims.end()) return false;
  if (found->is_string()) return found->get<std::string>() == audience;
  return found->is_array() && std::ranges::any_of(*found, [&](const JsonValue& each) {
           return each.is_string() && each.get<std::string>() == audience;
         });
}

Result<int64_t> check_registered(const JsonValue& claims, const ClaimRules& rules, int64_t now_ms) {
  TWINSTORE_TRY(const auto expires, read_time(claims, "exp"));
  TWINSTORE_TRY(const auto begins, read_time(claims, "nbf"));
  TWINSTORE_TRY(const auto issued, read_time(claims, "iat"));
  constexpr int64_t skew = limits::clock_skew_max_ms;
  if (!expires) return refuse_token("there is no exp");
  if (*expires <= now_ms - skew) return refuse_token("it has expired");
  if (begins && *begins > now_ms + skew) return refuse_token("it is not valid yet");
  if (issued && *issued > now_ms + skew) return refuse_token("it was issued in the future");
  const auto issuer = claims.find("iss");
  if (issuer == claims.end() || *issuer != rules.issuer)
    return refuse_token("it is of another issuer");
  if (!names_audience(claims, rules.audience)) return refuse_token("it is for another audience");
  return *expires;
}

Result<void> read_scopes(const JsonValue& scopes, Principal& principal) {
  if (!scopes.is_array() || scopes.size() > limits::token_scopes_max) {
    return refuse_token("scopes is an array of at most 256 patterns");
  }
  principal.scopes.clear();
  for (const JsonValue& scope : scopes) {
    if (!scope.is_string() || !is_scope_pattern(scope.get<std::string>())) {
      return refuse_token("a scope is a repository, or its beginning and a star");
    }
    principal.scopes.push_back(scope.get<std::string>());
  }
  return {};
}

// A member that is not known could be one that was meant to limit.
Result<void> read_rights(const JsonValue& rights, Principal& principal) {
  for (const auto& [name, value] : rights.items()) {
    if (name == "role" && value.is_string()) {
      TWINSTORE_TRY(principal.role, or_refuse(parse_role(value.get<std::string>()), "role"));
    } else if (name == "workspace" && value.is_string() &&
               is_workspace_name(value.get<std::string>())) {
      principal.workspace = value.get<std::string>();
    } else if (name == "scopes") {
      TWINSTORE_TRY_VOID(read_scopes(value, principal));
    } else {
      return refuse_token("the member twinstore has a wrong " + name);
    }
  }
  if (principal.role == Role::Anyone) return refuse_token("the member twinstore names no role");
  return {};
}

bool is_principal_name(const std::string& name) {
  return !name.empty() && name.size() <= limits::principal_name_bytes_max &&
         std::ranges::none_of(name, [](char c) { return static_cast<unsigned char>(c) < 0x20; });
}

}  // namespace

Result<KeySet> KeySet::parse(std::string_view jwks) {
  TWINSTORE_TRY(const JsonValue json, parse_json(jwks));
  const JsonValue* list = json_array(json, "keys");
  if (list == nullptr || list->empty() || list->size() > limits::keys_max) {
    return Error{ErrorCode::InvalidArgument, "a JWKS holds 1 to 64 keys in the member keys"};
  }
  KeySet set;
  std::set<std::string> ids;
  for (const JsonValue& jwk : *list) {
    TWINSTORE_TRY(VerifyKey key, VerifyKey::from_jwk(jwk));
    const bool is_named = !key.id().empty() || list->size() == 1;
    if (!is_named || !ids.insert(key.id()).second) {
      return Error{ErrorCode::InvalidArgument, "each of several keys has a kid of its own"};
    }
    set.keys_.push_back(std::move(key));
  }
  return set;
}

const VerifyKey* KeySet::find(std::string_view kid) const {
  if (kid.empty()) return keys_.size() == 1 ? &keys_.front() : nullptr;
  const auto at = std::ranges::find(keys_, kid, &VerifyKey::id);
  return at == keys_.end() ? nullptr : &*at;
}

bool KeySet::has_guessable() const { return std::ranges::any_of(keys_, &VerifyKey::is_guessable); }

bool KeySet::has_secret() const {
  return std::ranges::count(keys_, SignatureAlgorithm::Hs256, &VerifyKey::algorithm) > 0;
}

Result<std::string> verify_signature(const KeySet& keys, std::string_view token) {
  TWINSTORE_TRY(const Parts parts, split(token));
  TWINSTORE_TRY(const std::string header, or_refuse(decode_base64url(parts.header), "header"));
  TWINSTORE_TRY(const JsonValue json, or_refuse(parse_json(header), "header"));
  TWINSTORE_TRY(const VerifyKey* const key, key_for(keys, json));
  TWINSTORE_TRY(const std::string signature,
                or_refuse(decode_base64url(parts.signature), "signature"));
  if (!key->verifies(parts.signed_text, signature)) return refuse_token("the signature is wrong");
  return or_refuse(decode_base64url(parts.payload), "payload");
}

Result<Principal> read_claims(std::string_view payload, const ClaimRules& rules, int64_t now_ms) {
  TWINSTORE_TRY(const JsonValue claims, or_refuse(parse_json(payload), "claims"));
  if (!claims.is_object()) return refuse_token("the claims are no object");
  Principal principal;
  TWINSTORE_TRY(principal.expires_ms, check_registered(claims, rules, now_ms));
  const auto subject = json_text(claims, "sub");
  if (!subject.ok() || !is_principal_name(subject.value())) return refuse_token("there is no sub");
  const JsonValue* rights = json_object(claims, "twinstore");
  if (rights == nullptr) return refuse_token("there is no member twinstore");
  principal.name = "jwt/" + subject.value();
  principal.workspace = rules.default_workspace;
  principal.scopes = {"*"};
  TWINSTORE_TRY_VOID(read_rights(*rights, principal));
  return principal;
}

}  // namespace twinstore
