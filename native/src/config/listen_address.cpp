#include "config/listen_address.h"

#include <arpa/inet.h>

#include <charconv>

namespace twinstore {
namespace {

Error refuse_address(std::string message) {
  return {ErrorCode::InvalidArgument, std::move(message)};
}

bool is_address(const std::string& host) {
  in6_addr any{};
  return inet_pton(AF_INET, host.c_str(), &any) == 1 ||
         inet_pton(AF_INET6, host.c_str(), &any) == 1;
}

}  // namespace

bool ListenAddress::is_loopback() const {
  in_addr four{};
  if (inet_pton(AF_INET, host.c_str(), &four) == 1) return (ntohl(four.s_addr) >> 24) == 127;
  in6_addr six{};
  return inet_pton(AF_INET6, host.c_str(), &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
}

std::string ListenAddress::url(uint16_t actual_port) const {
  const bool is_six = host.find(':') != std::string::npos;
  return "http://" + (is_six ? "[" + host + "]" : host) + ":" + std::to_string(actual_port);
}

Result<ListenAddress> parse_listen_address(std::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) {
    return refuse_address("an address to listen on looks like 127.0.0.1:8080");
  }
  ListenAddress address;
  const std::string_view port = text.substr(colon + 1);
  const auto [end, status] = std::from_chars(port.data(), port.data() + port.size(), address.port);
  if (status != std::errc() || end != port.data() + port.size()) {
    return refuse_address("a port is a number from 0 to 65535, not " + std::string(port));
  }
  std::string_view host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  address.host = host == "localhost" ? "127.0.0.1" : std::string(host);
  if (!is_address(address.host)) {
    return refuse_address("an address to listen on is numeric, such as 127.0.0.1 or [::1], not " +
                          address.host);
  }
  return address;
}

}  // namespace twinstore
