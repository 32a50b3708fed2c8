#include "auth/gate.h"

namespace twinstore {

Result<void> Gate::admit(std::string_view address) {
  return is_on() ? limiter_.admit(address) : Result<void>();
}

Result<void> Gate::admit(const Principal& principal, size_t bytes) {
  return is_on() ? limiter_.admit(principal, bytes) : Result<void>();
}

Result<Principal> Gate::authenticate(std::string_view token, std::string_view address) {
  auto principal = authenticator_->authenticate(token);
  if (!principal.ok()) TWINSTORE_TRY_VOID(limiter_.admit_failure(address));
  return principal;
}

Result<Principal> Gate::enter(const HttpRequest& request) {
  TWINSTORE_TRY(Principal principal, authenticate(bearer_token(request), request.address));
  TWINSTORE_TRY_VOID(admit(principal, request.body.size()));
  return principal;
}

}  // namespace twinstore
