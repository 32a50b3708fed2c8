// What the command line says about tokens: those that a server asks for, and `twinstore token`.
// Thread rule: the main thread.
#pragma once

#include "cli/commands.h"
#include "cli/database_commands.h"

namespace twinstore {

void add_auth_options(CLI::App& serve, ServeOptions& options);
void add_token_commands(CLI::App& app, std::vector<Command>& commands);

}  // namespace twinstore
