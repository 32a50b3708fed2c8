#include "api/observe_routes.h"

#include "api/json_schemas.h"
#include "http/problem.h"

namespace twinstore {
namespace {

constexpr std::string_view ready = "ready";

HttpResponse readiness(const Metrics& metrics, const std::string& standing,
                       const Result<void>& database) {
  const auto failing = metrics.failing();
  const std::string status = standing == ready && !database.ok() ? "unavailable" : standing;
  const std::string writes(failing ? error_text(*failing) : "ok");
  const std::string reads(database.ok() ? "ok" : error_text(database.error().code));
  HttpResponse response;
  // Who cannot store may still be read from, so failing writes alone turn nobody away.
  response.status = status == ready ? 200 : 503;
  response.set("Content-Type", "application/json");
  response.set("Cache-Control", "no-store");
  set_retry_after(response);
  response.body =
      R"({"status":")" + status + R"(","reads":")" + reads + R"(","writes":")" + writes + "\"}";
  return response;
}

Route ready_route(const ObserveDoors& doors) {
  return {.method = "GET",
          .path = "/readyz",
          .operation = "ready",
          .summary = "The server takes requests: it is not stopping, and its database answers",
          .access = Access::anyone(),
          .answers = {{200, "it does", "Readiness"}, {503, "not now, and why", "Readiness"}},
          .handler = [doors](const Call&, const Respond& respond) {
            doors.check_database([doors, respond](const Result<void>& database) {
              respond(readiness(*doors.metrics, doors.standing(), database));
            });
          }};
}

Route metrics_route(const ObserveDoors& doors) {
  return {.method = "GET",
          .path = "/metrics",
          .operation = "metrics",
          .summary = "What the server counts, in Prometheus's text format (docs/operations.md)",
          .access = Access::everything(Role::Admin),
          .answers = {{200, "the metrics", "MetricsText", "text/plain; version=0.0.4"}},
          .handler = [doors](const Call&, const Respond& respond) {
            HttpResponse response;
            response.set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
            response.set("Cache-Control", "no-store");
            response.body = doors.metrics->text(doors.gauges());
            respond(std::move(response));
          }};
}

}  // namespace

void add_observe_routes(Api& api, ObserveDoors doors) {
  const JsonSchema text{{"type", "string"}};
  api.schemas["Readiness"] = object_of({{"status", text}, {"reads", text}, {"writes", text}});
  api.schemas["MetricsText"] = text;
  api.routes.push_back(ready_route(doors));
  api.routes.push_back(metrics_route(doors));
}

}  // namespace twinstore
