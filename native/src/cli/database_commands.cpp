#include "cli/database_commands.h"

#include "cli/commands.h"

namespace twinstore {
namespace {

constexpr const char* database_help =
    "sqlite:///path/to/file.db, sqlite:///./relative.db?timeout=20 (seconds), or"
    " sqlite:///:memory:, or postgresql://user:password@host/database; without it, code_mri.db in"
    " the temporary directory";

using Run = int (*)(const DatabaseOptions&);

struct Added {
  CLI::App* command;
  DatabaseOptions& options;
};

Added add(CLI::App& app, std::vector<Command>& commands, const char* name, const char* help,
          Run run) {
  CLI::App* command = app.add_subcommand(name, help);
  const auto options = std::make_shared<DatabaseOptions>();
  add_database_option(*command, options->database_url);
  add_schema_option(*command, options->schema_file);
  commands.push_back({command, [options, run] { return run(*options); }});
  return {command, *options};
}

}  // namespace

void add_database_option(CLI::App& command, std::string& url) {
  command.add_option("--db", url, database_help)->envname("TWINSTORE_DB")->type_name("URL");
}

void add_schema_option(CLI::App& command, std::string& file) {
  command.add_option("--schema", file, "Schema of your own, as JSON; without it, the shipped one")
      ->type_name("FILE");
}

void add_database_commands(CLI::App& app, std::vector<Command>& commands) {
  const Added backup = add(app, commands, "backup",
                           "Copy a database, served or not, into a file, and check the copy;"
                           " an earlier backup that is there is brought forward",
                           backup_command);
  backup.command->add_option("file", backup.options.path, "The backup")->required();
  backup.command->add_flag("--full", backup.options.is_full, "Copy everything anew");

  const Added restore = add(app, commands, "restore",
                            "Put a backup in the place of a database that is not served, as a new"
                            " epoch: clients send again what it lacks",
                            restore_command);
  restore.command->add_option("file", restore.options.path, "The backup");
  restore.command->add_flag("--replace", restore.options.may_replace,
                            "Move the file that is there aside");
  restore.command->add_flag("--in-place", restore.options.is_in_place,
                            "The database was put back by other means: begin the new epoch");

  (void)add(app, commands, "verify", "Check a database, served or not, or a backup",
            verify_command);
  (void)add(app, commands, "stats", "Say what a database holds, as JSON", stats_command);

  const Added migrate =
      add(app, commands, "migrate",
          "Bring a database to this build's form, which `serve` does by itself", migrate_command);
  migrate.command->add_flag("--dry-run", migrate.options.is_dry_run,
                            "Say what would be done, and do nothing");

  CLI::App* exporting = app.add_subcommand("export", "Write the rows of a database to files");
  exporting->require_subcommand(1);
  const Added jsonl =
      add(*exporting, commands, "jsonl",
          "A .jsonl file for each collection, as import jsonl reads them", export_jsonl_command);
  jsonl.command->add_option("dir", jsonl.options.path, "Folder of the files")
      ->required()
      ->type_name("DIR");
}

}  // namespace twinstore
