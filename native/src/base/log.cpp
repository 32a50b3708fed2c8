#include "base/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <array>
#include <memory>

namespace twinstore {
namespace {

constexpr size_t path_bytes_max = 200;

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

// spdlog's own registry would be a mutable global of ours; this one is made once and never changes
// but for its level, which is atomic.
spdlog::logger& logger() {
  static const std::shared_ptr<spdlog::logger> made = [] {
    auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    auto fresh = std::make_shared<spdlog::logger>("twinstore", std::move(sink));
    fresh->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ level=%l %v", spdlog::pattern_time_type::utc);
    return fresh;
  }();
  return *made;
}

}  // namespace

Result<LogLevel> parse_log_level(std::string_view text) {
  constexpr std::array<std::string_view, 5> names{"debug", "info", "warn", "error", "off"};
  for (size_t i = 0; i < names.size(); ++i) {
    if (names[i] == text) return static_cast<LogLevel>(i);
  }
  return Error{ErrorCode::InvalidArgument,
               "a log level is one of debug, info, warn, error, off; not " + std::string(text)};
}

void set_log_level(LogLevel level) {
  constexpr std::array levels{spdlog::level::debug, spdlog::level::info, spdlog::level::warn,
                              spdlog::level::err, spdlog::level::off};
  logger().set_level(levels[static_cast<size_t>(level)]);
}

void log_debug(std::string_view line) { logger().debug("{}", line); }
void log_info(std::string_view line) { logger().info("{}", line); }
void log_warn(std::string_view line) { logger().warn("{}", line); }
void log_error(std::string_view line) { logger().error("{}", line); }

void log_access(const AccessLine& line) {
  logger().info("request={:x} method={} path={} status={} ms={:.2f} in={} out={}", line.request_id,
                loggable(line.method), loggable(line.path), line.status, line.ms, line.bytes_in,
                line.bytes_out);
}

}  // namespace twinstore
