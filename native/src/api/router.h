// Which handler answers which path. Exact paths of the API first, then the web app's files.
// Thread rule: filled before the server starts, const afterwards; answer() on the I/O thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/origins.h"
#include "http/message.h"
#include "http/static_files.h"

namespace twinstore {

class Router {
 public:
  // Without `files` every path that is not the API's is 404.
  Router(Origins origins, std::optional<StaticFiles> files)
      : origins_(std::move(origins)), files_(std::move(files)) {}

  // `method` is one of GET (which answers HEAD as well), POST. Several methods of a path are
  // several calls.
  void add(std::string method, std::string path, HttpHandler handler);

  // 403 for a host or an origin that is not trusted, 404, 405 with Allow, or the handler's answer.
  void answer(HttpRequest request, const Respond& respond) const;
  // Whether a WebSocket may be opened: nothing, or the refusal.
  [[nodiscard]] std::optional<HttpResponse> refuse_upgrade(const HttpRequest& request,
                                                           std::string_view path) const;

 private:
  struct Route {
    std::string method;
    std::string path;
    HttpHandler handler;
  };
  [[nodiscard]] std::optional<HttpResponse> refuse_foreign(const HttpRequest& request) const;
  [[nodiscard]] const Route* find(const HttpRequest& request) const;
  [[nodiscard]] std::string allowed_methods(std::string_view path) const;

  Origins origins_;
  std::optional<StaticFiles> files_;
  std::vector<Route> routes_;
};

}  // namespace twinstore
