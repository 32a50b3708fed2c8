// Bounds of refreshing, with unit and reason. Next: config/server_limits.h for the server's others.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace twinstore::limits {

inline constexpr size_t refresh_answer_bytes_max = 8u << 20;    // of a webhook or a command
inline constexpr size_t refresh_runners = 2;                    // refreshes at a time on a node
inline constexpr size_t refresh_marks_max = 100;                // taken in one transaction
inline constexpr size_t refresh_open_tasks_max = 1'000;         // a check adds none beyond it
inline constexpr size_t refresh_rows_per_commit = 250;          // of what a survey hands in
inline constexpr int64_t check_interval_minutes_max = 527'040;  // 366 days
inline constexpr int64_t refresh_seconds_max = 86'400;          // a time limit, a lease, a wait
inline constexpr int64_t refresh_attempts_max = 100;
inline constexpr size_t refresh_sources_max = 1'000;
inline constexpr size_t refresh_config_bytes_max = 1u << 20;
inline constexpr std::chrono::hours refresh_tasks_kept{7 * 24};  // once they are over
inline constexpr std::chrono::seconds refresh_look_interval{5};  // what other nodes wrote silently

}  // namespace twinstore::limits
