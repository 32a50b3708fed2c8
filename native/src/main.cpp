// The process `twinstore`. Start at cli/command_line.h for its commands, serve/server.h for how a
// server is put together.
#include "cli/command_line.h"

int main(int argc, char** argv) { return twinstore::run_command_line(argc, argv); }
