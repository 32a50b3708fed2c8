#include "auth/principal.h"

#include <algorithm>
#include <array>

#include "twinstore/limits.h"

namespace twinstore {
namespace {

constexpr std::array<std::string_view, 4> role_names{"anyone", "reader", "writer", "admin"};

}  // namespace

std::string_view role_text(Role role) { return role_names[static_cast<size_t>(role)]; }

Result<Role> parse_role(std::string_view text) {
  for (size_t i = 1; i < role_names.size(); ++i) {
    if (role_names[i] == text) return static_cast<Role>(i);
  }
  return Error{ErrorCode::InvalidArgument, "a role is reader, writer or admin"};
}

bool is_scope_pattern(std::string_view text) {
  const size_t star = text.find('*');
  return !text.empty() && text.size() <= limits::key_bytes_max &&
         (star == std::string_view::npos || star + 1 == text.size());
}

bool matches_scope(std::string_view pattern, std::string_view scope) {
  if (!pattern.ends_with('*')) return pattern == scope;
  pattern.remove_suffix(1);
  // "*" asks for every scope, so a beginning alone does not cover it.
  return scope == "*" ? pattern.empty() : scope.starts_with(pattern);
}

bool Principal::reaches(std::string_view scope) const {
  return std::ranges::any_of(
      scopes, [&](const std::string& pattern) { return matches_scope(pattern, scope); });
}

bool Principal::may_the_same_as(const Principal& other) const {
  return name == other.name && role == other.role && scopes == other.scopes &&
         workspace == other.workspace;
}

Principal local_principal(std::string workspace) {
  return {.name = "local", .role = Role::Admin, .scopes = {"*"}, .workspace = std::move(workspace)};
}

Error needs_role(Role role) {
  return {ErrorCode::Forbidden, "this takes the role " + std::string(role_text(role))};
}

}  // namespace twinstore
