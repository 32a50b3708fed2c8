// Where the database is, from a URL. Thread rule: plain values and pure functions.
#pragma once

#include <string>
#include <string_view>

#include "twinstore/result.h"

namespace twinstore {

inline constexpr std::string_view main_workspace = "main";

// 1 to 63 characters of a-z, 0-9, _ and -: what may be a file's name and stand in a URL.
[[nodiscard]] bool is_workspace_name(std::string_view text);

// One workspace of a database. In PostgreSQL all of them share the tables, in files each has its
// own: main the one that the URL names, the others theirs in a folder beside it (docs/security.md
// says why).
struct DatabaseLocation {
  std::string path;            // of main's file; ":memory:" for one that lives with the process
  int busy_timeout_ms = 5000;  // how long a writer waits for another one
  std::string postgres_url{};  // in place of the path, as libpq takes it
  std::string workspace{main_workspace};
  bool is_confined = false;  // of PostgreSQL: refuse a role that could see every workspace

  [[nodiscard]] bool is_memory() const { return path == ":memory:"; }
  [[nodiscard]] bool is_postgres() const { return !postgres_url.empty(); }
  // The same database's other workspace.
  [[nodiscard]] DatabaseLocation in(std::string_view other) const;
  // The folder of the files of all workspaces but main: PATH.workspaces.
  [[nodiscard]] std::string workspaces_folder() const { return path + ".workspaces"; }
  // The workspace's own file; requires a path.
  [[nodiscard]] std::string file() const;
  // For people and logs: without password and parameters.
  [[nodiscard]] std::string text() const;
};

// `sqlite:///var/lib/x.db` names /var/lib/x.db (a fourth slash is accepted too), `sqlite:///./x.db`
// and `sqlite:///../x.db` are relative to the working folder, `sqlite:///:memory:` is in memory.
// `?timeout=20` is the busy timeout in seconds, 0 to 3600, and `?workspace=name` says whose rows
// are meant, main's unless it does. The path is percent-decoded.
// `postgresql://user:password@host:port/database?sslmode=verify-full` is what libpq makes of it
// (postgresql.org/docs/15/libpq-connect.html#LIBPQ-CONNSTRING); those two parameters are
// Twinstore's own there too.
// Errors: InvalidArgument, with a sentence, for anything else.
[[nodiscard]] Result<DatabaseLocation> parse_database_url(std::string_view url);

// Main's workspace in a file.
[[nodiscard]] DatabaseLocation file_location(const std::string& path);

// {TEMP_DIR}/code_mri.db, as a URL. `temp_folder` is absolute.
[[nodiscard]] std::string default_database_url(std::string_view temp_folder);

}  // namespace twinstore
