#include "api/json_schemas.h"
#include "api/persistence_routes.h"
#include "api/refresh_routes.h"
#include "config/server_limits.h"
#include "http/problem.h"
#include "twinstore/persistence_reader.h"

namespace twinstore {
namespace {

Result<HttpResponse> schedule(const DataAccess& access, const Call& call, OwnWrites& writes) {
  const std::string& repo_id = call.arguments.text("repo_id");
  const std::string& branch_name = call.arguments.text("branch_name");
  Authority& authority = writes.authority();
  TWINSTORE_TRY(PersistenceReader reader,
                PersistenceReader::make(authority.schema(), authority.storage(), access.clock()));
  TWINSTORE_TRY(const auto branch, reader.branch(repo_id, branch_name));
  if (!branch) return problem(call.request, {ErrorCode::NotFound, "there is no such branch"});
  SystemIdSource ids;
  RefreshTaskWriter tasks(writes, ids, {});
  const auto id =
      tasks.schedule_refresh(repo_id, branch_name, call.arguments.integer("delay_minutes"));
  // A name that no task can hold is refused before anything is written.
  if (!id.ok() && http_status(id.error().code) < 500) {
    return problem(call.request, id.error(), "branch_name");
  }
  if (!id.ok()) return id.error();
  TWINSTORE_TRY(const RefreshTask task, tasks.tasks().get(id.value()));
  return json_answer(task_json(task), 201);
}

Route schedule_route(DataAccess& access) {
  return {.method = "POST",
          .path = "/refresh/schedule/{repo_id}/{branch_name}",
          .operation = "scheduleRefresh",
          .summary = "Has a branch refreshed, at once or after a delay",
          .access = Access::repository(Role::Writer),
          .parameters = {repo_id_parameter(), branch_name_parameter(),
                         defaulting(integer_parameter("delay_minutes", "how much later", 0,
                                                      limits::refresh_delay_minutes_max),
                                    int64_t{0})},
          .answers = {{201, "the task", "RefreshTask"},
                      {404, "no such branch", "Problem", std::string(problem_type)}},
          .handler = [&access](Call call, const Respond& respond) {
            access.write(std::move(call), respond, [&access](const Call& head, OwnWrites& writes) {
              return schedule(access, head, writes);
            });
          }};
}

Result<HttpResponse> list(const DataAccess& access, const Call& call, Storage& storage) {
  RefreshTasks tasks(access.schema(), storage, access.clock());
  std::string repo_id;
  if (call.arguments.has("repo_id")) repo_id = call.arguments.text("repo_id");
  TWINSTORE_TRY(const auto found,
                tasks.list(static_cast<size_t>(call.arguments.integer("limit")), repo_id));
  std::string text = "{\"tasks\":[";
  for (const RefreshTask& task : found) {
    text += (&task == &found.front() ? "" : ",") + task_json(task);
  }
  return json_answer(text + "]}");
}

Route list_route(DataAccess& access) {
  const auto rows_max = static_cast<int64_t>(limits::rest_rows_max);
  return {
      .method = "GET",
      .path = "/refresh/scheduled-tasks",
      .operation = "getScheduledTasks",
      .summary = "Refresh tasks: running, waiting by when they are due, then those that are over",
      .access = Access::repository(Role::Reader),
      .parameters = {text_parameter("repo_id", "only of this repository"),
                     defaulting(integer_parameter("limit", "at most so many", 1, rows_max),
                                static_cast<int64_t>(limits::rest_rows_default))},
      .answers = {{200, "they", "RefreshTasks"}},
      .handler = [&access](Call call, const Respond& respond) {
        access.read(std::move(call), respond, [&access](const Call& head, Storage& storage) {
          return list(access, head, storage);
        });
      }};
}

Result<HttpResponse> cancel(const Call& call, OwnWrites& writes) {
  SystemIdSource ids;
  RefreshTaskWriter tasks(writes, ids, {});
  const std::string& id = call.arguments.text("task_id");
  const auto task = tasks.tasks().get(id);
  if (!task.ok() && task.error().code != ErrorCode::NotFound) return task.error();
  if (!task.ok() || !call.principal.reaches(task.value().repo_id)) {
    return problem(call.request, {ErrorCode::NotFound, "there is no such refresh task"});
  }
  if (!is_open_task(task.value().state)) {
    return problem(call.request, 409, error_text(ErrorCode::PreconditionFailed),
                   "the refresh task is over already");
  }
  TWINSTORE_TRY_VOID(tasks.cancel_refresh(id));
  TWINSTORE_TRY(const RefreshTask cancelled, tasks.tasks().get(id));
  return json_answer(task_json(cancelled));
}

Route cancel_route(DataAccess& access) {
  return {.method = "DELETE",
          .path = "/refresh/scheduled-tasks/{task_id}",
          .operation = "cancelRefresh",
          .summary = "Gives a task up; what one that runs still does is thrown away",
          .access = Access::by_handler(Role::Writer),
          .parameters = {text_parameter("task_id", "the task", limits::refresh_id_bytes_max)},
          .answers = {{200, "the task as it is now", "RefreshTask"},
                      {404, "no such task", "Problem", std::string(problem_type)},
                      {409, "it is over already", "Problem", std::string(problem_type)}},
          .handler = [&access](Call call, const Respond& respond) {
            access.write(std::move(call), respond, cancel);
          }};
}

JsonSchema task_schema() {
  const JsonSchema text{{"type", "string"}};
  const JsonSchema maybe_text{{"type", {"string", "null"}}};
  const JsonSchema time{{"type", "string"}, {"format", "date-time"}};
  const JsonSchema maybe_time{{"type", {"string", "null"}}, {"format", "date-time"}};
  return object_of(
      {{"task_id", text},
       {"repo_id", text},
       {"branch_name", text},
       {"cause", {{"type", "string"}, {"enum", {"asked", "marked", "stale"}}}},
       {"state",
        {{"type", "string"}, {"enum", {"queued", "running", "done", "failed", "cancelled"}}}},
       {"requested_at", time},
       {"due", time},
       {"started_at", maybe_time},
       {"finished_at", maybe_time},
       {"attempts", {{"type", "integer"}, {"minimum", 0}}},
       {"last_error", maybe_text},
       {"analyzed_commit", maybe_text}});
}

}  // namespace

void add_refresh_task_routes(Api& api, DataAccess& access) {
  api.schemas["RefreshTask"] = task_schema();
  api.schemas["RefreshTasks"] = object_of({{"tasks", array_of("RefreshTask")}});
  api.routes.push_back(schedule_route(access));
  api.routes.push_back(list_route(access));
  api.routes.push_back(cancel_route(access));
}

}  // namespace twinstore
