// What the command line says of the commands for who looks after a database: backup, restore,
// verify, stats, migrate, export, archive. Thread rule: the main thread.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <vector>

namespace twinstore {

// A command, and what runs it once it was named. The options that it reads belong to `run`.
struct Command {
  const CLI::App* parsed;
  std::function<int()> run;
};

void add_database_commands(CLI::App& app, std::vector<Command>& commands);
void add_archive(CLI::App& app, std::vector<Command>& commands);

// --db, and TWINSTORE_DB.
void add_database_option(CLI::App& command, std::string& url);
// --schema.
void add_schema_option(CLI::App& command, std::string& file);

}  // namespace twinstore
