#include "api/origins.h"

#include <algorithm>
#include <array>

#include "http/problem.h"

namespace twinstore {
namespace {

std::string_view without_scheme(std::string_view origin) {
  const size_t at = origin.find("://");
  return at == std::string_view::npos ? std::string_view() : origin.substr(at + 3);
}

// "[::1]:80" and "localhost:80" without their port.
std::string_view without_port(std::string_view host) {
  if (host.starts_with('[')) return host.substr(0, host.find(']') + 1);
  return host.substr(0, host.find(':'));
}

bool is_loopback_name(std::string_view name) {
  return is_same_token(name, "localhost") || name == "[::1]" ||
         (name.starts_with("127.") &&
          name.find_first_not_of("0123456789.") == std::string_view::npos);
}

}  // namespace

Result<Origins> Origins::make(std::vector<std::string> listed, Hosts hosts) {
  for (const std::string& origin : listed) {
    const std::string_view host = without_scheme(origin);
    const bool is_web = origin.starts_with("http://") || origin.starts_with("https://");
    if (!is_web || host.empty() || host.find_first_of("/*?#") != std::string_view::npos) {
      return Error{ErrorCode::InvalidArgument,
                   "an origin looks like http://localhost:5173, not " + origin};
    }
  }
  return Origins(std::move(listed), hosts);
}

bool Origins::is_listed(std::string_view origin) const {
  return std::ranges::find(listed_, origin) != listed_.end();
}

bool Origins::is_trusted_host(std::string_view host) const {
  if (hosts_ == Hosts::Any ? !host.empty() : is_loopback_name(without_port(host))) return true;
  return std::ranges::any_of(listed_, [&](const std::string& origin) {
    return is_same_token(without_scheme(origin), host);
  });
}

bool Origins::is_allowed(const HttpRequest& request) const {
  const std::string_view origin = request.header("Origin");
  if (origin.empty() || is_listed(origin)) return true;
  return is_same_token(without_scheme(origin), request.header("Host"));
}

void Origins::allow_reading(std::string_view origin, HttpResponse& response) const {
  if (listed_.empty()) return;
  response.set("Vary", "Origin");
  if (origin.empty() || !is_listed(origin)) return;
  response.set("Access-Control-Allow-Origin", std::string(origin));
  response.set("Access-Control-Expose-Headers", "Allow, ETag, Link, Location, Retry-After");
}

HttpResponse Origins::preflight(const HttpRequest& request, std::string methods) const {
  const std::string_view origin = request.header("Origin");
  if (!is_listed(origin)) {
    return problem(request, 403, error_text(ErrorCode::Forbidden), "this origin is not listed");
  }
  HttpResponse response;
  response.status = 204;
  response.set("Vary", "Origin");
  response.set("Access-Control-Allow-Origin", std::string(origin));
  response.set("Access-Control-Allow-Methods", std::move(methods));
  response.set("Access-Control-Allow-Headers",
               "Authorization, Content-Encoding, Content-Type, If-Match, If-None-Match");
  response.set("Access-Control-Max-Age", "600");
  return response;
}

}  // namespace twinstore
