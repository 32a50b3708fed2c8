// Freshness, refresh tasks and auto-refresh over HTTP. A part of rest_suite.h.
#pragma once

#include "rest_world.h"

namespace twinstore::test {

// Percent-encoded "nlohmann/json" and "feature/100% öptional 😀".
inline const std::string refresh_repo = percent_encoded("nlohmann/json");
inline const std::string refresh_branch = percent_encoded("feature/100% öptional 😀");
inline const std::string refresh_path = refresh_repo + "/" + refresh_branch;

// Asks until a task is over: the server runs it by itself.
template <class World>
nlohmann::json ended_task(World& world, const std::string& task_id) {
  for (;;) {
    const auto listed = world.get("/refresh/scheduled-tasks");
    for (const auto& task : listed["tasks"]) {
      if (task["task_id"] == task_id && task["state"] != "queued" && task["state"] != "running") {
        return task;
      }
    }
  }
}

template <class World>
void store_refresh_branch(World& world) {
  world.json(201, "PUT", "/persistence/repository/" + refresh_repo, R"({"name":"json"})");
  world.json(200, "PUT", "/persistence/branches/" + refresh_repo,
             R"({"branches":[{"name":"feature/100% öptional 😀","commit_sha":"c1"}]})");
}

TEST_CASE_TEMPLATE_DEFINE("rest: staleness says why, and a mark is a reason", Engine,
                          rest_staleness) {
  RestWorld<Engine> world;
  store_refresh_branch(world);
  const std::string target = "/refresh/staleness/" + refresh_path;
  const auto never = world.get(target);
  CHECK(never["is_stale"] == true);
  CHECK(never["reasons"] == nlohmann::json::array({"never_analyzed"}));
  CHECK(never["stale_threshold_hours"] == 24);
  CHECK(never["age_hours"].is_null());
  world.json(201, "POST", "/persistence/analysis/" + refresh_path,
             R"({"commit_sha":"c1","analysis_timestamp":"2024-05-01T02:00:00+02:00"})");
  const auto old = world.get(target);
  CHECK(old["reasons"] == nlohmann::json::array({"too_old"}));
  CHECK(old["last_analyzed_at"] == "2024-05-01T00:00:00.000Z");
  CHECK(old["last_analyzed_commit"] == "c1");
  const auto stale = world.get("/refresh/stale-branches/" + refresh_repo);
  REQUIRE(stale["branches"].size() == 1);
  CHECK(stale["branches"][0]["branch_name"] == "feature/100% öptional 😀");
  const auto marked = world.json(200, "POST", "/refresh/mark/" + refresh_path);
  CHECK(marked["reasons"] == nlohmann::json::array({"refresh_requested", "too_old"}));
  world.json(200, "POST", "/persistence/analysis/" + refresh_path,
             R"({"commit_sha":"c1","analysis_timestamp":"2999-01-01T00:00:00Z"})");
  CHECK(world.get(target)["is_stale"] == false);
  CHECK(world.get("/refresh/stale-branches/" + refresh_repo)["branches"].empty());
}

TEST_CASE_TEMPLATE_DEFINE("rest: what is not there cannot be refreshed", Engine,
                          rest_refresh_unknown) {
  RestWorld<Engine> world;
  store_refresh_branch(world);
  for (const std::string& branch : {refresh_repo + "/none", std::string("none/main")}) {
    CHECK(world.refusal("GET", "/refresh/staleness/" + branch) == "404 not_found");
    CHECK(world.refusal("POST", "/refresh/mark/" + branch) == "404 not_found");
    CHECK(world.refusal("POST", "/refresh/schedule/" + branch) == "404 not_found");
  }
  CHECK(world.refusal("GET", "/refresh/stale-branches/none") == "404 not_found");
  CHECK(world.refusal("DELETE", "/refresh/scheduled-tasks/none") == "404 not_found");
  const std::string schedule = "/refresh/schedule/" + refresh_path + "?delay_minutes=";
  CHECK(world.refusal("POST", schedule + "-1") == "400 number_out_of_range delay_minutes");
  CHECK(world.refusal("POST", schedule + "527041") == "400 number_out_of_range delay_minutes");
  CHECK(world.refusal("POST", schedule + "1.5") == "400 wrong_type delay_minutes");
  CHECK(world.refusal("POST", schedule) == "400 wrong_type delay_minutes");
  CHECK(world.refusal("GET", "/refresh/scheduled-tasks?limit=0") ==
        "400 number_out_of_range limit");
  CHECK(world.refusal("POST", "/auto-refresh/enable", R"({"a":1})") == "400 invalid_argument");
}

TEST_CASE_TEMPLATE_DEFINE("rest: a schedule is listed, and given up once", Engine, rest_schedule) {
  RestWorld<Engine> world;
  store_refresh_branch(world);
  const auto task =
      world.json(201, "POST", "/refresh/schedule/" + refresh_path + "?delay_minutes=527040");
  CHECK(task["state"] == "queued");
  CHECK(task["cause"] == "asked");
  CHECK(task["branch_name"] == "feature/100% öptional 😀");
  const std::string id = task["task_id"];
  CHECK(world.get("/refresh/scheduled-tasks")["tasks"] == nlohmann::json::array({task}));
  CHECK(world.get("/refresh/scheduled-tasks?repo_id=" + refresh_repo)["tasks"].size() == 1);
  CHECK(world.get("/refresh/scheduled-tasks?repo_id=other")["tasks"].empty());
  const auto cancelled = world.json(200, "DELETE", "/refresh/scheduled-tasks/" + id);
  CHECK(cancelled["state"] == "cancelled");
  CHECK(world.refusal("DELETE", "/refresh/scheduled-tasks/" + id) == "409 precondition_failed");
  CHECK(world.get("/auto-refresh/status")["counts"]["cancelled"] == 1);
}

TEST_CASE_TEMPLATE_DEFINE("rest: the server runs what is scheduled, and says why it cannot", Engine,
                          rest_runs) {
  RestWorld<Engine> world;
  store_refresh_branch(world);
  const auto task = world.json(201, "POST", "/refresh/schedule/" + refresh_path);
  const auto ended = ended_task(world, task["task_id"]);
  CHECK(ended["state"] == "failed");
  CHECK(ended["last_error"] == "the server is not configured to refresh this repository");
  CHECK(world.get("/auto-refresh/status")["last_error"] == ended["last_error"]);
}

TEST_CASE_TEMPLATE_DEFINE("rest: auto-refresh is off until it is enabled, and says so", Engine,
                          rest_auto_refresh) {
  RestWorld<Engine> world;
  const auto off = world.get("/auto-refresh/status");
  CHECK(off["running"] == true);
  CHECK(off["auto_refresh_enabled"] == false);
  CHECK(off["check_interval_minutes"] == 30);
  CHECK(off["last_check_at"].is_null());
  CHECK(off["next_check_at"].is_null());
  CHECK(off["last_error"].is_null());
  CHECK(off["idle_reason"] == "auto-refresh is off");
  const auto on = world.json(200, "POST", "/auto-refresh/enable");
  CHECK(on["auto_refresh_enabled"] == true);
  CHECK(on["next_check_at"].is_string());
  while (world.get("/auto-refresh/status")["counts"]["checks"] != 1) {
  }
  const auto checked = world.get("/auto-refresh/status");
  CHECK(checked["last_check_at"].is_string());
  CHECK(checked["idle_reason"] == "no repository is configured to be refreshed");
  CHECK(world.json(200, "POST", "/auto-refresh/disable")["auto_refresh_enabled"] == false);
  CHECK(world.get("/auto-refresh/status")["next_check_at"].is_null());
}

}  // namespace twinstore::test

#define TWINSTORE_REST_REFRESH_SUITE(...)                       \
  TEST_CASE_TEMPLATE_INVOKE(rest_staleness, __VA_ARGS__);       \
  TEST_CASE_TEMPLATE_INVOKE(rest_refresh_unknown, __VA_ARGS__); \
  TEST_CASE_TEMPLATE_INVOKE(rest_schedule, __VA_ARGS__);        \
  TEST_CASE_TEMPLATE_INVOKE(rest_runs, __VA_ARGS__);            \
  TEST_CASE_TEMPLATE_INVOKE(rest_auto_refresh, __VA_ARGS__)
