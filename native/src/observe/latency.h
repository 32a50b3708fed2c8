// How long something takes, as counts in fixed ranges: cheap to add to from any thread, and a
// difference of two states says what a quantile was between them.
// Thread rule: Latency any thread; LatencyCounts is a plain value.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace twinstore {

// Upper ends in seconds, each about 1.7 times the one before; what is longer has a range of its
// own.
inline constexpr std::array<double, 22> latency_bounds{
    0.0001, 0.0002, 0.0003, 0.0005, 0.001, 0.0015, 0.0025, 0.004, 0.006, 0.01, 0.016,
    0.025,  0.04,   0.06,   0.1,    0.16,  0.25,   0.5,    1,     2.5,   5,    10};

struct LatencyCounts {
  std::array<uint64_t, latency_bounds.size() + 1> in_range{};
  uint64_t count = 0;
  double seconds = 0;  // of all together

  // The seconds below which the share (0 to 1) of them lay, within the width of a range; 0 when
  // there were none.
  [[nodiscard]] double quantile(double share) const;
  // What came after `earlier`.
  [[nodiscard]] LatencyCounts since(const LatencyCounts& earlier) const;
};

class Latency {
 public:
  void add(std::chrono::steady_clock::duration took);
  [[nodiscard]] LatencyCounts counts() const;

 private:
  std::array<std::atomic<uint64_t>, latency_bounds.size() + 1> in_range_{};
  std::atomic<uint64_t> nanoseconds_{0};
};

}  // namespace twinstore
