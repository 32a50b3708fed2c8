#include "twinstore/time_text.h"

#include <array>

namespace twinstore {
namespace {

constexpr int64_t day_ms = 24LL * 3600 * 1000;
constexpr int64_t first_ms = -62135596800000;  // 0001-01-01T00:00:00.000Z

// Days since 1970-01-01. Hinnant, "chrono-Compatible Low-Level Date Algorithms".
int64_t days_from_civil(int64_t y, int64_t m, int64_t d) {
  y -= m <= 2;
  const int64_t era = (y >= 0 ? y : y - 399) / 400;
  const int64_t year_of_era = y - era * 400;
  const int64_t day_of_year = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
  const int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

std::array<int64_t, 3> civil_from_days(int64_t days) {
  days += 719468;
  const int64_t era = (days >= 0 ? days : days - 146096) / 146097;
  const int64_t doe = days - era * 146097;
  const int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
  const int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
  const int64_t mp = (5 * doy + 2) / 153;
  const int64_t month = mp < 10 ? mp + 3 : mp - 9;
  return {yoe + era * 400 + (month <= 2), month, doy - (153 * mp + 2) / 5 + 1};
}

int64_t days_in_month(int64_t year, int64_t month) {
  return month == 12 ? 31 : days_from_civil(year, month + 1, 1) - days_from_civil(year, month, 1);
}

// Reads fixed-width digits and literals from the front of a text.
struct Scanner {
  std::string_view rest;
  bool failed = false;

  int64_t digits(size_t count) {
    int64_t number = 0;
    for (size_t i = 0; i < count; ++i) {
      if (i >= rest.size() || rest[i] < '0' || rest[i] > '9') {
        failed = true;
        return 0;
      }
      number = number * 10 + (rest[i] - '0');
    }
    rest.remove_prefix(count);
    return number;
  }
  bool take(std::string_view any_of) {
    if (rest.empty() || any_of.find(rest[0]) == std::string_view::npos) return false;
    rest.remove_prefix(1);
    return true;
  }
  void expect(std::string_view any_of) { failed = !take(any_of) || failed; }
};

void append_digits(std::string& out, int64_t number, size_t width, char after) {
  const std::string digits = std::to_string(number);
  out.append(width - digits.size(), '0');
  out += digits;
  out += after;
}

int64_t fraction_ms(Scanner& scan) {
  int64_t ms = 0;
  int64_t unit = 100;
  size_t count = 0;
  for (; !scan.rest.empty() && scan.rest[0] >= '0' && scan.rest[0] <= '9'; ++count) {
    ms += (scan.rest[0] - '0') * unit;
    unit /= 10;
    scan.rest.remove_prefix(1);
  }
  scan.failed = scan.failed || count == 0;
  return ms;
}

}  // namespace

Result<int64_t> parse_time(std::string_view text) {
  const Error malformed{ErrorCode::InvalidArgument,
                        "a time is written as in RFC 3339, such as 2024-03-26T17:25:26+01:00"};
  Scanner scan{text};
  const int64_t year = scan.digits(4);
  scan.expect("-");
  const int64_t month = scan.digits(2);
  scan.expect("-");
  const int64_t day = scan.digits(2);
  scan.expect("Tt ");
  const int64_t hour = scan.digits(2);
  scan.expect(":");
  const int64_t minute = scan.digits(2);
  scan.expect(":");
  const int64_t second = scan.digits(2);
  const int64_t ms = scan.take(".") ? fraction_ms(scan) : 0;
  int64_t offset_minutes = 0;
  if (!scan.take("Zz")) {
    const bool is_west = !scan.rest.empty() && scan.rest[0] == '-';
    scan.expect("+-");
    const int64_t offset_hours = scan.digits(2);
    scan.expect(":");
    const int64_t offset_rest = scan.digits(2);
    if (offset_hours > 23 || offset_rest > 59) return malformed;
    offset_minutes = (offset_hours * 60 + offset_rest) * (is_west ? -1 : 1);
  }
  if (scan.failed || !scan.rest.empty()) return malformed;
  if (year < 1 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month) ||
      hour > 23 || minute > 59 || second > 60) {
    return malformed;
  }
  const int64_t minutes = hour * 60 + minute - offset_minutes;
  const int64_t at =
      days_from_civil(year, month, day) * day_ms + (minutes * 60 + second) * 1000 + ms;
  if (at < first_ms || at > last_time_ms) return malformed;
  return at;
}

std::string time_text(int64_t ms) {
  TWINSTORE_CHECK(ms >= first_ms && ms <= last_time_ms);
  const int64_t days = (ms >= 0 ? ms : ms - day_ms + 1) / day_ms;
  const int64_t rest = ms - days * day_ms;
  const auto [year, month, day] = civil_from_days(days);
  std::string out;
  append_digits(out, year, 4, '-');
  append_digits(out, month, 2, '-');
  append_digits(out, day, 2, 'T');
  append_digits(out, rest / 3'600'000, 2, ':');
  append_digits(out, rest / 60'000 % 60, 2, ':');
  append_digits(out, rest / 1000 % 60, 2, '.');
  append_digits(out, rest % 1000, 3, 'Z');
  return out;
}

}  // namespace twinstore
