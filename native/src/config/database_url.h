// Where the database is, from a URL. Thread rule: plain values and pure functions.
#pragma once

#include <string>
#include <string_view>

#include "twinstore/result.h"

namespace twinstore {

struct DatabaseLocation {
  std::string path;            // of the file; ":memory:" for one that lives with the process
  int busy_timeout_ms = 5000;  // how long a writer waits for another one

  [[nodiscard]] bool is_memory() const { return path == ":memory:"; }
};

// `sqlite:///var/lib/x.db` names /var/lib/x.db (a fourth slash is accepted too), `sqlite:///./x.db`
// and `sqlite:///../x.db` are relative to the working folder, `sqlite:///:memory:` is in memory.
// `?timeout=20` is the busy timeout in seconds, 0 to 3600. The path is percent-decoded.
// Errors: InvalidArgument, with a sentence, for anything else; postgresql:// URLs included.
[[nodiscard]] Result<DatabaseLocation> parse_database_url(std::string_view url);

// {TEMP_DIR}/code_mri.db, as a URL. `temp_folder` is absolute.
[[nodiscard]] std::string default_database_url(std::string_view temp_folder);

}  // namespace twinstore
