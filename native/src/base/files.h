// Files and folders that hold what others must not read. What these functions have made is on the
// disk, under its name, when they return. Thread rule: free functions; any thread.
#pragma once

#include <functional>
#include <string>

#include "twinstore/result.h"

namespace twinstore {

// StorageIo with the path and what errno says.
[[nodiscard]] Error io_error(const std::string& path);

// Makes the file, readable by its owner alone, when there is none. SQLite gives its own files
// beside it the same mode. Errors: StorageIo with the system's reason.
[[nodiscard]] Result<void> make_private_file(const std::string& path);
// The same for a folder; the one that it stands in exists.
[[nodiscard]] Result<void> make_private_folder(const std::string& path);

// Replaces the content, or "" where there is no file, by what `change` makes of it, as one step;
// other processes that do the same wait. Errors: StorageIo; those of `change`.
[[nodiscard]] Result<void> update_private_file(
    const std::string& path, const std::function<Result<std::string>(const std::string&)>& change);

}  // namespace twinstore
