// base64url without padding (RFC 4648 §5), as JWTs have it. Thread rule: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "twinstore/result.h"

namespace twinstore {

// Errors: InvalidArgument for padding, another character, or bits left over that are not zero: a
// text has one form.
[[nodiscard]] Result<std::string> decode_base64url(std::string_view text);
[[nodiscard]] std::string encode_base64url(std::string_view bytes);

}  // namespace twinstore
