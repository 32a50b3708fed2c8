// The process's log: one line per event on stderr, as key=value pairs behind a sentence.
// Never a document, a token or a query string. Thread rule: any thread. log.cpp alone knows spdlog.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "twinstore/result.h"

namespace twinstore {

enum class LogLevel : uint8_t { Debug, Info, Warn, Error, Off };

// debug, info, warn, error, off. Errors: InvalidArgument.
[[nodiscard]] Result<LogLevel> parse_log_level(std::string_view text);
// Lines below `level` are dropped from here on. Called before threads start.
void set_log_level(LogLevel level);

void log_debug(std::string_view line);
void log_info(std::string_view line);
void log_warn(std::string_view line);
void log_error(std::string_view line);

// One answered request. `path` comes without its query.
struct AccessLine {
  uint64_t request_id = 0;
  std::string_view method;
  std::string_view path;
  int status = 0;
  double ms = 0;
  size_t bytes_in = 0;
  size_t bytes_out = 0;
};
void log_access(const AccessLine& line);

}  // namespace twinstore
