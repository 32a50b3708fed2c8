#include "git_history.h"

#include <algorithm>

namespace twinstore {

std::vector<size_t> sample_positions(size_t commits, int samples_max) {
  std::vector<size_t> positions;
  if (samples_max <= 0) return positions;
  const auto count = static_cast<size_t>(samples_max);
  const size_t step = count == 1 ? commits : std::max<size_t>(1, commits / (count - 1));
  for (size_t at = 0; at < commits && positions.size() < count; at += step) {
    positions.push_back(at);
  }
  return positions;
}

}  // namespace twinstore
