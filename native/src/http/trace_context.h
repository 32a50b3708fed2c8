// The trace that a request belongs to, as its caller says: W3C Trace Context, §3.2
// (w3.org/TR/trace-context). Thread rule: pure.
#pragma once

#include <string_view>

namespace twinstore {

// The trace-id of a traceparent header; empty when there is none, or one that is not valid.
[[nodiscard]] std::string_view trace_id_of(std::string_view traceparent);

}  // namespace twinstore
