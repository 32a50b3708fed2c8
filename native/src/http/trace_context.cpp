#include "http/trace_context.h"

#include <algorithm>

namespace twinstore {
namespace {

// 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01
constexpr size_t whole_bytes = 55;
constexpr size_t trace_at = 3;
constexpr size_t trace_bytes = 32;
constexpr size_t parent_at = 36;
constexpr size_t parent_bytes = 16;
constexpr size_t flags_at = 53;

bool is_hex(std::string_view text) {
  return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool is_zero(std::string_view text) {
  return text.find_first_not_of('0') == std::string_view::npos;
}

}  // namespace

std::string_view trace_id_of(std::string_view traceparent) {
  if (traceparent.size() < whole_bytes) return {};
  const std::string_view version = traceparent.substr(0, 2);
  const std::string_view trace = traceparent.substr(trace_at, trace_bytes);
  const std::string_view parent = traceparent.substr(parent_at, parent_bytes);
  const std::string_view flags = traceparent.substr(flags_at, 2);
  const bool has_hyphens = traceparent[trace_at - 1] == '-' && traceparent[parent_at - 1] == '-' &&
                           traceparent[flags_at - 1] == '-';
  if (!has_hyphens || !is_hex(version) || version == "ff") return {};
  if (!is_hex(trace) || !is_hex(parent) || !is_hex(flags)) return {};
  if (is_zero(trace) || is_zero(parent)) return {};
  // A later version may say more, behind another hyphen.
  const bool is_longer = traceparent.size() > whole_bytes;
  if (is_longer && (version == "00" || traceparent[whole_bytes] != '-')) return {};
  return trace;
}

}  // namespace twinstore
