#include "api/path_template.h"

namespace twinstore {
namespace {

bool is_parameter(std::string_view segment) { return segment.starts_with('{'); }

}  // namespace

std::vector<std::string> template_segments(std::string_view path) {
  std::vector<std::string> segments;
  path.remove_prefix(1);
  for (;;) {
    const size_t end = path.find('/');
    segments.emplace_back(path.substr(0, end));
    if (end == std::string_view::npos) return segments;
    path.remove_prefix(end + 1);
  }
}

std::vector<std::pair<size_t, std::string>> path_parameters(std::string_view path) {
  std::vector<std::pair<size_t, std::string>> parameters;
  const auto segments = template_segments(path);
  for (size_t i = 0; i < segments.size(); ++i) {
    if (is_parameter(segments[i])) {
      parameters.emplace_back(i, segments[i].substr(1, segments[i].size() - 2));
    }
  }
  return parameters;
}

bool matches_template(const std::vector<std::string>& expected,
                      const std::vector<std::string>& segments) {
  if (expected.size() != segments.size()) return false;
  for (size_t i = 0; i < expected.size(); ++i) {
    if (!is_parameter(expected[i]) && expected[i] != segments[i]) return false;
  }
  return true;
}

}  // namespace twinstore
