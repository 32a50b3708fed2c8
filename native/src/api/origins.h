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
  // Under which names the server may be asked: any, where it asks for tokens.
  enum class Hosts : uint8_t { Loopback, Any };
  // `listed` are whole origins, such as http://localhost:5173. Errors: InvalidArgument for any
  // other form, "*" included.
  [[nodiscard]] static Result<Origins> make(std::vector<std::string> listed,
                                            Hosts hosts = Hosts::Loopback);

  // The Host header names a loopback address, localhost, or the host of a listed origin; or any.
  [[nodiscard]] bool is_trusted_host(std::string_view host) const;
  // No Origin header, the server's own origin, or a listed one.
  [[nodiscard]] bool is_allowed(const HttpRequest& request) const;

  // For a listed origin: the headers that let its pages read the answer (Fetch standard, CORS).
  // Otherwise nothing. Always varies by Origin when any is listed.
  void allow_reading(std::string_view origin, HttpResponse& response) const;
  // Answers an OPTIONS request with an Origin, for a path that takes these methods.
  [[nodiscard]] HttpResponse preflight(const HttpRequest& request, std::string methods) const;

 private:
  Origins(std::vector<std::string> listed, Hosts hosts)
      : listed_(std::move(listed)), hosts_(hosts) {}
  [[nodiscard]] bool is_listed(std::string_view origin) const;
  std::vector<std::string> listed_;
  Hosts hosts_;
};

}  // namespace twinstore
