// Cutting the power under a workload, and looking at what the disk kept. Whatever was acknowledged
// must be there, whatever was not is there whole or not at all, and the file is sound.
// Thread rule: one thread.
#pragma once

#include <optional>

#include "workload.h"

namespace twinstore::durability {

// A life without faults: what the file held after the opening and after each step.
struct Life {
  std::vector<std::string> states;
  std::vector<sim::Disk::Image> images;  // as a copy of the disk at the same moments
  int64_t changes = 0;                   // of the disk, in all of it
};
[[nodiscard]] Result<Life> live(const Workload& workload, bool with_images);

struct Cut {
  int64_t at = 0;                       // the change of the disk with which the power goes
  uint64_t seed = 0;                    // for what is kept of what was not synced
  std::optional<int64_t> then_at = {};  // and again with this one, while the file is opened
  bool is_disk_lying = false;
};

// Nothing when all is well, else what is wrong.
[[nodiscard]] std::optional<std::string> after_cut(const Workload& workload, const Life& life,
                                                   const Cut& cut);

// Whether the test is asked for its long form (scripts/test --long).
[[nodiscard]] bool is_long_form();

}  // namespace twinstore::durability
