#include "cli/command_line.h"

#include <sqlite3.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "base/log.h"
#include "cli/commands.h"
#include "cli/database_option.h"
#include "config/version.h"
#include "twinstore/protocol.h"

namespace twinstore {
namespace {

constexpr const char* database_help =
    "sqlite:///path/to/file.db, sqlite:///./relative.db?timeout=20 (seconds), or"
    " sqlite:///:memory:, or postgresql://user:password@host/database; without it, code_mri.db in"
    " the temporary directory";

std::string version_line() {
  return "twinstore " + std::string(version_text) + " (SQLite " + sqlite3_libversion() +
         ", protocol " + std::to_string(protocol_version) + ")";
}

void add_database_option(CLI::App& command, std::string& url) {
  command.add_option("--db", url, database_help)->envname("TWINSTORE_DB")->type_name("URL");
}

CLI::App* add_serve(CLI::App& app, ServeOptions& options) {
  CLI::App* serve = app.add_subcommand("serve", "Serve the sync protocol and the web app");
  serve->add_option("--listen", options.listen, "Loopback address and port; port 0: any free one")
      ->type_name("HOST:PORT")
      ->capture_default_str();
  add_database_option(*serve, options.database_url);
  serve
      ->add_option("--schema", options.schema_file,
                   "Schema of your own, as JSON; without it, the shipped one")
      ->type_name("FILE");
  serve->add_option("--web", options.web_folder, "Folder of the built web app")->type_name("DIR");
  serve
      ->add_option("--allow-origin", options.allowed_origins,
                   "Another origin whose pages may use this server; may be repeated")
      ->type_name("ORIGIN");
  return serve;
}

struct ImportCommands {
  CLI::App* jsonl;
  CLI::App* git;
};

ImportCommands add_import(CLI::App& app, ImportOptions& options) {
  CLI::App* import = app.add_subcommand("import", "Read rows into a database that is not served");
  import->require_subcommand(1);
  CLI::App* jsonl = import->add_subcommand(
      "jsonl", "From repositories, branches, analyses and historical_metrics .jsonl files");
  jsonl->add_option("dir", options.path, "Folder of the files")->required()->type_name("DIR");
  add_database_option(*jsonl, options.database_url);
  CLI::App* git = import->add_subcommand("git", "From a git repository on disk");
  git->add_option("path", options.path, "The repository")->required()->type_name("PATH");
  git->add_option("--repo-id", options.repo_id, "Its name here; without it, from its remote")
      ->type_name("ID");
  add_database_option(*git, options.database_url);
  return {jsonl, git};
}

}  // namespace

int run_command_line(int argc, const char* const* argv) {
  CLI::App app("Twinstore: the server that browser stores reconcile with.", "twinstore");
  app.set_version_flag("--version", version_line());
  std::string log_level = "info";
  app.add_option("--log-level", log_level, "debug, info, warn, error or off")
      ->capture_default_str();
  app.require_subcommand(1);
  app.fallthrough();
  ServeOptions serve_options;
  ImportOptions import_options;
  const CLI::App* serve = add_serve(app, serve_options);
  const ImportCommands import = add_import(app, import_options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int status = app.exit(error);
    return status == 0 ? 0 : 2;
  }
  const auto level = parse_log_level(log_level);
  if (!level.ok()) return fail_with(level.error());
  set_log_level(level.value());
  if (serve->parsed()) return serve_command(serve_options);
  if (import.jsonl->parsed()) return import_jsonl_command(import_options);
  return import_git_command(import_options);
}

}  // namespace twinstore
