// A SQLite database as a file: checked by SQLite itself, and copied page by page while others read
// and write it. Thread rule: free functions; any thread.
#pragma once

#include <string>
#include <vector>

#include "twinstore/result.h"

namespace twinstore {

// What SQLite's own check finds wrong with the file, a sentence each; nothing when it is whole.
// Reads it all. Errors: as sqlite_error.
[[nodiscard]] Result<std::vector<std::string>> check_sqlite_file(const std::string& path);

// One committed state of `from` in a new file, readable by its owner alone. Errors: as
// sqlite_error; StorageIo.
[[nodiscard]] Result<void> copy_sqlite_pages(const std::string& from, const std::string& to);

// Ends the use of a WAL beside the file, so that it can be moved and kept as one file; nobody has
// it open. Errors: as sqlite_error.
[[nodiscard]] Result<void> make_single_file(const std::string& path);

// Gives `part` the name `to`, in place of what has it: at any moment the old file or the new one,
// and the new one on the disk when this returns. Errors: StorageIo.
[[nodiscard]] Result<void> publish_file(const std::string& part, const std::string& to);

}  // namespace twinstore
