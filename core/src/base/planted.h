// Bugs that are planted on purpose, to show that the simulator finds such (tests/sim). Without the
// build option TWINSTORE_PLANTED_BUGS nothing of them is compiled.
// Thread rule: set once, before anything else runs.
#pragma once

#ifdef TWINSTORE_PLANTED_BUGS
#include <string_view>

namespace twinstore {
inline std::string_view planted_bug;  // its name; empty: none
}
#define TWINSTORE_PLANTED(name) (::twinstore::planted_bug == #name)
#else
#define TWINSTORE_PLANTED(name) false
#endif
