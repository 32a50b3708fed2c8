// Entity tags and the requests that depend on them (RFC 9110 §8.8.3, §13). A row's tag follows from
// its rev, a list's from its content. Thread rule: pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "http/message.h"
#include "twinstore/record.h"

namespace twinstore {

[[nodiscard]] std::string row_tag(Rev rev);
[[nodiscard]] std::string content_tag(std::string_view content);

// The header is "*", or lists the tag. A compressed answer's tag stands for the same state, and a
// weak one only where `may_be_weak`.
[[nodiscard]] bool names_tag(std::string_view header, std::string_view tag, bool may_be_weak);

// True when there is an If-Match that the state does not meet; without a tag there is no state.
[[nodiscard]] bool is_precondition_failed(const HttpRequest& request,
                                          const std::optional<std::string>& tag);

// Tags the answer and compresses it where the request likes it; 304 without a body when the request
// knows it already.
void finish_tagged(const HttpRequest& request, const std::string& tag, HttpResponse& response);

}  // namespace twinstore
