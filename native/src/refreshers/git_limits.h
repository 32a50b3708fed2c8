// Bounds of the git analyser and the numbers of its rules, with unit and reason.
// Next: core/include/twinstore/limits.h for the bounds that its rows must also keep.
#pragma once

#include <cstddef>
#include <cstdint>

namespace twinstore::limits {

inline constexpr int64_t large_file_bytes = 1'000'000;  // a larger file is an issue
inline constexpr int file_tree_depth = 3;  // levels of directories below the root that are listed
// Of the file tree and of the issues, estimated; each is one JSON value of at most 1 MiB.
inline constexpr size_t listing_bytes_max = 900'000;
inline constexpr int git_tree_depth_max = 512;  // nested trees; a forged one must end
inline constexpr size_t commit_summary_bytes_max = 64u << 10;  // first paragraph of a message

}  // namespace twinstore::limits
