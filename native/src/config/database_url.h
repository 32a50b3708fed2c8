// Where the database is, from a URL. Thread rule: plain values and pure functions.
#pragma once

#include <string>
#include <string_view>

#include "twinstore/result.h"

namespace twinstore {

struct DatabaseLocation {
  std::string path;            // of the file; ":memory:" for one that lives with the process
  int busy_timeout_ms = 5000;  // how long a writer waits for another one
  std::string postgres_url{};  // in place of the path, as libpq takes it
  std::string workspace = "main";

  [[nodiscard]] bool is_memory() const { return path == ":memory:"; }
  [[nodiscard]] bool is_postgres() const { return !postgres_url.empty(); }
  // For people and logs: without password and parameters.
  [[nodiscard]] std::string text() const;
};

// `sqlite:///var/lib/x.db` names /var/lib/x.db (a fourth slash is accepted too), `sqlite:///./x.db`
// and `sqlite:///../x.db` are relative to the working folder, `sqlite:///:memory:` is in memory.
// `?timeout=20` is the busy timeout in seconds, 0 to 3600. The path is percent-decoded.
// `postgresql://user:password@host:port/database?sslmode=verify-full` is what libpq makes of it
// (postgresql.org/docs/15/libpq-connect.html#LIBPQ-CONNSTRING); of its parameters `timeout`, and
// `workspace`, whose rows these are, are Twinstore's own.
// Errors: InvalidArgument, with a sentence, for anything else.
[[nodiscard]] Result<DatabaseLocation> parse_database_url(std::string_view url);

// {TEMP_DIR}/code_mri.db, as a URL. `temp_folder` is absolute.
[[nodiscard]] std::string default_database_url(std::string_view temp_folder);

}  // namespace twinstore
