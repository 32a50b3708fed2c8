// What the kernel says of this process. Linux's /proc; zeros where it says nothing.
// Thread rule: any thread.
#pragma once

#include <cstdint>

namespace twinstore {

struct ProcessState {
  double cpu_seconds = 0;
  int64_t resident_bytes = 0;
  int64_t open_files = 0;
  int64_t files_max = 0;
  int64_t threads = 0;
};
[[nodiscard]] ProcessState read_process_state();

}  // namespace twinstore
