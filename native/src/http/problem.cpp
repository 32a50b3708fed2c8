#include "http/problem.h"

#include <cstdio>
#include <nlohmann/json.hpp>

namespace twinstore {
namespace {

constexpr std::string_view retry_after_seconds = "1";

std::string dump(const nlohmann::ordered_json& json) {
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

std::string id_text(uint64_t id) {
  char text[20];
  const int length = std::snprintf(text, sizeof text, "%llx", static_cast<unsigned long long>(id));
  return {text, static_cast<size_t>(length)};
}

std::string_view title_of(int status) {
  switch (status) {
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 409: return "Conflict";
    case 410: return "Gone";
    case 412: return "Precondition Failed";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 426: return "Upgrade Required";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 503: return "Service Unavailable";
    case 507: return "Insufficient Storage";
    default: return "Internal Server Error";
  }
}

}  // namespace

void set_retry_after(HttpResponse& response) {
  if (response.status == 503 || response.status == 429) {
    response.set("Retry-After", std::string(retry_after_seconds));
  }
}

Error public_error(const Error& error) {
  const int status = http_status(error.code);
  if (status < 500) return error;
  const bool is_plain = error.code == ErrorCode::Unavailable || error.code == ErrorCode::Closed;
  if (is_plain) return error;
  return {error.code, is_retryable(error.code) ? "the server could not store or read it; try again"
                                               : "the server failed; its log says why"};
}

namespace {

HttpResponse make_problem(const HttpRequest& request, int status, std::string_view code,
                          std::string_view detail, std::string_view field) {
  HttpResponse response;
  response.status = status;
  response.set("Content-Type", "application/problem+json");
  response.set("Cache-Control", "no-store");
  set_retry_after(response);
  nlohmann::ordered_json body{{"type", "about:blank"}, {"title", title_of(status)},
                              {"status", status},      {"detail", detail},
                              {"code", code},          {"request_id", id_text(request.id)}};
  if (!field.empty()) body["field"] = field;
  response.body = dump(body);
  return response;
}

}  // namespace

HttpResponse problem(const HttpRequest& request, int status, std::string_view code,
                     std::string_view detail) {
  return make_problem(request, status, code, detail, {});
}

HttpResponse problem(const HttpRequest& request, const Error& error, std::string_view field) {
  return make_problem(request, http_status(error.code), error_text(error.code),
                      public_error(error).message, field);
}

HttpResponse not_found(const HttpRequest& request) {
  return problem(request, 404, error_text(ErrorCode::NotFound), "there is nothing at this path");
}

HttpResponse method_not_allowed(const HttpRequest& request, std::string_view allow) {
  HttpResponse response =
      problem(request, 405, "method_not_allowed", "this path takes " + std::string(allow));
  response.set("Allow", std::string(allow));
  return response;
}

}  // namespace twinstore
