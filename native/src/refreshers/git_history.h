// Which commits of a branch's history are measured.
// Thread rule: pure function. Next: git_analysis.cpp, which measures them.
#pragma once

#include <cstddef>
#include <vector>

namespace twinstore {

// Positions in a history of `commits` commits, newest first: 0, step, 2·step, …, at most
// `samples_max` of them, where step = max(1, commits / (samples_max - 1)) rounded down. A history
// of up to `samples_max` commits is taken whole. The oldest commit is as a rule not among them.
[[nodiscard]] std::vector<size_t> sample_positions(size_t commits, int samples_max);

}  // namespace twinstore
