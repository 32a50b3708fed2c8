// What a principal may push and pull, in the protocol's terms. Thread rule: pure.
#pragma once

#include "auth/principal.h"
#include "twinstore/protocol.h"
#include "workspace/writer.h"

namespace twinstore {

// The local principal's devices are nobody's: who asks for tokens later on takes them over.
[[nodiscard]] inline PushRights push_rights(const Principal& principal) {
  PushRights rights;
  if (!principal.is_local()) rights.user = principal.name;
  if (!principal.reaches_all()) {
    rights.reaches = [principal](std::string_view scope) { return principal.reaches(scope); };
  }
  return rights;
}

// The answer to who asks for a scope that they do not reach, or not any more.
[[nodiscard]] inline ErrorMessage withdrawn(std::string scope) {
  return {{ErrorCode::ScopeWithdrawn, "this scope is outside the scopes of the caller"},
          std::move(scope)};
}

}  // namespace twinstore
