// One history: three devices and an authority that write, push and pull at random, lose answers,
// and come to rest. Everything follows from the seed.
#pragma once

#include <cstdint>
#include <string>

namespace twinstore::test {

// A hash of what every device and the authority hold at the end; empty when they differ.
[[nodiscard]] std::string history_digest(uint64_t seed);

}  // namespace twinstore::test
