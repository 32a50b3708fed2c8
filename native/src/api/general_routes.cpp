#include "api/general_routes.h"

#include <memory>

#include "api/health.h"
#include "api/json_schemas.h"
#include "api/openapi.h"
#include "http/problem.h"

namespace twinstore {
namespace {

Route health_route() {
  return {.method = "GET",
          .path = "/healthz",
          .operation = "health",
          .summary = "The process answers",
          .access = Access::anyone(),
          .answers = {{200, "it does", "Health"}},
          .handler = [](const Call&, const Respond& respond) { respond(health()); }};
}

Route sync_route(const Schema& schema) {
  return {.method = "POST",
          .path = std::string(sync_path),
          .operation = "sync",
          .summary = "One message of the sync protocol (docs/protocol.md), answered by one",
          .access = Access::by_handler(Role::Reader),
          .body = Body{.summary = "push or pull", .schema = "Message", .is_raw = true},
          .answers = {{200, "pushed or pulled", "Message"},
                      {400, "an error message", "Message"},
                      {409, "an error message: a number that does not fit", "Message"},
                      {410, "an error message: read the scope again", "Message"},
                      {413, "an error message: the body is too large", "Message"},
                      {503, "an error message: try again", "Message"}},
          .handler = answer_sync,
          .refuse = [&schema](const HttpRequest&, const Error& error) {
            return protocol_error(schema, error);
          }};
}

Route live_route() {
  return {.method = "GET",
          .path = std::string(live_path),
          .operation = "live",
          .summary = "The same messages over a WebSocket; the request asks for the upgrade",
          .access = Access::by_handler(Role::Reader),
          .answers = {{101, "the connection speaks WebSocket from here on", ""},
                      {426, "no upgrade was asked for", "Problem", "application/problem+json"}},
          .handler = [](const Call& call, const Respond& respond) {
            respond(problem(call.request, 426, "upgrade_required", "this path speaks WebSocket"));
          }};
}

}  // namespace

void add_general_routes(Api& api, const Schema& schema) {
  const JsonSchema text{{"type", "string"}};
  api.schemas["Health"] = object_of({{"status", text}, {"version", text}});
  api.schemas["Message"] = {{"type", "object"},
                            {"properties", {{"type", text}}},
                            {"required", {"type"}},
                            {"additionalProperties", true}};
  api.routes.push_back(health_route());
  api.routes.push_back(sync_route(schema));
  api.routes.push_back(live_route());
}

void add_openapi_route(Api& api) {
  const auto document = std::make_shared<std::string>();
  api.schemas["OpenApi"] = {{"type", "object"}, {"required", {"openapi", "info", "paths"}}};
  api.routes.push_back({.method = "GET",
                        .path = "/openapi.json",
                        .operation = "openapi",
                        .summary = "This document",
                        .access = Access::anyone(),
                        .answers = {{200, "an OpenAPI 3.1 document", "OpenApi"}},
                        .handler = [document](const Call&, const Respond& respond) {
                          HttpResponse response;
                          response.set("Content-Type", "application/json");
                          response.set("Cache-Control", "no-cache");
                          response.body = *document;
                          respond(std::move(response));
                        }});
  *document = openapi_document(api);
}

}  // namespace twinstore
