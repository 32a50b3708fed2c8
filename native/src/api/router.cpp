#include "api/router.h"

#include <algorithm>
#include <memory>

#include "api/path_template.h"
#include "api/request_body.h"
#include "config/server_limits.h"
#include "http/problem.h"

namespace twinstore {
namespace {

const Error beyond_scopes{ErrorCode::Forbidden, "these rows are outside the scopes of the caller"};

bool is_reading(const HttpRequest& request) {
  return request.method == "GET" || request.method == "HEAD";
}

bool has_method(const Route& route, std::string_view asked) {
  return route.method == asked || (route.method == "GET" && asked == "HEAD");
}

std::string allowed_methods(const std::vector<const Route*>& routes) {
  std::string allowed;
  for (const Route* route : routes) {
    if (!allowed.empty()) allowed += ", ";
    allowed += route->method == "GET" ? "GET, HEAD" : route->method;
  }
  return allowed + ", OPTIONS";
}

HttpResponse options_answer(const std::string& allowed) {
  HttpResponse response;
  response.status = 204;
  response.set("Allow", allowed);
  return response;
}

HttpResponse refusal_of(const HttpRequest& request, const ArgumentError& wrong) {
  return problem(request, wrong.error, wrong.field);
}

// In the form that the route's callers understand.
HttpResponse refusal(const Route& route, const HttpRequest& request, const Error& error) {
  HttpResponse response = route.refuse ? route.refuse(request, error) : problem(request, error);
  if (error.code == ErrorCode::Unauthorized) response.set("WWW-Authenticate", "Bearer");
  return response;
}

constexpr std::string_view files_operation = "files";

// The parameter that names the repository is one that the router reads.
bool declares_reach(const Route& route) {
  const auto is_it = [&](const Parameter& each) {
    return each.name == route.access.parameter() && each.type == ParameterType::Text;
  };
  return std::ranges::any_of(route.parameters, is_it) ||
         (route.body && std::ranges::any_of(route.body->members, is_it));
}

// Only when its body is read does such a route know which repository is meant.
bool is_named_by_body(const Route& route) {
  return route.access.reach() == Reach::Parameter && route.body &&
         std::ranges::count(route.body->members, route.access.parameter(), &Parameter::name) > 0;
}

// True when the caller's scopes cover what the arguments name.
bool reaches(const Access& access, const Call& call) {
  switch (access.reach()) {
    case Reach::Nothing:
    case Reach::Handler: return true;
    case Reach::Everything: return call.principal.reaches_all();
    case Reach::Parameter:
      return call.arguments.has(access.parameter())
                 ? call.principal.reaches(call.arguments.text(access.parameter()))
                 : call.principal.reaches_all();
  }
  return false;
}

}  // namespace

Router::Router(Api api, Origins origins, std::optional<StaticFiles> files,
               Authenticate authenticate, Enter enter)
    : api_(std::move(api)),
      origins_(std::move(origins)),
      files_(std::move(files)),
      authenticate_(std::move(authenticate)),
      enter_(std::move(enter)) {
  std::set<std::string> names;
  std::set<std::string> operations;
  for (const Route& route : api_.routes) {
    templates_.push_back(template_segments(route.path));
    folders_.insert(templates_.back().front());
    TWINSTORE_CHECK(names.insert(route.method + " " + route.path).second);
    TWINSTORE_CHECK(operations.insert(route.operation).second);
    for (const auto& [position, name] : path_parameters(route.path)) {
      TWINSTORE_CHECK(std::ranges::count(route.parameters, name, &Parameter::name) == 1);
    }
    if (route.access.reach() == Reach::Parameter) TWINSTORE_CHECK(declares_reach(route));
  }
}

std::vector<std::string> Router::operations() const {
  std::vector<std::string> names{std::string(files_operation)};
  for (const Route& route : api_.routes) names.push_back(route.operation);
  return names;
}

bool Router::is_api_path(const HttpRequest& request) const {
  return !request.segments.empty() && folders_.contains(request.segments.front());
}

std::vector<const Route*> Router::routes_of(const HttpRequest& request) const {
  std::vector<const Route*> found;
  for (size_t i = 0; i < api_.routes.size(); ++i) {
    if (matches_template(templates_[i], request.segments)) found.push_back(&api_.routes[i]);
  }
  return found;
}

std::optional<HttpResponse> Router::refuse_foreign(const HttpRequest& request) const {
  if (!origins_.is_trusted_host(request.header("Host"))) {
    return problem(request, 403, error_text(ErrorCode::Forbidden),
                   "this server answers to loopback names and listed origins only");
  }
  if (is_reading(request) && !is_api_path(request)) return std::nullopt;
  if (origins_.is_allowed(request)) return std::nullopt;
  return problem(request, 403, error_text(ErrorCode::Forbidden), "this origin is not listed");
}

std::optional<HttpResponse> Router::refuse_upgrade(const HttpRequest& request,
                                                   std::string_view path) const {
  if (auto refusal = refuse_foreign(request)) return refusal;
  if (request.path != path) return not_found(request);
  return std::nullopt;
}

void Router::answer(HttpRequest request, const Respond& respond) const {
  const std::vector<const Route*> routes = routes_of(request);
  const bool is_preflight = request.method == "OPTIONS" && !request.header("Origin").empty();
  if (is_preflight && !routes.empty()) {
    return respond(origins_.preflight(request, allowed_methods(routes)));
  }
  if (auto refusal = refuse_foreign(request)) return respond(*std::move(refusal));
  if (routes.empty()) {
    if (files_ && !is_api_path(request)) {
      HttpResponse file = files_->answer(request);
      file.operation = files_operation;
      return respond(std::move(file));
    }
    return respond(not_found(request));
  }
  const std::string allowed = allowed_methods(routes);
  const auto route = std::ranges::find_if(
      routes, [&](const Route* each) { return has_method(*each, request.method); });
  const Route* found = route == routes.end() ? nullptr : *route;
  const auto readable = [this, respond, found,
                         origin = std::string(request.header("Origin"))](HttpResponse response) {
    origins_.allow_reading(origin, response);
    if (found != nullptr) response.operation = found->operation;
    respond(std::move(response));
  };
  if (request.method == "OPTIONS") return readable(options_answer(allowed));
  if (found == nullptr) return readable(method_not_allowed(request, allowed));
  if (found->access.role() == Role::Anyone) {
    Call call;
    call.request = std::move(request);
    return run(*found, std::move(call), readable);
  }
  enter(*found, std::move(request), readable);
}

void Router::enter(const Route& route, HttpRequest request, const Respond& respond) const {
  auto principal = authenticate_(request);
  if (!principal.ok()) return respond(refusal(route, request, principal.error()));
  if (!principal.value().has_role(route.access.role())) {
    return respond(refusal(route, request, needs_role(route.access.role())));
  }
  // std::function wants copies; the call is shared instead and moved out by the one that runs.
  const auto call = std::make_shared<Call>();
  call->request = std::move(request);
  call->principal = std::move(principal).value();
  enter_(call->principal.workspace, [this, &route, call, respond](Result<WorkspaceUse> use) {
    if (!use.ok()) return respond(refusal(route, call->request, use.error()));
    call->workspace = std::move(use).value();
    run(route, std::move(*call), respond);
  });
}

void Router::run(const Route& route, Call call, const Respond& respond) const {
  const HttpRequest& request = call.request;
  auto wrong = read_path(route, request.segments, call.arguments);
  if (!wrong) wrong = read_query(route, request.query, call.arguments);
  if (wrong) return respond(refusal_of(request, *wrong));
  if (!is_named_by_body(route) && !reaches(route.access, call)) {
    return respond(refusal(route, request, beyond_scopes));
  }
  if (!route.body && !request.body.empty()) {
    return respond(problem(request, {ErrorCode::InvalidArgument, "this request takes no body"}));
  }
  if (!route.body || route.body->is_raw) return route.handler(std::move(call), respond);
  if (auto refused = refuse_form(call.request)) return respond(*std::move(refused));
  if (!is_large_body(call.request) || !call.workspace) {
    return read_body(route, std::move(call), respond);
  }
  const WorkspaceUse workspace = call.workspace;
  const auto kept = std::make_shared<Call>(std::move(call));
  const bool is_queued = workspace->read(
      [this, &route, kept, respond](ChangeFeed&) { read_body(route, std::move(*kept), respond); });
  if (!is_queued) respond(refusal(route, kept->request, too_busy()));
}

void Router::read_body(const Route& route, Call call, const Respond& respond) const {
  auto body = take_json_body(call.request, route.body->is_required);
  if (!body.ok()) return respond(problem(call.request, body.error()));
  call.body = std::move(body).value();
  if (route.body->schema.empty()) {
    const auto wrong = read_members(route.body->members, call.body, call.arguments);
    if (wrong) return respond(refusal_of(call.request, *wrong));
  }
  if (is_named_by_body(route) && !reaches(route.access, call)) {
    return respond(refusal(route, call.request, beyond_scopes));
  }
  route.handler(std::move(call), respond);
}

}  // namespace twinstore
