#include "http/request_head.h"

#include <algorithm>

#include "http/message.h"

namespace twinstore {
namespace {

constexpr std::string_view line_end = "\r\n";
constexpr size_t length_digits_max = 15;  // far above any bound, and no overflow

// RFC 9110 §5.6.2
bool is_token(std::string_view text) {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           marks.find(c) != std::string_view::npos;
  });
}

bool is_visible(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

// RFC 9110 §5.5: no control character but the tab. Bytes above ASCII are the handler's business.
bool is_field_value(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte == '\t' || (byte >= 0x20 && byte != 0x7f);
  });
}

bool is_number(std::string_view text) {
  return !text.empty() && text.size() <= length_digits_max &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

std::string_view wrong_request_line(std::string_view line) {
  const size_t first = line.find(' ');
  const size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return "the request line has three parts";
  const std::string_view method = line.substr(0, first);
  if (!is_token(method) || method.front() < 'A' || method.front() > 'Z') {
    return "a method is a token that begins with a capital";
  }
  if (!is_visible(line.substr(first + 1, last - first - 1))) return "the target has no white space";
  if (line.substr(last + 1) != "HTTP/1.1") return "this is HTTP/1.1";
  return {};
}

struct Lengths {
  int content_lengths = 0;
  int codings = 0;
};

std::string_view wrong_field(std::string_view line, Lengths& lengths) {
  if (line.front() == ' ' || line.front() == '\t') return "a header stands in one line";
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) {
    return "a header begins with its name and a colon";
  }
  if (!is_field_value(line.substr(colon + 1))) return "a header has no control characters";
  const std::string_view name = line.substr(0, colon);
  const std::string_view value = trimmed(line.substr(colon + 1));
  if (is_same_token(name, "Content-Length")) {
    ++lengths.content_lengths;
    if (!is_number(value)) return "a length is a plain number";
  }
  if (is_same_token(name, "Transfer-Encoding")) {
    ++lengths.codings;
    if (!is_same_token(value, "chunked")) return "the only transfer coding is chunked";
  }
  return {};
}

}  // namespace

std::string_view wrong_head(std::string_view head) {
  Lengths lengths;
  bool is_first = true;
  while (!head.empty()) {
    const size_t end = head.find(line_end);
    if (end == std::string_view::npos) return "a line ends in CR LF";
    const std::string_view line = head.substr(0, end);
    head.remove_prefix(end + line_end.size());
    if (line.find_first_of("\r\n") != std::string_view::npos) return "a line ends in CR LF";
    if (line.empty()) break;
    const std::string_view wrong = is_first ? wrong_request_line(line) : wrong_field(line, lengths);
    if (!wrong.empty()) return wrong;
    is_first = false;
  }
  if (is_first) return "the request line has three parts";
  if (lengths.content_lengths + lengths.codings > 1) return "a body has one length, not two";
  return {};
}

}  // namespace twinstore
