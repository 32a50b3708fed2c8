// Which web pages may talk to this server. A page of another site can make a browser send requests
// here, or rebind its own name to a loopback address; neither gets past these checks.
// Thread rule: const after construction; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"
#include "twinstore/result.h"

namespace twinstore {

class Origins {
 public:
  // `listed` are whole origins, such as http://localhost:5173. Errors: InvalidArgument for any
  // other form, "*" included.
  [[nodiscard]] static Result<Origins> make(std::vector<std::string> listed);

  // The Host header names a loopback address, localhost, or the host of a listed origin.
  [[nodiscard]] bool is_trusted_host(std::string_view host) const;
  // No Origin header, the server's own origin, or a listed one.
  [[nodiscard]] bool is_allowed(const HttpRequest& request) const;

  // For a listed origin: the headers that let its pages read the answer (Fetch standard, CORS).
  // Otherwise nothing. Always varies by Origin when any is listed.
  void allow_reading(std::string_view origin, HttpResponse& response) const;
  // Answers an OPTIONS request with an Origin, for a path that takes these methods.
  [[nodiscard]] HttpResponse preflight(const HttpRequest& request, std::string methods) const;

 private:
  explicit Origins(std::vector<std::string> listed) : listed_(std::move(listed)) {}
  [[nodiscard]] bool is_listed(std::string_view origin) const;
  std::vector<std::string> listed_;
};

}  // namespace twinstore
