// Answers that say what went wrong, as RFC 9457 problem documents. The sync endpoint answers in the
// protocol's own form instead (api/sync_endpoint.h). Thread rule: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "http/message.h"
#include "twinstore/result.h"

namespace twinstore {

inline constexpr std::string_view problem_type = "application/problem+json";

// A problem document with the code's status. A 5xx says no more than the request's id.
// `field` names the parameter or member that it speaks of, where there is one.
[[nodiscard]] HttpResponse problem(const HttpRequest& request, const Error& error,
                                   std::string_view field = {});
// The same with a status that no ErrorCode has, such as 415.
[[nodiscard]] HttpResponse problem(const HttpRequest& request, int status, std::string_view code,
                                   std::string_view detail);

[[nodiscard]] HttpResponse not_found(const HttpRequest& request);
// 405 with the Allow header (RFC 9110 §15.5.6).
[[nodiscard]] HttpResponse method_not_allowed(const HttpRequest& request, std::string_view allow);

// Says Retry-After on a status that passes by itself.
void set_retry_after(HttpResponse& response);

// The error as a client may see it: the text of a fault inside the server stays in the log.
[[nodiscard]] Error public_error(const Error& error);

}  // namespace twinstore
