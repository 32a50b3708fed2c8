// Times as text: RFC 3339 with any offset on input, UTC with milliseconds on output.
// Thread rule: pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "twinstore/result.h"

namespace twinstore {

inline constexpr double hour_ms = 3'600'000;
inline constexpr int64_t last_time_ms = 253402300799999;  // 9999-12-31T23:59:59.999Z

// Milliseconds since 1970-01-01T00:00:00Z; digits past the millisecond are cut off.
// Errors: InvalidArgument for anything that is not an RFC 3339 date-time of the years 0001–9999.
[[nodiscard]] Result<int64_t> parse_time(std::string_view text);

// YYYY-MM-DDTHH:MM:SS.sssZ. Requires a time within the years 0001–9999.
[[nodiscard]] std::string time_text(int64_t ms);

}  // namespace twinstore
