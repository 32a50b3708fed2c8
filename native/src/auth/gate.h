// The door of the server: whose token it is, and that nobody asks too often. Where no tokens are
// asked for, everybody is this machine's user and nothing is counted.
// Thread rule: the I/O thread. Next: authenticator.h, limiter.h.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "auth/authenticator.h"
#include "auth/limiter.h"

namespace twinstore {

class Gate {
 public:
  // `clock` outlives it.
  Gate(std::unique_ptr<Authenticator> authenticator, const RateOptions& rates, Clock& clock)
      : authenticator_(std::move(authenticator)), limiter_(rates, clock) {}

  [[nodiscard]] bool is_on() const { return authenticator_->is_on(); }
  // Any request of an address. Errors: RateLimited.
  [[nodiscard]] Result<void> admit(std::string_view address);
  // What a principal asks for. Errors: RateLimited.
  [[nodiscard]] Result<void> admit(const Principal& principal, size_t bytes);
  // Errors: Unauthorized; RateLimited when too many tokens from there were wrong.
  [[nodiscard]] Result<Principal> authenticate(std::string_view token, std::string_view address);
  // The same for one that was let in before. Errors: Unauthorized.
  [[nodiscard]] Result<Principal> look_up(std::string_view token) const {
    return authenticator_->authenticate(token);
  }
  // A request: its token, and that its principal may ask. Errors: Unauthorized, RateLimited.
  [[nodiscard]] Result<Principal> enter(const HttpRequest& request);

  void reload() { authenticator_->reload(); }
  [[nodiscard]] uint64_t generation() const { return authenticator_->generation(); }

 private:
  std::unique_ptr<Authenticator> authenticator_;
  Limiter limiter_;
};

}  // namespace twinstore
