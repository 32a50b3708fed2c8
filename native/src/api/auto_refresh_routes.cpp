#include "api/json_schemas.h"
#include "api/refresh_routes.h"

namespace twinstore {
namespace {

AutoRefreshService& service_of(const Call& call) { return call.workspace->refresh()->service(); }

Result<HttpResponse> status_answer(const Call& call, Storage& storage) {
  TWINSTORE_TRY(const AutoRefreshStatus status, service_of(call).status_from(storage));
  return json_answer(auto_refresh_status_json(status));
}

Route status_route(DataAccess& access) {
  return {.method = "GET",
          .path = "/auto-refresh/status",
          .operation = "getAutoRefreshStatus",
          .summary = "Whether stale branches are refreshed by themselves, when, and why not",
          .access = Access::everything(Role::Reader),
          .answers = {{200, "it", "AutoRefreshStatus"}},
          .handler = [&access](Call call, const Respond& respond) {
            access.read(std::move(call), respond, status_answer);
          }};
}

Route switch_route(DataAccess& access, bool is_enabled) {
  const std::string word = is_enabled ? "enable" : "disable";
  return {.method = "POST",
          .path = "/auto-refresh/" + word,
          .operation = word + "AutoRefresh",
          .summary = is_enabled ? "Has stale branches refreshed by themselves, on every node"
                                : "No more; marks and schedules are still seen to",
          .access = Access::everything(Role::Admin),
          .answers = {{200, "how it is from now", "AutoRefreshStatus"}},
          .handler = [&access, is_enabled](Call call, const Respond& respond) {
            const Respond woken = [workspace = call.workspace, respond](HttpResponse response) {
              workspace->refresh()->service().wake();
              respond(std::move(response));
            };
            access.write(std::move(call), woken,
                         [is_enabled](const Call& head, OwnWrites& writes) -> Result<HttpResponse> {
                           Storage& storage = writes.authority().storage();
                           TWINSTORE_TRY_VOID(set_auto_refresh_enabled(storage, is_enabled));
                           return status_answer(head, storage);
                         });
          }};
}

JsonSchema status_schema() {
  const JsonSchema flag{{"type", "boolean"}};
  const JsonSchema maybe_text{{"type", {"string", "null"}}};
  const JsonSchema maybe_time{{"type", {"string", "null"}}, {"format", "date-time"}};
  const JsonSchema count{{"type", "integer"}, {"minimum", 0}};
  std::vector<std::pair<std::string, JsonSchema>> counts;
  for (const char* name :
       {"checks", "stale_branches", "queued", "running", "done", "failed", "cancelled"}) {
    counts.emplace_back(name, count);
  }
  return object_of({{"running", flag},
                    {"auto_refresh_enabled", flag},
                    {"check_interval_minutes", {{"type", "integer"}, {"minimum", 1}}},
                    {"stale_threshold_hours", {{"type", "number"}, {"minimum", 0}}},
                    {"last_check_at", maybe_time},
                    {"next_check_at", maybe_time},
                    {"counts", object_of(counts)},
                    {"last_error", maybe_text},
                    {"idle_reason", maybe_text}});
}

}  // namespace

void add_auto_refresh_routes(Api& api, DataAccess& access) {
  api.schemas["AutoRefreshStatus"] = status_schema();
  api.routes.push_back(status_route(access));
  api.routes.push_back(switch_route(access, true));
  api.routes.push_back(switch_route(access, false));
}

}  // namespace twinstore
