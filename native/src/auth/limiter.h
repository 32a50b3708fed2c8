// How often somebody may ask: token buckets by address, by principal and by workspace, and a
// tighter one for tokens that are wrong. What nobody used for a while is forgotten, so that many
// addresses cost a bounded amount of memory.
// Thread rule: the I/O thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "auth/principal.h"
#include "twinstore/clock.h"

namespace twinstore {

struct Rate {
  double per_second = 0;  // 0: no bound
  double burst = 0;       // as much as may come at once after a pause
};

class Buckets {
 public:
  explicit Buckets(Rate rate) : rate_(rate) {}

  // Takes `cost` from the key's bucket, or leaves it and returns false when there is less. A cost
  // above the burst takes a full bucket.
  [[nodiscard]] bool take(std::string_view key, double cost, int64_t now_ms);

 private:
  struct Bucket {
    double left = 0;
    int64_t at_ms = 0;
  };
  Bucket& filled(std::string_view key, int64_t now_ms);

  Rate rate_;
  // Of two ages: when the younger has too many, it becomes the older, and that one is forgotten.
  std::map<std::string, Bucket, std::less<>> young_;
  std::map<std::string, Bucket, std::less<>> old_;
};

// Requests a second; 0: no bound. Twice as many may come at once.
struct RateOptions {
  double per_address = 0;
  double per_principal = 0;
  double per_workspace = 0;
};

class Limiter {
 public:
  // `clock` outlives it.
  Limiter(const RateOptions& options, Clock& clock);

  // `bytes` is what comes with the request. Errors: RateLimited.
  [[nodiscard]] Result<void> admit(std::string_view address);
  [[nodiscard]] Result<void> admit(const Principal& principal, size_t bytes);
  // For a token that was wrong. Those that are right come in however many were wrong: others may
  // share the address. Errors: RateLimited.
  [[nodiscard]] Result<void> admit_failure(std::string_view address);

 private:
  Clock& clock_;
  Buckets addresses_;
  Buckets principals_;
  Buckets workspaces_;
  Buckets failures_;
};

}  // namespace twinstore
