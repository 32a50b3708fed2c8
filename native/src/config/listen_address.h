// The address a server listens on. Thread rule: plain values and pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "twinstore/result.h"

namespace twinstore {

struct ListenAddress {
  std::string host = "127.0.0.1";  // a numeric address, without brackets
  uint16_t port = 0;               // 0: any free one

  // Only this machine reaches it.
  [[nodiscard]] bool is_loopback() const;
  // http://127.0.0.1:8080, with brackets around an IPv6 address.
  [[nodiscard]] std::string url(uint16_t actual_port) const;
};

// `127.0.0.1:8080`, `localhost:8080`, `[::1]:0`, `0.0.0.0:8080`. Errors: InvalidArgument, with a
// sentence, for another form.
[[nodiscard]] Result<ListenAddress> parse_listen_address(std::string_view text);

}  // namespace twinstore
