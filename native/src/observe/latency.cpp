#include "observe/latency.h"

#include <algorithm>

namespace twinstore {

double LatencyCounts::quantile(double share) const {
  if (count == 0) return 0;
  const double wanted = share * static_cast<double>(count);
  double before = 0;
  for (size_t i = 0; i < in_range.size(); ++i) {
    const auto here = static_cast<double>(in_range[i]);
    if (here > 0 && before + here >= wanted) {
      const double low = i == 0 ? 0 : latency_bounds[i - 1];
      const double high = i < latency_bounds.size() ? latency_bounds[i] : low;
      return low + (high - low) * std::clamp((wanted - before) / here, 0.0, 1.0);
    }
    before += here;
  }
  return latency_bounds.back();
}

LatencyCounts LatencyCounts::since(const LatencyCounts& earlier) const {
  LatencyCounts out;
  for (size_t i = 0; i < in_range.size(); ++i) out.in_range[i] = in_range[i] - earlier.in_range[i];
  out.count = count - earlier.count;
  out.seconds = seconds - earlier.seconds;
  return out;
}

void Latency::add(std::chrono::steady_clock::duration took) {
  const double seconds = std::chrono::duration<double>(took).count();
  const auto at = std::ranges::lower_bound(latency_bounds, seconds);
  in_range_[static_cast<size_t>(at - latency_bounds.begin())].fetch_add(1,
                                                                        std::memory_order_relaxed);
  const auto exact = std::chrono::duration_cast<std::chrono::nanoseconds>(took).count();
  nanoseconds_.fetch_add(static_cast<uint64_t>(std::max<int64_t>(exact, 0)),
                         std::memory_order_relaxed);
}

// The count is made of the ranges, so that the two never differ.
LatencyCounts Latency::counts() const {
  LatencyCounts out;
  out.seconds = static_cast<double>(nanoseconds_.load(std::memory_order_relaxed)) * 1e-9;
  for (size_t i = 0; i < in_range_.size(); ++i) {
    out.in_range[i] = in_range_[i].load(std::memory_order_relaxed);
    out.count += out.in_range[i];
  }
  return out;
}

}  // namespace twinstore
