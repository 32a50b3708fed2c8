// The command line: which commands and options there are. command_line.cpp alone knows CLI11.
#pragma once

namespace twinstore {

// Parses, runs the command and returns the exit status; 2 for a command line that is not one.
[[nodiscard]] int run_command_line(int argc, const char* const* argv);

}  // namespace twinstore
