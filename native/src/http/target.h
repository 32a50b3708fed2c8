// Request targets: path and query, percent-decoded. Thread rule: pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "twinstore/result.h"

namespace twinstore {

// Errors: InvalidArgument for a '%' that is not followed by two hexadecimal digits.
[[nodiscard]] Result<std::string> percent_decode(std::string_view text);

struct Target {
  std::string path;                   // decoded as a whole; begins with '/'
  std::vector<std::string> segments;  // decoded one by one: a %2F stays inside its segment
  std::string query;                  // as it came
};

// Takes the origin form only. Errors: InvalidArgument for any other form, a bad escape, a NUL, or
// a path that is not UTF-8.
[[nodiscard]] Result<Target> parse_target(std::string_view target);

}  // namespace twinstore
