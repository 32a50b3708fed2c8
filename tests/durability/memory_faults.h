// SQLite's memory, so that an allocation of it fails. (What C++ itself allocates cannot fail in a
// program without exceptions: it ends.)
// Thread rule: one thread; install() before anything of SQLite is used.
#pragma once

#include <cstdint>

namespace twinstore::durability {

struct MemoryFaults {
  static void install();
  // The `after`-th allocation from now on fails, and `count` of them.
  static void arm(int64_t after, int64_t count);
  static void disarm() { arm(0, 0); }
  // How many failed since arm().
  [[nodiscard]] static int64_t failures();
};

}  // namespace twinstore::durability
