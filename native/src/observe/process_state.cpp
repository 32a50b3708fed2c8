#include "observe/process_state.h"

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <string>

namespace twinstore {
namespace {

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

int64_t count_entries(const char* folder) {
  DIR* const open = ::opendir(folder);
  if (open == nullptr) return 0;
  int64_t count = 0;
  while (const dirent* entry = ::readdir(open)) count += entry->d_name[0] != '.';
  ::closedir(open);
  return count;
}

}  // namespace

ProcessState read_process_state() {
  ProcessState state;
  rusage usage{};
  if (::getrusage(RUSAGE_SELF, &usage) == 0) {
    state.cpu_seconds = seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
  }
  std::ifstream memory("/proc/self/statm");
  int64_t pages = 0;
  if (memory >> pages >> pages) state.resident_bytes = pages * ::sysconf(_SC_PAGESIZE);
  state.open_files = count_entries("/proc/self/fd");
  state.threads = count_entries("/proc/self/task");
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    state.files_max = static_cast<int64_t>(limit.rlim_cur);
  }
  return state;
}

}  // namespace twinstore
