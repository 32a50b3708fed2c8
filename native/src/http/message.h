// A request and a response as plain values: what handlers see. Nothing here knows Beast or sockets,
// so every handler is tested without them. Thread rule: plain values.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace twinstore {

using HeaderList = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
  uint64_t id = 0;  // for the log and for problem documents
  std::string method;
  std::string path;                   // percent-decoded
  std::vector<std::string> segments;  // of the path, each decoded: "a%2Fb" is one, "a/b"
  std::string query;                  // as it came
  HeaderList headers;
  std::string body;
  std::string address;  // of the client, as far as it is known; for limits, never for rights

  // The first header of that name, in any case; empty when there is none.
  [[nodiscard]] std::string_view header(std::string_view name) const;
};

struct HttpResponse {
  int status = 200;
  HeaderList headers;  // Content-Length and Connection are the connection's business
  std::string body;
  // Which operation of the API answers, for the metrics. Outlives the response.
  std::string_view operation = "other";

  [[nodiscard]] std::string_view header(std::string_view name) const;
  void set(std::string name, std::string value);
};

// Takes the answer, on any thread, exactly once.
using Respond = std::function<void(HttpResponse)>;
// Answers a request, at once or later. Called on the I/O thread, which it never blocks.
using HttpHandler = std::function<void(HttpRequest, Respond)>;

// Names of headers and tokens are compared without regard to ASCII case (RFC 9110 §5.1).
[[nodiscard]] bool is_same_token(std::string_view left, std::string_view right);
// Without spaces and tabs around it (RFC 9110 §5.6.3).
[[nodiscard]] std::string_view trimmed(std::string_view text);
// The media type without its parameters, such as "application/json".
[[nodiscard]] std::string_view media_type(std::string_view content_type);
// True when the Accept-Encoding header allows the coding (RFC 9110 §12.5.3).
[[nodiscard]] bool accepts_coding(const HttpRequest& request, std::string_view coding);

}  // namespace twinstore
