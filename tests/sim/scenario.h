// What one seed stands for: the options of its run and a list of operations. Each operation brings
// its own randomness, so that the list can be cut down and what is left still does the same.
// Thread rule: plain values.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "fault.h"

namespace twinstore::sim {

enum class OpKind : uint8_t { Write, Talk, Decide, Wait, Inject };

struct Op {
  OpKind kind = OpKind::Wait;
  Fault fault = Fault::Delay;  // of Inject
  size_t device = 0;
  int64_t wait_ms = 0;  // before it
  uint64_t random = 0;

  [[nodiscard]] std::string text() const;
};

enum class Level : uint8_t { Off, Low, High };

struct Scenario {
  uint64_t seed = 0;
  size_t devices = 2;
  size_t page_rows = 5;
  uint64_t collections = 0;  // that are written, by position: few, so that writers meet; 0: all
  bool is_live = false;      // devices keep live connections
  bool is_scoped = false;    // some devices hold only some scopes
  std::array<Level, faults_count> levels{};
  std::vector<Op> ops;

  // How often a fault of messages happens, in a thousand.
  [[nodiscard]] uint64_t permille(Fault fault) const;
};

[[nodiscard]] Scenario make_scenario(uint64_t seed, bool is_long);

}  // namespace twinstore::sim
