// Answers requests by the table of routes: which route, whether the request fits it, and what to
// say where it does not. Then the web app's files.
// Thread rule: const after construction; answer() on the I/O thread.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "api/arguments.h"
#include "api/origins.h"
#include "api/route.h"
#include "http/message.h"
#include "http/static_files.h"

namespace twinstore {

// Who asks. Errors: Unauthorized.
using Authenticate = std::function<Result<Principal>(const HttpRequest&)>;
// Hands the workspace of that name on, as Workspaces::use.
using Enter = std::function<void(const std::string& name, Workspaces::Ready)>;

class Router {
 public:
  // Requires of `api` that no two routes answer the same method on the same path, and that each
  // parameter of a path or of an access rule is declared. Without `files` every path that is not
  // the API's is 404.
  Router(Api api, Origins origins, std::optional<StaticFiles> files, Authenticate authenticate,
         Enter enter);

  [[nodiscard]] const Api& api() const { return api_; }
  // A refusal that follows from the table (400, 401, 403, 404, 405, 413, 415, 429, 503), or the
  // handler's answer.
  void answer(HttpRequest request, const Respond& respond) const;
  // The operations that its answers may name, besides "other".
  [[nodiscard]] std::vector<std::string> operations() const;
  // Whether a WebSocket may be opened at `path`: nothing, or the refusal.
  [[nodiscard]] std::optional<HttpResponse> refuse_upgrade(const HttpRequest& request,
                                                           std::string_view path) const;

 private:
  [[nodiscard]] bool is_api_path(const HttpRequest& request) const;
  [[nodiscard]] std::optional<HttpResponse> refuse_foreign(const HttpRequest& request) const;
  // The routes of the path, whatever their method.
  [[nodiscard]] std::vector<const Route*> routes_of(const HttpRequest& request) const;
  // Finds out who calls, whether they may, and where.
  void enter(const Route& route, HttpRequest request, const Respond& respond) const;
  void run(const Route& route, Call call, const Respond& respond) const;
  void read_body(const Route& route, Call call, const Respond& respond) const;

  Api api_;
  std::vector<std::vector<std::string>> templates_;  // of the routes, in their order
  std::set<std::string, std::less<>> folders_;       // the first segments of the API's paths
  Origins origins_;
  std::optional<StaticFiles> files_;
  Authenticate authenticate_;
  Enter enter_;
};

}  // namespace twinstore
