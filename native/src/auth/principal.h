// Who asks, and what they may do: a role, the workspace, and patterns of the scopes in it.
// Thread rule: plain values and pure functions. Next: api/route.h for what a route demands.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "twinstore/result.h"

namespace twinstore {

// The least that a caller must be allowed to do; each role includes those before it.
enum class Role : uint8_t { Anyone, Reader, Writer, Admin };
[[nodiscard]] std::string_view role_text(Role role);
// reader, writer or admin. Errors: InvalidArgument.
[[nodiscard]] Result<Role> parse_role(std::string_view text);

// A pattern is a scope, or a beginning followed by one star: "a/b", "a/*", "*".
[[nodiscard]] bool is_scope_pattern(std::string_view text);
[[nodiscard]] bool matches_scope(std::string_view pattern, std::string_view scope);

struct Principal {
  std::string name;  // of a token, or a JWT's subject; for logs and limits, never for rights
  Role role = Role::Anyone;
  std::vector<std::string> scopes{};
  std::string workspace{};  // the only one that it reaches
  int64_t expires_ms = 0;   // since 1970; 0: never

  [[nodiscard]] bool has_role(Role least) const { return role >= least; }
  // But for the time until which it may.
  [[nodiscard]] bool may_the_same_as(const Principal& other) const;
  // The scope of one repository; "*", which means all of them, only by the pattern "*".
  [[nodiscard]] bool reaches(std::string_view scope) const;
  [[nodiscard]] bool reaches_all() const { return reaches("*"); }
  [[nodiscard]] bool is_local() const { return name == "local"; }
};

// Everybody, on a server that only this machine can reach.
[[nodiscard]] Principal local_principal(std::string workspace);
// Forbidden, with a sentence.
[[nodiscard]] Error needs_role(Role role);

}  // namespace twinstore
