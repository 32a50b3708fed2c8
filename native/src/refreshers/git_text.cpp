#include "git_text.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "git_limits.h"

namespace twinstore {

namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

bool is_continuation(unsigned char byte) { return (byte & 0xC0) == 0x80; }

// The length of the well-formed sequence at the front of `text`, or 0 (RFC 3629 §4, without NUL).
size_t sequence_length(std::string_view text) {
  const auto at = [&](size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : static_cast<unsigned char>(0);
  };
  const unsigned char lead = at(0);
  if (lead == 0) return 0;
  if (lead < 0x80) return 1;
  if (lead < 0xC2 || lead > 0xF4) return 0;
  if (!is_continuation(at(1))) return 0;
  if (lead < 0xE0) return 2;
  if (!is_continuation(at(2))) return 0;
  if (lead < 0xF0) {
    const bool overlong = lead == 0xE0 && at(1) < 0xA0;
    const bool surrogate = lead == 0xED && at(1) > 0x9F;
    return overlong || surrogate ? 0 : 3;
  }
  if (!is_continuation(at(3))) return 0;
  const bool overlong = lead == 0xF0 && at(1) < 0x90;
  const bool beyond = lead == 0xF4 && at(1) > 0x8F;
  return overlong || beyond ? 0 : 4;
}

std::string from_latin1(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size());
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      text.push_back(c);
    } else {
      text.push_back(static_cast<char>(0xC0 | (byte >> 6)));
      text.push_back(static_cast<char>(0x80 | (byte & 0x3F)));
    }
  }
  return text;
}

bool declares_latin1(const char* encoding) {
  if (encoding == nullptr) return false;
  const std::string_view name(encoding);
  return name == "ISO-8859-1" || name == "iso-8859-1" || name == "latin1" || name == "Latin1" ||
         name == "ISO8859-1";
}

}  // namespace

std::string valid_utf8(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size());
  while (!bytes.empty()) {
    const size_t length = sequence_length(bytes);
    if (length == 0) {
      text.append(replacement);
      bytes.remove_prefix(1);
    } else {
      text.append(bytes.substr(0, length));
      bytes.remove_prefix(length);
    }
  }
  return text;
}

std::string commit_summary(git_commit* commit) {
  const char* summary = git_commit_summary(commit);
  std::string_view bytes = summary != nullptr ? std::string_view(summary) : std::string_view();
  bytes = bytes.substr(0, limits::commit_summary_bytes_max);
  // A cut inside a character leaves its first bytes; they are no text.
  while (!bytes.empty() && summary[bytes.size()] != '\0' &&
         is_continuation(static_cast<unsigned char>(summary[bytes.size()]))) {
    bytes.remove_suffix(1);
  }
  if (declares_latin1(git_commit_message_encoding(commit))) return from_latin1(bytes);
  return valid_utf8(bytes);
}

std::string offset_time_text(const git_time& time) {
  using namespace std::chrono;
  constexpr int64_t first = sys_seconds(sys_days(year(1) / 1 / 2)).time_since_epoch().count();
  constexpr int64_t last = sys_seconds(sys_days(year(9999) / 12 / 30)).time_since_epoch().count();
  constexpr int offset_max = 24 * 60 - 1;
  const int offset = std::clamp(time.offset, -offset_max, offset_max);
  const int64_t local = std::clamp<int64_t>(time.time, first, last) + int64_t{offset} * 60;

  const sys_seconds moment{seconds(local)};
  const sys_days midnight = floor<days>(moment);
  const year_month_day date{midnight};
  const hh_mm_ss clock{moment - midnight};
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d%c%02d:%02d",
                static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
                static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()), offset < 0 ? '-' : '+',
                std::abs(offset) / 60, std::abs(offset) % 60);
  return std::string(text.data());
}

}  // namespace twinstore
