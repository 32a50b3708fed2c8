// The schema that the simulator runs with: the five shipped collections, and its own with fields of
// every type and rule under each policy. Thread rule: pure.
#pragma once

#include <string>

namespace twinstore::sim {

[[nodiscard]] std::string simulated_schema();

}  // namespace twinstore::sim
