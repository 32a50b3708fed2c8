// The address of something that the server asks over HTTP. Thread rule: plain values and pure
// functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "twinstore/result.h"

namespace twinstore {

struct HttpUrl {
  bool is_secure = false;
  std::string host;  // a name or a numeric address, without brackets
  uint16_t port = 0;
  std::string target;  // path and query, from the first slash

  // As it stands in a Host header: with brackets and port where they are needed.
  [[nodiscard]] std::string authority() const;
};

// `https://host:port/path?query`. Errors: InvalidArgument, with a sentence, for another scheme, for
// a name and password in it, a fragment, or characters that belong in no URL.
[[nodiscard]] Result<HttpUrl> parse_http_url(std::string_view text);

}  // namespace twinstore
