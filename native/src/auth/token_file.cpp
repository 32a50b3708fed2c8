#include "auth/token_file.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <array>

#include "auth/base64url.h"
#include "base/files.h"
#include "base/json.h"
#include "base/sha256.h"
#include "config/database_url.h"
#include "config/server_limits.h"
#include "twinstore/time_text.h"

namespace twinstore {
namespace {

constexpr std::string_view prefix = "tws_";  // so that scanners of repositories know it
constexpr size_t id_bytes = 6;
constexpr size_t secret_bytes = 32;

Error invalid_token_file(std::string message) {
  return {ErrorCode::InvalidArgument, std::move(message)};
}

std::string random_text(size_t bytes, IdSource& ids) {
  std::array<uint8_t, secret_bytes> random{};
  ids.fill(std::span(random).first(bytes));
  return encode_base64url({reinterpret_cast<const char*>(random.data()), bytes});
}

// tws_ID_SECRET; the alphabet has an underscore, so the id is told by its length.
std::string_view id_of(std::string_view token) {
  constexpr size_t id_length = id_bytes * 4 / 3;
  if (!token.starts_with(prefix) || token.size() <= prefix.size() + id_length) return {};
  return token.substr(prefix.size(), id_length);
}

bool is_token_name(std::string_view name) {
  constexpr std::string_view allowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.@";
  return !name.empty() && name.size() <= limits::name_bytes_max &&
         name.find_first_not_of(allowed) == std::string_view::npos;
}

Result<void> check(const Principal& principal) {
  if (!is_token_name(principal.name)) {
    return invalid_token_file(
        "a token's name has 1 to 63 characters of a-z, A-Z, 0-9, _, -, . and @");
  }
  if (!is_workspace_name(principal.workspace)) {
    return invalid_token_file("a workspace has 1 to 63 characters of a-z, 0-9, _ and -");
  }
  if (principal.role == Role::Anyone) return invalid_token_file("a token has a role");
  const bool are_patterns = std::ranges::all_of(
      principal.scopes, [](const auto& each) { return is_scope_pattern(each); });
  if (are_patterns && principal.scopes.size() <= limits::token_scopes_max) return {};
  return invalid_token_file(
      "a scope is a repository, or its beginning and a star; a token has at most 256");
}

nlohmann::ordered_json json_of(const TokenRecord& record) {
  const Principal& principal = record.principal;
  nlohmann::ordered_json json{{"id", record.id},
                              {"name", principal.name},
                              {"hash", record.hash},
                              {"role", role_text(principal.role)},
                              {"workspace", principal.workspace},
                              {"scopes", principal.scopes},
                              {"created_at", time_text(record.created_ms)}};
  if (principal.expires_ms != 0) json["expires_at"] = time_text(principal.expires_ms);
  return json;
}

Result<int64_t> read_time(const JsonValue& json, const char* name) {
  TWINSTORE_TRY(const std::string text, json_text(json, name));
  return parse_time(text);
}

Result<TokenRecord> record_of(const JsonValue& json) {
  if (!json.is_object()) return invalid_token_file("a token is an object");
  TokenRecord record;
  Principal& principal = record.principal;
  TWINSTORE_TRY(record.id, json_text(json, "id"));
  TWINSTORE_TRY(principal.name, json_text(json, "name"));
  TWINSTORE_TRY(record.hash, json_text(json, "hash"));
  TWINSTORE_TRY(const std::string role, json_text(json, "role"));
  TWINSTORE_TRY(principal.role, parse_role(role));
  TWINSTORE_TRY(principal.workspace, json_text(json, "workspace"));
  const JsonValue* scopes = json_array(json, "scopes");
  if (scopes == nullptr) return invalid_token_file("a token has scopes");
  for (const JsonValue& scope : *scopes) {
    principal.scopes.push_back(scope.is_string() ? scope.get<std::string>() : std::string());
  }
  TWINSTORE_TRY(record.created_ms, read_time(json, "created_at"));
  if (json.contains("expires_at")) {
    TWINSTORE_TRY(principal.expires_ms, read_time(json, "expires_at"));
  }
  TWINSTORE_TRY_VOID(check(principal));
  return record;
}

}  // namespace

Result<TokenFile> TokenFile::parse(std::string_view text) {
  TWINSTORE_TRY(const JsonValue json, parse_json(text));
  const JsonValue* list = json_array(json, "tokens");
  if (list == nullptr) return invalid_token_file("a file of tokens has the member tokens");
  TokenFile file;
  for (const JsonValue& each : *list) {
    TWINSTORE_TRY(TokenRecord record, record_of(each));
    file.records_.push_back(std::move(record));
  }
  return file;
}

std::string TokenFile::text() const {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const TokenRecord& record : records_) list.push_back(json_of(record));
  return nlohmann::ordered_json{{"tokens", std::move(list)}}.dump(2) + "\n";
}

const TokenRecord* TokenFile::find(std::string_view token) const {
  const auto at = std::ranges::find(records_, id_of(token), &TokenRecord::id);
  if (at == records_.end()) return nullptr;
  const std::string hash = hex_text(sha256(token));
  const bool is_same = at->hash.size() == hash.size() &&
                       CRYPTO_memcmp(at->hash.data(), hash.data(), hash.size()) == 0;
  return is_same ? &*at : nullptr;
}

bool TokenFile::remove(std::string_view id) {
  return std::erase_if(records_, [&](const TokenRecord& each) { return each.id == id; }) > 0;
}

Result<void> TokenFile::update(const std::string& path,
                               const std::function<Result<void>(TokenFile&)>& change) {
  return update_private_file(path, [&](const std::string& before) -> Result<std::string> {
    TokenFile file;
    if (!before.empty()) {
      TWINSTORE_TRY(file, TokenFile::parse(before));
    }
    TWINSTORE_TRY_VOID(change(file));
    return file.text();
  });
}

Result<NewToken> make_token(Principal principal, Clock& clock, IdSource& ids) {
  TWINSTORE_TRY_VOID(check(principal));
  NewToken made;
  made.record.id = random_text(id_bytes, ids);
  made.text = std::string(prefix) + made.record.id + "_" + random_text(secret_bytes, ids);
  made.record.hash = hex_text(sha256(made.text));
  made.record.principal = std::move(principal);
  made.record.created_ms = clock.now_ms();
  return made;
}

}  // namespace twinstore
