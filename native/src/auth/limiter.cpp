#include "auth/limiter.h"

#include <algorithm>

#include "config/server_limits.h"

namespace twinstore {
namespace {

Rate rate_of(double per_second) { return {per_second, 2 * per_second}; }

// All addresses of an IPv6 network of one customer are one (RFC 6177): the first four groups.
std::string_view network_of(std::string_view address) {
  constexpr int groups = 4;
  size_t end = 0;
  for (int i = 0; i < groups; ++i) {
    end = address.find(':', end == 0 ? 0 : end + 1);
    if (end == std::string_view::npos) return address;
  }
  return address.substr(0, end);
}

double cost_of(size_t bytes) {
  return 1 + static_cast<double>(bytes) / static_cast<double>(limits::rate_cost_bytes);
}

const Error too_often{ErrorCode::RateLimited, "too many requests; wait and try again"};

}  // namespace

Buckets::Bucket& Buckets::filled(std::string_view key, int64_t now_ms) {
  auto at = young_.find(key);
  if (at == young_.end()) {
    if (young_.size() >= limits::rate_keys_max) {
      old_ = std::move(young_);
      young_.clear();
    }
    const auto before = old_.find(key);
    const Bucket begun = before == old_.end() ? Bucket{rate_.burst, now_ms} : before->second;
    at = young_.emplace(key, begun).first;
  }
  Bucket& bucket = at->second;
  const double seconds = static_cast<double>(std::max<int64_t>(now_ms - bucket.at_ms, 0)) / 1000;
  bucket.left = std::min(rate_.burst, bucket.left + seconds * rate_.per_second);
  bucket.at_ms = now_ms;
  return bucket;
}

bool Buckets::take(std::string_view key, double cost, int64_t now_ms) {
  if (rate_.per_second <= 0) return true;
  Bucket& bucket = filled(key, now_ms);
  if (bucket.left < std::min(cost, rate_.burst)) return false;
  bucket.left = std::max(bucket.left - cost, 0.0);
  return true;
}

Limiter::Limiter(const RateOptions& options, Clock& clock)
    : clock_(clock),
      addresses_(rate_of(options.per_address)),
      principals_(rate_of(options.per_principal)),
      workspaces_(rate_of(options.per_workspace)),
      failures_({limits::bad_tokens_per_second, limits::bad_tokens_burst}) {}

Result<void> Limiter::admit(std::string_view address) {
  if (addresses_.take(network_of(address), 1, clock_.now_ms())) return {};
  return too_often;
}

Result<void> Limiter::admit(const Principal& principal, size_t bytes) {
  const int64_t now = clock_.now_ms();
  const double cost = cost_of(bytes);
  // The workspace's bucket is not drawn on by who is refused already.
  const std::string who = principal.workspace + "/" + principal.name;
  if (principals_.take(who, cost, now) && workspaces_.take(principal.workspace, cost, now)) {
    return {};
  }
  return too_often;
}

Result<void> Limiter::admit_failure(std::string_view address) {
  if (failures_.take(network_of(address), 1, clock_.now_ms())) return {};
  return too_often;
}

}  // namespace twinstore
