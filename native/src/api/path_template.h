// Path templates: "/persistence/branches/{repo_id}". A segment is literal, or one parameter whole.
// Thread rule: pure functions.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace twinstore {

// The segments of a template; those in braces keep them.
[[nodiscard]] std::vector<std::string> template_segments(std::string_view path);
// The parameters with the positions of their segments.
[[nodiscard]] std::vector<std::pair<size_t, std::string>> path_parameters(std::string_view path);
// True when a path of these decoded segments is one of the template's.
[[nodiscard]] bool matches_template(const std::vector<std::string>& expected,
                                    const std::vector<std::string>& segments);

}  // namespace twinstore
