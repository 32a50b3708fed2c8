#include "cli/command_line.h"

#include <sqlite3.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>

#include "base/log.h"
#include "cli/auth_options.h"
#include "cli/commands.h"
#include "cli/database_commands.h"
#include "cli/database_option.h"
#include "config/version.h"
#include "twinstore/protocol.h"

namespace twinstore {
namespace {

std::string version_line() {
  return "twinstore " + std::string(version_text) + " (SQLite " + sqlite3_libversion() +
         ", protocol " + std::to_string(protocol_version) + ")";
}

void add_serve(CLI::App& app, std::vector<Command>& commands) {
  const auto options = std::make_shared<ServeOptions>();
  CLI::App* serve = app.add_subcommand("serve", "Serve the sync protocol and the web app");
  serve
      ->add_option("--listen", options->listen,
                   "Address and port; port 0: any free one. Without tokens a loopback address")
      ->envname("TWINSTORE_LISTEN")
      ->type_name("HOST:PORT")
      ->capture_default_str();
  add_database_option(*serve, options->database_url);
  add_schema_option(*serve, options->schema_file);
  serve->add_option("--web", options->web_folder, "Folder of the built web app")->type_name("DIR");
  serve
      ->add_option("--allow-origin", options->allowed_origins,
                   "Another origin whose pages may use this server; may be repeated")
      ->type_name("ORIGIN");
  serve
      ->add_option("--slow-ms", options->slow_ms,
                   "A request or commit that takes as long is a warning; 0: none is")
      ->check(CLI::Range(int64_t{0}, int64_t{3'600'000}))
      ->capture_default_str();
  serve
      ->add_option("--refresh", options->refresh_file,
                   "Who refreshes which repository, and how often, as JSON (docs/freshness.md)")
      ->type_name("FILE");
  serve
      ->add_option("--cache-dir", options->cache_folder,
                   "Folder of files, such as archives, that cleanup removes with their entries:"
                   " those of a workspace are below DIR/WORKSPACE")
      ->type_name("DIR");
  add_auth_options(*serve, *options);
  commands.push_back({serve, [options] { return serve_command(*options); }});
}

void add_import(CLI::App& app, std::vector<Command>& commands) {
  const auto options = std::make_shared<ImportOptions>();
  CLI::App* import = app.add_subcommand("import", "Read rows into a database that is not served");
  import->require_subcommand(1);
  CLI::App* jsonl = import->add_subcommand(
      "jsonl", "From repositories, branches, analyses and historical_metrics .jsonl files");
  jsonl->add_option("dir", options->path, "Folder of the files")->required()->type_name("DIR");
  add_database_option(*jsonl, options->database_url);
  CLI::App* git = import->add_subcommand("git", "From a git repository on disk");
  git->add_option("path", options->path, "The repository")->required()->type_name("PATH");
  git->add_option("--repo-id", options->repo_id, "Its name here; without it, from its remote")
      ->type_name("ID");
  add_database_option(*git, options->database_url);
  commands.push_back({jsonl, [options] { return import_jsonl_command(*options); }});
  commands.push_back({git, [options] { return import_git_command(*options); }});
}

}  // namespace

int run_command_line(int argc, const char* const* argv) {
  CLI::App app("Twinstore: the server that browser stores reconcile with.", "twinstore");
  app.set_version_flag("--version", version_line());
  std::string log_level = "info";
  app.add_option("--log-level", log_level, "debug, info, warn, error or off")
      ->capture_default_str();
  std::string log_format = "text";
  app.add_option("--log-format", log_format, "text, or json: one object a line")
      ->capture_default_str();
  app.set_config("--config", "", "Options from a file: TOML with a table for each command")
      ->envname("TWINSTORE_CONFIG")
      ->type_name("FILE");
  app.require_subcommand(1);
  app.fallthrough();
  std::vector<Command> commands;
  add_serve(app, commands);
  add_import(app, commands);
  add_database_commands(app, commands);
  add_archive(app, commands);
  add_token_commands(app, commands);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int status = app.exit(error);
    return status == 0 ? 0 : 2;
  }
  const auto level = parse_log_level(log_level);
  if (!level.ok()) return fail_with(level.error());
  set_log_level(level.value());
  const auto format = parse_log_format(log_format);
  if (!format.ok()) return fail_with(format.error());
  set_log_format(format.value());
  const auto named = std::ranges::find_if(
      commands, [](const Command& command) { return command.parsed->parsed(); });
  return named->run();
}

}  // namespace twinstore
