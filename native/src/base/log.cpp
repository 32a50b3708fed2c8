#include "base/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <array>
#include <atomic>
#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>

namespace twinstore {
namespace {

constexpr size_t path_bytes_max = 200;
constexpr std::string_view text_pattern = "%Y-%m-%dT%H:%M:%S.%eZ level=%l %v";
constexpr std::string_view json_pattern = R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})";

std::atomic<LogFormat> chosen_format{LogFormat::Text};
std::atomic<int64_t> slow_ms{0};

// A path as it may stand in a line: printable ASCII, anything else as %XX, cut at a bound.
std::string loggable(std::string_view path) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (const char c : path.substr(0, path_bytes_max)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > 0x20 && byte < 0x7f && c != '"') {
      out += c;
    } else {
      out += {'%', digits[byte >> 4], digits[byte & 15]};
    }
  }
  if (path.size() > path_bytes_max) out += "...";
  return out;
}

std::string json_string(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

// As it is where nobody could mistake it, else as JSON has it.
std::string plain(std::string_view text, bool may_have_spaces) {
  bool is_plain = !text.empty();
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_space = c == ' ' && may_have_spaces;
    if (!is_space && (byte <= 0x20 || byte >= 0x7f || c == '"' || c == '\\')) is_plain = false;
  }
  return is_plain ? std::string(text) : json_string(text);
}

std::string number_text(double number) {
  if (!std::isfinite(number)) return "0";
  std::array<char, 32> text{};
  const int length = std::snprintf(text.data(), text.size(), "%.2f", number);
  return {text.data(), static_cast<size_t>(length)};
}

std::string value_text(LogFormat format, const LogField& field) {
  if (const auto* number = std::get_if<int64_t>(&field.value)) return std::to_string(*number);
  if (const auto* number = std::get_if<double>(&field.value)) return number_text(*number);
  const auto text = std::get<std::string_view>(field.value);
  return format == LogFormat::Json ? json_string(text) : plain(text, false);
}

// spdlog's own registry would be a mutable global of ours; this one is made once, and its level and
// pattern are set before threads start.
spdlog::logger& logger() {
  static const std::shared_ptr<spdlog::logger> made = [] {
    auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    auto fresh = std::make_shared<spdlog::logger>("twinstore", std::move(sink));
    fresh->set_pattern(std::string(text_pattern), spdlog::pattern_time_type::utc);
    return fresh;
  }();
  return *made;
}

void log_event(spdlog::level::level_enum level, std::string_view event, LogFields fields) {
  if (!logger().should_log(level)) return;
  logger().log(level, "{}", log_text(chosen_format, event, fields));
}

// The place of `text` among `names`. Errors: InvalidArgument.
template <size_t Count>
Result<size_t> place_of(std::string_view what, std::string_view text,
                        const std::array<std::string_view, Count>& names) {
  std::string all;
  for (size_t i = 0; i < Count; ++i) {
    if (names[i] == text) return i;
    all += (i > 0 ? ", " : "") + std::string(names[i]);
  }
  return Error{ErrorCode::InvalidArgument,
               std::string(what) + " is one of " + all + "; not " + std::string(text)};
}

}  // namespace

Result<LogLevel> parse_log_level(std::string_view text) {
  constexpr std::array<std::string_view, 5> names{"debug", "info", "warn", "error", "off"};
  TWINSTORE_TRY(const size_t place, place_of("a log level", text, names));
  return static_cast<LogLevel>(place);
}

Result<LogFormat> parse_log_format(std::string_view text) {
  constexpr std::array<std::string_view, 2> names{"text", "json"};
  TWINSTORE_TRY(const size_t place, place_of("a log format", text, names));
  return static_cast<LogFormat>(place);
}

void set_log_level(LogLevel level) {
  constexpr std::array levels{spdlog::level::debug, spdlog::level::info, spdlog::level::warn,
                              spdlog::level::err, spdlog::level::off};
  logger().set_level(levels[static_cast<size_t>(level)]);
}

void set_log_format(LogFormat format) {
  chosen_format = format;
  logger().set_pattern(std::string(format == LogFormat::Json ? json_pattern : text_pattern),
                       spdlog::pattern_time_type::utc);
}

void set_slow_ms(int64_t ms) { slow_ms = ms; }

bool is_slow(double ms) {
  const int64_t bound = slow_ms;
  return bound > 0 && ms >= static_cast<double>(bound);
}

std::string log_text(LogFormat format, std::string_view event, LogFields fields) {
  const bool is_json = format == LogFormat::Json;
  std::string out = is_json ? "\"event\":" + json_string(event) : plain(event, true);
  for (const LogField& field : fields) {
    out += is_json ? "," + json_string(field.name) + ":" : " " + std::string(field.name) + "=";
    out += value_text(format, field);
  }
  return out;
}

void log_debug(std::string_view event, LogFields fields) {
  log_event(spdlog::level::debug, event, fields);
}
void log_info(std::string_view event, LogFields fields) {
  log_event(spdlog::level::info, event, fields);
}
void log_warn(std::string_view event, LogFields fields) {
  log_event(spdlog::level::warn, event, fields);
}
void log_error(std::string_view event, LogFields fields) {
  log_event(spdlog::level::err, event, fields);
}

void log_access(const AccessLine& line) {
  const bool slow = is_slow(line.ms);
  const auto level = slow ? spdlog::level::warn : spdlog::level::info;
  const std::string method = loggable(line.method);
  const std::string path = loggable(line.path);
  std::array<char, 17> id{};
  (void)std::snprintf(id.data(), id.size(), "%llx",
                      static_cast<unsigned long long>(line.request_id));
  const std::string_view trace = line.trace_id.empty() ? "-" : line.trace_id;
  log_event(level, slow ? "slow request" : "request",
            {{"request", id.data()},
             {"trace", trace},
             {"method", method},
             {"path", path},
             {"status", line.status},
             {"ms", line.ms},
             {"in", line.bytes_in},
             {"out", line.bytes_out}});
}

}  // namespace twinstore
