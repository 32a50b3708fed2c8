// One machine's clock: the world's time seen through an offset, a drift, or frozen.
// Thread rule: plain value; the world's time outlives it.
#pragma once

#include <optional>

#include "twinstore/clock.h"

namespace twinstore::sim {

inline constexpr int64_t world_start_ms = 1'700'000'000'000;

struct WorldTime {
  int64_t now_ms = world_start_ms;
};

class SimClock final : public Clock {
 public:
  explicit SimClock(const WorldTime& world) : world_(world) {}

  [[nodiscard]] int64_t now_ms() override {
    if (frozen_at_ms_) return *frozen_at_ms_;
    const int64_t passed = world_.now_ms - world_start_ms;
    return world_.now_ms + offset_ms_ + passed / 1000 * drift_permille_;
  }
  void jump(int64_t by_ms) { offset_ms_ += by_ms; }
  void set_drift(int64_t permille) { drift_permille_ = permille; }
  void freeze() { frozen_at_ms_ = now_ms(); }
  void thaw() { frozen_at_ms_.reset(); }

 private:
  const WorldTime& world_;
  int64_t offset_ms_ = 0;
  int64_t drift_permille_ = 0;
  std::optional<int64_t> frozen_at_ms_;
};

}  // namespace twinstore::sim
