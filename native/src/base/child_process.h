// Running another program to its end: no shell, a bounded output, a time after which it and all
// that it started are killed. It inherits nothing of this process but what is named here.
// Thread rule: any thread; the call blocks its own.
#pragma once

#include <string>
#include <vector>

#include "base/call_bounds.h"
#include "twinstore/result.h"

namespace twinstore {

struct ChildCommand {
  std::vector<std::string> argv;         // the first is the program: an absolute path
  std::vector<std::string> environment;  // "NAME=value", all of it
  std::string folder;                    // where it runs; empty: the root folder
  std::string input;                     // its stdin
  size_t output_bytes_max = 0;           // of its stdout; more and it is killed
};

struct ChildResult {
  int exit_code = 0;      // as a shell says it: 128 and the signal's number for a killed one
  std::string output;     // stdout
  std::string last_line;  // the last line of stderr that says something, of its last 4 KiB
};

// Errors: NotFound and Forbidden when the program cannot be started; BodyTooLarge when it writes
// more than it may; Unavailable when the bounds end, or the system has no room for a process.
[[nodiscard]] Result<ChildResult> run_child(const ChildCommand& command, const CallBounds& bounds);

}  // namespace twinstore
