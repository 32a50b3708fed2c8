// A server that asks for tokens, and tokens for it.
#pragma once

#include <map>

#include "auth/token_file.h"
#include "native_world.h"

namespace twinstore::test {

class TokenFolder {
 public:
  [[nodiscard]] std::string path() const { return (folder_.path() / "tokens.json").string(); }
  // The token's text.
  std::string add(Principal principal) {
    SystemClock clock;
    SystemIdSource ids;
    const auto made = make_token(std::move(principal), clock, ids);
    TWINSTORE_CHECK(made.ok());
    change([&](TokenFile& file) { file.add(made.value().record); });
    return made.value().text;
  }
  void revoke(std::string_view token) {
    change([&](TokenFile& file) {
      const TokenRecord* record = file.find(token);
      TWINSTORE_CHECK(record != nullptr && file.remove(std::string(record->id)));
    });
  }
  void change(const std::function<void(TokenFile&)>& how) const {
    TWINSTORE_CHECK(TokenFile::update(path(), [&](TokenFile& file) -> Result<void> {
                      how(file);
                      return {};
                    }).ok());
  }

 private:
  TempFolder folder_;
};

inline Principal principal_of(const std::string& name, Role role, const std::string& scope = "*",
                              const std::string& workspace = "main") {
  return {.name = name, .role = role, .scopes = {scope}, .workspace = workspace};
}

// Starts with a token for each principal, and for an admin of everything.
struct AuthServer {
  TokenFolder tokens;
  std::map<std::string, std::string> token;  // by name
  std::string admin;
  TestServer server;

  explicit AuthServer(std::vector<Principal> principals = {}, ServerOptions options = {})
      : server({}, prepared(std::move(principals), std::move(options))) {}
  [[nodiscard]] uint16_t port() const { return server.port(); }

 private:
  ServerOptions prepared(std::vector<Principal> principals, ServerOptions options) {
    admin = tokens.add(principal_of("admin", Role::Admin));
    for (Principal& principal : principals) {
      const std::string name = principal.name;
      token[name] = tokens.add(std::move(principal));
    }
    options.auth.token_file = tokens.path();
    return options;
  }
};

inline std::string bearer(const std::string& token) {
  return token.empty() ? std::string() : "Authorization: Bearer " + token + "\r\n";
}
inline std::string auth_message(const std::string& token) {
  return R"({"type":"auth","token":")" + token + "\"}";
}

}  // namespace twinstore::test
