#include "http/target.h"

namespace twinstore {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// The number of bytes of the UTF-8 sequence at the front; 0 when it is none (RFC 3629 §4).
size_t utf8_length(std::string_view text) {
  const auto at = [&](size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u;
  };
  const auto is_tail = [&](size_t i) { return (at(i) & 0xC0u) == 0x80u; };
  const unsigned lead = at(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF && is_tail(1)) return 2;
  if (lead >= 0xE0 && lead <= 0xEF && is_tail(1) && is_tail(2)) {
    if (lead == 0xE0 && at(1) < 0xA0) return 0;
    if (lead == 0xED && at(1) > 0x9F) return 0;
    return 3;
  }
  if (lead >= 0xF0 && lead <= 0xF4 && is_tail(1) && is_tail(2) && is_tail(3)) {
    if (lead == 0xF0 && at(1) < 0x90) return 0;
    if (lead == 0xF4 && at(1) > 0x8F) return 0;
    return 4;
  }
  return 0;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const size_t length = utf8_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

}  // namespace

Result<std::string> percent_decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
    if (high < 0 || low < 0) {
      return Error{ErrorCode::InvalidArgument, "a % is followed by two hexadecimal digits"};
    }
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

Result<Target> parse_target(std::string_view target) {
  if (!target.starts_with('/')) {
    return Error{ErrorCode::InvalidArgument, "a request target begins with /"};
  }
  Target out;
  const size_t query = target.find('?');
  if (query != std::string_view::npos) out.query = std::string(target.substr(query + 1));
  for (const std::string_view raw : split(target.substr(1, query - 1), '/')) {
    TWINSTORE_TRY(std::string segment, percent_decode(raw));
    out.path += '/' + segment;
    out.segments.push_back(std::move(segment));
  }
  if (out.path.find('\0') != std::string::npos || !is_utf8(out.path)) {
    return Error{ErrorCode::InvalidArgument, "a path is UTF-8 without NUL"};
  }
  return out;
}

}  // namespace twinstore
