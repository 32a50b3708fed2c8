// Bounds of archives, with unit and reason. Next: config/server_limits.h for the server's others.
#pragma once

#include <cstddef>

namespace twinstore::limits {

inline constexpr size_t archive_text_bytes_aim = 16u << 20;  // of rows that are written together
inline constexpr size_t archive_file_bytes_max = 64u << 20;  // read into memory whole, inflated
inline constexpr size_t archive_rows_per_commit = 200;       // that go, or are brought back

}  // namespace twinstore::limits
