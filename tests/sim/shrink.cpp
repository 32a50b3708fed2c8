#include "shrink.h"

#include <algorithm>

namespace twinstore::sim {

Scenario shrink(const Fixtures& fixtures, const Scenario& failing, const std::string& invariant,
                int runs_max) {
  Scenario best = failing;
  int runs = 0;
  const auto fails = [&](const Scenario& candidate) {
    ++runs;
    const RunResult result = run_scenario(fixtures, candidate);
    return result.violation && result.violation->invariant == invariant;
  };
  // Faults of messages first: each that is not needed makes the rest easier to read.
  for (Level& level : best.levels) {
    if (level == Level::Off || runs >= runs_max) continue;
    const Level earlier = std::exchange(level, Level::Off);
    if (!fails(best)) level = earlier;
  }
  for (size_t size = std::max<size_t>(best.ops.size() / 2, 1); runs < runs_max;) {
    bool is_smaller = false;
    for (size_t at = 0; at < best.ops.size() && runs < runs_max;) {
      Scenario candidate = best;
      const auto first = candidate.ops.begin() + static_cast<std::ptrdiff_t>(at);
      const size_t count = std::min(size, candidate.ops.size() - at);
      candidate.ops.erase(first, first + static_cast<std::ptrdiff_t>(count));
      if (fails(candidate)) {
        best = std::move(candidate);
        is_smaller = true;
      } else {
        at += size;
      }
    }
    if (size == 1 && !is_smaller) break;
    size = std::max<size_t>(size / 2, 1);
  }
  return best;
}

}  // namespace twinstore::sim
