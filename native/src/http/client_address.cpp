#include "http/client_address.h"

namespace twinstore {
namespace {

constexpr size_t address_bytes_max = 45;  // of an IPv6 one that ends in an IPv4 one

}  // namespace

std::string client_address(const HttpRequest& request, const std::string& peer,
                           const std::set<std::string>& trusted_proxies) {
  std::string_view nearest = peer;
  // Several headers are one list (RFC 9110 §5.3), the last of them the nearest.
  for (auto at = request.headers.rbegin(); at != request.headers.rend(); ++at) {
    if (!is_same_token(at->first, "X-Forwarded-For")) continue;
    std::string_view list = at->second;
    while (trusted_proxies.contains(std::string(nearest)) && !list.empty()) {
      const size_t comma = list.rfind(',');
      const bool is_last = comma == std::string_view::npos;
      const std::string_view address = trimmed(is_last ? list : list.substr(comma + 1));
      if (address.empty() || address.size() > address_bytes_max) return std::string(nearest);
      nearest = address;
      list = is_last ? std::string_view() : list.substr(0, comma);
    }
  }
  return std::string(nearest);
}

}  // namespace twinstore
