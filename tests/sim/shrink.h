// Cuts a failing seed's list of operations down to few that still fail in the same way.
// Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input" (2002).
// Thread rule: one thread.
#pragma once

#include "world.h"

namespace twinstore::sim {

// `runs_max` bounds how many runs may be spent.
[[nodiscard]] Scenario shrink(const Fixtures& fixtures, const Scenario& failing,
                              const std::string& invariant, int runs_max);

}  // namespace twinstore::sim
