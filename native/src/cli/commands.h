// The commands behind the command line. Each returns the exit status: 0, or 1 after a sentence on
// stderr. Thread rule: the main thread.
#pragma once

#include <string>
#include <vector>

namespace twinstore {

struct ServeOptions {
  std::string listen = "127.0.0.1:8787";
  std::string database_url;  // empty: the default, with a warning
  std::string schema_file;   // empty: the shipped schema
  std::string web_folder;
  std::vector<std::string> allowed_origins;
};
// Prints `listening on URL` to stdout when it answers, and returns after SIGTERM or SIGINT.
[[nodiscard]] int serve_command(const ServeOptions& options);

struct ImportOptions {
  std::string path;  // a folder of .jsonl files, or a git repository
  std::string database_url;
  std::string repo_id;  // git only; empty: from its remote
};
// The last line on stdout says how many rows were imported.
[[nodiscard]] int import_jsonl_command(const ImportOptions& options);
[[nodiscard]] int import_git_command(const ImportOptions& options);

}  // namespace twinstore
