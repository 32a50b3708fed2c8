// How the embind surface says what went wrong.
#pragma once

#include <string>

#include "base/json.h"
#include "twinstore/result.h"

namespace twinstore {

// {"error":{"code","retryable","message"}}
inline std::string error_json(const Error& error) {
  std::string out = "{\"error\":{\"code\":\"" + std::string(error_text(error.code)) +
                    "\",\"retryable\":" + (is_retryable(error.code) ? "true" : "false") +
                    ",\"message\":";
  append_json_string(out, error.message);
  return out + "}}";
}

inline std::string answer(const Result<std::string>& result) {
  return result.ok() ? result.value() : error_json(result.error());
}

inline std::string closed() { return error_json({ErrorCode::Closed, "the store is not open"}); }

}  // namespace twinstore
