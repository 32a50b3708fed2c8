// The commands behind the command line. Each returns the exit status: 0; after a sentence on stderr
// 78 for a configuration that cannot be meant, 1 for anything else. Thread rule: the main thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "auth/authenticator.h"
#include "config/database_url.h"
#include "config/server_limits.h"

namespace twinstore {

struct ServeOptions {
  std::string listen = "127.0.0.1:8787";
  std::string database_url;  // empty: the default, with a warning
  std::string schema_file;   // empty: the shipped schema
  std::string web_folder;
  std::vector<std::string> allowed_origins;
  int64_t slow_ms = 1'000;
  std::string refresh_file;  // empty: nothing is configured to be refreshed
  std::string cache_folder;  // empty: cleanup touches no file
  AuthOptions auth;
  double requests_per_second = limits::requests_per_second;  // of one principal
  std::vector<std::string> trusted_proxies;
};
// Prints `listening on URL` to stdout when it answers, and returns after SIGTERM or SIGINT.
[[nodiscard]] int serve_command(const ServeOptions& options);

struct ArchiveCommandOptions {
  std::string database_url;
  std::string folder;  // create
  double max_age_days = 30;
  double keep_days = 0;            // 0: for ever
  std::vector<std::string> files;  // bring back
  std::string repo_id;             // or those that are registered for it
};
// Says on stdout what went where.
[[nodiscard]] int archive_create_command(const ArchiveCommandOptions& options);
[[nodiscard]] int archive_bring_back_command(const ArchiveCommandOptions& options);

struct TokenOptions {
  std::string file;
  std::string name;  // of a new token; an id to revoke
  std::string role;
  std::string workspace{main_workspace};
  std::vector<std::string> scopes{"*"};
  int64_t days = 0;  // until it expires; 0: never
};
// The token is all that stdout gets.
[[nodiscard]] int create_token_command(const TokenOptions& options);
[[nodiscard]] int list_tokens_command(const TokenOptions& options);
[[nodiscard]] int revoke_token_command(const TokenOptions& options);

struct ImportOptions {
  std::string path;  // a folder of .jsonl files, or a git repository
  std::string database_url;
  std::string repo_id;  // git only; empty: from its remote
};
// The last line on stdout says how many rows were imported.
[[nodiscard]] int import_jsonl_command(const ImportOptions& options);
[[nodiscard]] int import_git_command(const ImportOptions& options);

// Of the commands for who looks after a database.
struct DatabaseOptions {
  std::string database_url;
  std::string schema_file;
  std::string path;          // of the backup, or the folder of an export
  bool is_full = false;      // backup: everything anew
  bool may_replace = false;  // restore: the file that is there is moved aside
  bool is_in_place = false;  // restore: the database was put back by other means
  bool is_dry_run = false;   // migrate: nothing is changed
  std::string role;          // migrate: that servers run as; empty: nobody is granted anything
};
// Each prints one line that says what it did, also from a database that is served.
[[nodiscard]] int backup_command(const DatabaseOptions& options);
[[nodiscard]] int restore_command(const DatabaseOptions& options);
// Exit status 1, and a sentence for each problem on stderr, when the database is not whole.
[[nodiscard]] int verify_command(const DatabaseOptions& options);
// Says each step on stdout.
[[nodiscard]] int migrate_command(const DatabaseOptions& options);
// JSON on stdout.
[[nodiscard]] int stats_command(const DatabaseOptions& options);
[[nodiscard]] int export_jsonl_command(const DatabaseOptions& options);

}  // namespace twinstore
