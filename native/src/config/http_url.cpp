#include "config/http_url.h"

#include <algorithm>
#include <charconv>

namespace twinstore {
namespace {

constexpr uint16_t http_port = 80;
constexpr uint16_t https_port = 443;

Error refuse_url(std::string_view why) {
  return {ErrorCode::InvalidArgument, "a webhook's URL " + std::string(why)};
}

bool is_url_character(char c) { return c > ' ' && c < '\x7f' && c != '"' && c != '<' && c != '>'; }

bool is_host_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_';
}

bool is_address_character(char c) {
  return (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || (c >= '0' && c <= '9') || c == ':' ||
         c == '.';
}

Result<uint16_t> parse_port(std::string_view text) {
  uint16_t port = 0;
  const auto end = text.data() + text.size();
  const auto [stop, status] = std::from_chars(text.data(), end, port);
  if (status != std::errc() || stop != end || port == 0)
    return refuse_url("has a port that is none");
  return port;
}

// The host, with what follows it left in `rest`: nothing, or a colon and a port.
Result<std::string> take_host(std::string_view& rest) {
  if (!rest.starts_with('[')) {
    const std::string_view host = rest.substr(0, rest.find(':'));
    rest.remove_prefix(host.size());
    if (host.empty() || !std::ranges::all_of(host, is_host_character)) {
      return refuse_url("has a host that is none");
    }
    return std::string(host);
  }
  const size_t end = rest.find(']');
  const std::string_view host = rest.substr(1, end == std::string_view::npos ? 0 : end - 1);
  if (host.empty() || !std::ranges::all_of(host, is_address_character)) {
    return refuse_url("has a host that is none");
  }
  rest.remove_prefix(end + 1);
  return std::string(host);
}

}  // namespace

std::string HttpUrl::authority() const {
  std::string out = host.find(':') == std::string::npos ? host : "[" + host + "]";
  if (port != (is_secure ? https_port : http_port)) out += ":" + std::to_string(port);
  return out;
}

Result<HttpUrl> parse_http_url(std::string_view text) {
  HttpUrl url;
  url.is_secure = text.starts_with("https://");
  if (!url.is_secure && !text.starts_with("http://")) {
    return refuse_url("begins with http:// or https://");
  }
  if (!std::ranges::all_of(text, is_url_character))
    return refuse_url("holds a character that is none");
  if (text.find('#') != std::string_view::npos) return refuse_url("has no fragment");
  text.remove_prefix(text.find("//") + 2);
  std::string_view authority = text.substr(0, text.find_first_of("/?"));
  text.remove_prefix(authority.size());
  if (authority.find('@') != std::string_view::npos) {
    return refuse_url("holds no name and password; use a header");
  }
  url.target = text.starts_with('/') ? std::string(text) : "/" + std::string(text);
  TWINSTORE_TRY(url.host, take_host(authority));
  url.port = url.is_secure ? https_port : http_port;
  if (authority.empty()) return url;
  if (authority.front() != ':') return refuse_url("has a host that is none");
  TWINSTORE_TRY(url.port, parse_port(authority.substr(1)));
  return url;
}

}  // namespace twinstore
