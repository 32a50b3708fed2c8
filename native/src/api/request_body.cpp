#include "api/request_body.h"

#include "config/server_limits.h"
#include "http/compression.h"
#include "http/problem.h"

namespace twinstore {
namespace {

bool is_identity(std::string_view coding) {
  return coding.empty() || is_same_token(coding, "identity");
}

}  // namespace

std::optional<HttpResponse> refuse_form(const HttpRequest& request) {
  const std::string_view type = request.header("Content-Type");
  const bool is_json = is_same_token(media_type(type), "application/json");
  if (!is_json && !(type.empty() && request.body.empty())) {
    return problem(request, 415, "unsupported_media_type", "the body is application/json");
  }
  const std::string_view coding = request.header("Content-Encoding");
  if (is_identity(coding) || is_same_token(coding, "gzip")) return std::nullopt;
  HttpResponse response =
      problem(request, 415, "unsupported_media_type", "the body is plain or gzip");
  response.set("Accept-Encoding", "gzip");  // RFC 7694 §3
  return response;
}

bool is_large_body(const HttpRequest& request) {
  return request.body.size() > limits::decode_inline_bytes_max ||
         !is_identity(request.header("Content-Encoding"));
}

Result<void> inflate_body(HttpRequest& request) {
  if (is_identity(request.header("Content-Encoding"))) return {};
  TWINSTORE_TRY(request.body, gunzip(request.body, limits::request_body_bytes_max));
  return {};
}

Result<JsonValue> take_json_body(HttpRequest& request, bool is_required) {
  TWINSTORE_TRY_VOID(inflate_body(request));
  const std::string text = std::move(request.body);
  request.body.clear();
  if (!text.empty()) return parse_json(text);
  if (is_required) return Error{ErrorCode::MissingField, "this request takes a JSON body"};
  return JsonValue();
}

Error too_busy() {
  return {ErrorCode::Unavailable, "the server has more to do than it can; try again"};
}

}  // namespace twinstore
