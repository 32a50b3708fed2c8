// The headers that every answer carries, whatever it says. Thread rule: pure.
#pragma once

#include "http/message.h"

namespace twinstore {

// OWASP Secure Headers; 'wasm-unsafe-eval' allows compiling WebAssembly and nothing else
// (w3.org/TR/CSP3/#directive-script-src).
inline constexpr std::string_view content_security_policy =
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; "
    "img-src 'self' data:; connect-src 'self'; worker-src 'self'; frame-ancestors 'none'; "
    "base-uri 'none'";

inline void add_security_headers(HttpResponse& response) {
  response.set("X-Content-Type-Options", "nosniff");
  response.set("Content-Security-Policy", std::string(content_security_policy));
  response.set("Referrer-Policy", "no-referrer");
  response.set("Cross-Origin-Resource-Policy", "same-origin");
}

}  // namespace twinstore
