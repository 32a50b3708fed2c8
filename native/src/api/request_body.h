// Bodies of requests: which forms are read, and JSON out of them.
// Thread rule: pure functions.
#pragma once

#include <optional>

#include "base/json.h"
#include "http/message.h"
#include "twinstore/result.h"

namespace twinstore {

// 415 for a form that is not read (JSON, plain or gzip); nothing when it is, or there is no body.
[[nodiscard]] std::optional<HttpResponse> refuse_form(const HttpRequest& request);

// One that takes long enough to decode that it leaves the I/O thread.
[[nodiscard]] bool is_large_body(const HttpRequest& request);

// Inflates the request's body in place. Errors: those of gunzip.
[[nodiscard]] Result<void> inflate_body(HttpRequest& request);

// Takes the body out of the request; null when there is none. Errors: those of gunzip and
// parse_json; MissingField where a required one is absent.
[[nodiscard]] Result<JsonValue> take_json_body(HttpRequest& request, bool is_required);

// What is answered when a queue is full.
[[nodiscard]] Error too_busy();

}  // namespace twinstore
