#include "api/router.h"

#include <algorithm>
#include <array>

#include "http/problem.h"

namespace twinstore {
namespace {

// Paths that belong to the API: nothing of the web app is ever answered there, so that a client
// never takes a page for an answer.
constexpr std::array<std::string_view, 6> api_folders{"/sync",         "/persistence", "/refresh",
                                                      "/auto-refresh", "/healthz",     "/metrics"};

bool is_api_path(std::string_view path) {
  return std::ranges::any_of(api_folders, [&](std::string_view folder) {
    return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
  });
}

bool matches_method(std::string_view route, std::string_view asked) {
  return route == asked || (route == "GET" && asked == "HEAD");
}

}  // namespace

void Router::add(std::string method, std::string path, HttpHandler handler) {
  routes_.push_back({std::move(method), std::move(path), std::move(handler)});
}

const Router::Route* Router::find(const HttpRequest& request) const {
  const auto at = std::ranges::find_if(routes_, [&](const Route& route) {
    return route.path == request.path && matches_method(route.method, request.method);
  });
  return at == routes_.end() ? nullptr : &*at;
}

std::string Router::allowed_methods(std::string_view path) const {
  std::string allowed;
  for (const Route& route : routes_) {
    if (route.path != path) continue;
    if (!allowed.empty()) allowed += ", ";
    allowed += route.method == "GET" ? "GET, HEAD" : route.method;
  }
  return allowed;
}

std::optional<HttpResponse> Router::refuse_foreign(const HttpRequest& request) const {
  if (!origins_.is_trusted_host(request.header("Host"))) {
    return problem(request, 403, error_text(ErrorCode::Forbidden),
                   "this server answers to loopback names and listed origins only");
  }
  const bool is_reading = request.method == "GET" || request.method == "HEAD";
  if (is_reading && !is_api_path(request.path)) return std::nullopt;
  if (origins_.is_allowed(request)) return std::nullopt;
  return problem(request, 403, error_text(ErrorCode::Forbidden), "this origin is not listed");
}

std::optional<HttpResponse> Router::refuse_upgrade(const HttpRequest& request,
                                                   std::string_view path) const {
  if (auto refusal = refuse_foreign(request)) return refusal;
  if (request.path != path) return not_found(request);
  return std::nullopt;
}

void Router::answer(HttpRequest request, const Respond& respond) const {
  if (request.method == "OPTIONS" && is_api_path(request.path) &&
      !request.header("Origin").empty()) {
    return respond(origins_.preflight(request));
  }
  if (auto refusal = refuse_foreign(request)) return respond(*std::move(refusal));
  if (const Route* route = find(request)) {
    HttpRequest origin_only;
    origin_only.headers.emplace_back("Origin", request.header("Origin"));
    return route->handler(std::move(request), [this, respond, origin_only](HttpResponse response) {
      origins_.allow_reading(origin_only, response);
      respond(std::move(response));
    });
  }
  const std::string allowed = allowed_methods(request.path);
  if (!allowed.empty()) return respond(method_not_allowed(request, allowed));
  if (files_ && !is_api_path(request.path)) return respond(files_->answer(request));
  respond(not_found(request));
}

}  // namespace twinstore
