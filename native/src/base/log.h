// The process's log: one line per event on stderr, a sentence and named values, as text or as JSON
// (docs/operations.md lists the events). Never a document, a token or a query string; what comes
// from outside is escaped, so that nobody writes lines of his own.
// Thread rule: any thread; the setters before threads start. log.cpp alone knows spdlog.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

#include "twinstore/result.h"

namespace twinstore {

enum class LogLevel : uint8_t { Debug, Info, Warn, Error, Off };
enum class LogFormat : uint8_t { Text, Json };

// debug, info, warn, error, off. Errors: InvalidArgument.
[[nodiscard]] Result<LogLevel> parse_log_level(std::string_view text);
// text, json. Errors: InvalidArgument.
[[nodiscard]] Result<LogFormat> parse_log_format(std::string_view text);
// Lines below `level` are dropped from here on.
void set_log_level(LogLevel level);
void set_log_format(LogFormat format);
// A request or commit that took as long is a warning. Milliseconds; 0: none is.
void set_slow_ms(int64_t ms);
[[nodiscard]] bool is_slow(double ms);

struct LogField {
  std::string_view name;
  std::variant<int64_t, double, std::string_view> value;

  LogField(std::string_view of, std::string_view text) : name(of), value(text) {}
  LogField(std::string_view of, const std::string& text)
      : name(of), value(std::string_view(text)) {}
  LogField(std::string_view of, const char* text) : name(of), value(std::string_view(text)) {}
  LogField(std::string_view of, double number) : name(of), value(number) {}
  template <class Integer>
  requires std::is_integral_v<Integer> LogField(std::string_view of, Integer number)
      : name(of), value(static_cast<int64_t>(number)) {}
};
using LogFields = std::initializer_list<LogField>;

void log_debug(std::string_view event, LogFields fields = {});
void log_info(std::string_view event, LogFields fields = {});
void log_warn(std::string_view event, LogFields fields = {});
void log_error(std::string_view event, LogFields fields = {});

// The line without its time and level. For tests.
[[nodiscard]] std::string log_text(LogFormat format, std::string_view event, LogFields fields);

// One answered request. `path` comes without its query.
struct AccessLine {
  uint64_t request_id = 0;
  std::string_view trace_id;  // of the caller's traceparent; empty: there was none
  std::string_view method;
  std::string_view path;
  int status = 0;
  double ms = 0;
  size_t bytes_in = 0;
  size_t bytes_out = 0;
};
void log_access(const AccessLine& line);

}  // namespace twinstore
