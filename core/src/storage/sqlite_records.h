// What a SQLite file says of itself: which spaces hold records, and how large it is.
// Thread rule: the connection's thread.
#pragma once

#include <vector>

#include "storage/sqlite.h"

namespace twinstore {

// In order, one step of the index for each, however many records it holds. The space "storage" is
// the file's own (migrations.cpp) and left out.
[[nodiscard]] Result<std::vector<std::string>> record_spaces(Database& database);

[[nodiscard]] Result<int64_t> file_bytes(Database& database);
// Without the pages that are free to be used again.
[[nodiscard]] Result<int64_t> used_bytes(Database& database);

}  // namespace twinstore
