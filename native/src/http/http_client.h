// One request of the server's own to somebody else, made so that whoever chose the address gains
// nothing by it: the name is resolved once and the connection goes to that very address, private
// ones are refused, nothing is redirected, and size and time are bounded.
// Thread rule: any thread; the call blocks its own.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/call_bounds.h"
#include "config/http_url.h"

namespace twinstore {

struct OutboundRequest {
  HttpUrl url;
  std::vector<std::pair<std::string, std::string>> headers;  // besides Host and those of the body
  std::string body;                                          // sent with POST, as JSON
  bool allow_private_addresses = false;
  std::string ca_file;          // whom to trust, PEM; empty: whom the system trusts
  size_t answer_bytes_max = 0;  // of the answer's body
};

struct OutboundAnswer {
  int status = 0;
  std::string body;
};

// Errors: Unavailable when the name does not resolve, nobody answers, the connection or its TLS
// fails, or the bounds end; Forbidden for an address that is not public; BodyTooLarge;
// InvalidArgument for a ca_file that is none.
[[nodiscard]] Result<OutboundAnswer> post_json(const OutboundRequest& request,
                                               const CallBounds& bounds);

}  // namespace twinstore
