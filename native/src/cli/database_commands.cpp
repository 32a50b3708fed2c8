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

void add_archive(CLI::App& app, std::vector<Command>& commands) {
  CLI::App* archive =
      app.add_subcommand("archive", "Old analyses and metrics into compressed files, and back");
  archive->require_subcommand(1);
  const auto options = std::make_shared<ArchiveCommandOptions>();
  CLI::App* create = archive->add_subcommand("create", "Into files, and out of the database");
  create->add_option("--dir", options->folder, "Folder of the files")->required()->type_name("DIR");
  create->add_option("--max-age-days", options->max_age_days, "What is older goes")
      ->capture_default_str();
  create->add_option("--keep-days", options->keep_days, "How long the files are kept; 0: for ever")
      ->capture_default_str();
  add_database_option(*create, options->database_url);
  CLI::App* bring_back = archive->add_subcommand("bring-back", "Out of files, into the database");
  bring_back->add_option("files", options->files, "The files")->type_name("FILE");
  bring_back->add_option("--repo-id", options->repo_id, "Those that are registered for it")
      ->type_name("ID");
  add_database_option(*bring_back, options->database_url);
  commands.push_back({create, [options] { return archive_create_command(*options); }});
  commands.push_back({bring_back, [options] { return archive_bring_back_command(*options); }});
}

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
  migrate.command
      ->add_option("--grant", migrate.options.role,
                   "Role of PostgreSQL that servers run as: it may read and write rows")
      ->type_name("ROLE");

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
