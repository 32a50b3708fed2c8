// How writes through the REST API meet what others write: replicas, other sources, older records.
// A part of rest_suite.h.
#pragma once

#include "rest_world.h"

namespace twinstore::test {

TEST_CASE_TEMPLATE_DEFINE("rest: a write is a push: one rev, and browsers hear of it", Engine,
                          rest_live) {
  RestWorld<Engine> world;
  Device device(5, "r");
  device.sync(world.http);
  const auto live = go_live(world.engine.port(), device);
  REQUIRE(live != nullptr);
  const auto stored = world.json(201, "PUT", "/persistence/repository/r", R"({"name":"one"})");
  const auto frame = live->read();
  REQUIRE(frame.has_value());
  CHECK(device.replica().receive(frame->payload).ok());
  CHECK(device.row("repositories", R"("r")").find(R"("name":"one")") != std::string::npos);
  // What a person changed stays when the same record comes again.
  CHECK(device.write(edit("update", "repositories", R"("r")", R"({"name":"mine"})")));
  device.sync(world.http);
  CHECK(world.json(200, "PUT", "/persistence/repository/r", R"({"name":"one"})")["status"] ==
        "unchanged");
  CHECK(world.get("/persistence/repository/r")["name"] == "mine");
  CHECK(world.get("/persistence/repository/r")["rev"] == stored["rev"].template get<int64_t>() + 1);
  // Another source has not said so yet.
  CHECK(world.json(200, "PUT", "/persistence/repository/r?source=other",
                   R"({"name":"one"})")["status"] == "changed");
  world.json(200, "DELETE", "/persistence/repository/r");
  device.sync(world.http);
  CHECK(device.row("repositories", R"("r")") == "null");
}

TEST_CASE_TEMPLATE_DEFINE("rest: conflicts are listed in order and decided by index, id or value",
                          Engine, rest_conflicts) {
  RestWorld<Engine> world;
  const auto put = [&](const std::string& repo, const std::string& source, const char* name) {
    return world.ask("PUT", "/persistence/repository/" + repo + "?strategy=MANUAL&source=" + source,
                     nlohmann::json{{"name", name}}.dump());
  };
  for (const char* repo : {"r0", "r1", "r2", "r3"}) {
    CHECK(put(repo, "scanner", "one").status == 201);
    CHECK(put(repo, "people", "one").status == 200);
    CHECK(put(repo, "people", "mine").status == 200);
    const HttpAnswer met = put(repo, "scanner", "two");
    CHECK(nlohmann::json::parse(met.body)["outcome"] == "conflict");
  }
  const HttpAnswer listed = world.ask("GET", "/sync/conflicts");
  const auto conflicts = nlohmann::json::parse(listed.body)["conflicts"];
  REQUIRE(conflicts.size() == 4);
  for (size_t i = 0; i < 4; ++i) {
    CHECK(conflicts[i]["index"] == i);
    CHECK(conflicts[i]["status"] == "open");
    CHECK(conflicts[i]["local"] == nlohmann::json{{"name", "two"}});
    CHECK(conflicts[i]["remote"] == nlohmann::json{{"name", "mine"}});
    CHECK(conflicts[i]["base"] == nlohmann::json{{"name", "one"}});
  }
  const auto scope = [&](size_t i) { return conflicts[i]["scope"].template get<std::string>(); };
  const auto name_of = [&](size_t i) {
    return world.get("/persistence/repository/" + scope(i))["name"].template get<std::string>();
  };
  const std::string known = "If-None-Match: " + listed.headers.at("etag") + "\r\n";
  CHECK(world.ask("GET", "/sync/conflicts", "", known).status == 304);
  const std::string guard = world.if_match(listed);
  world.json(200, "POST", "/sync/resolve-conflict/0?use_local=true", "", guard);
  CHECK(name_of(0) == "two");
  CHECK(world.refusal("POST", "/sync/resolve-conflict/0?use_local=true", "", guard) ==
        "412 precondition_failed");
  const std::string second = conflicts[1]["id"];
  world.json(200, "POST", "/sync/resolve-conflict/" + second + "?use_local=false");
  CHECK(name_of(1) == "mine");
  CHECK(world.refusal("POST", "/sync/resolve-conflict/" + second + "?use_local=true") ==
        "412 precondition_failed");
  CHECK(world.refusal("POST", "/sync/resolve-conflict/0", R"({"merged":{"x":1}})") ==
        "400 unknown_field merged");
  CHECK(world.refusal("POST", "/sync/resolve-conflict/0", R"({"merged":{"name":1}})") ==
        "400 wrong_type merged");
  world.json(200, "POST", "/sync/resolve-conflict/0", R"({"merged":{"name":"both"}})");
  CHECK(name_of(2) == "both");
  CHECK(world.get("/sync/conflicts")["conflicts"].size() == 1);
  CHECK(world.refusal("POST", "/sync/resolve-conflict/1?use_local=true") == "404 not_found");
  const auto stats = world.get("/sync/stats");
  CHECK(stats["conflicts"] == 4);
  CHECK(stats["conflicts_open"] == 1);
  CHECK(stats["conflicts_resolved"] == 3);
  CHECK(stats["by_strategy"]["MANUAL"] == 4);
  CHECK(world.get("/persistence/stats")["sync"] == stats);
}

TEST_CASE_TEMPLATE_DEFINE("rest: a record that is older than the stored one changes nothing",
                          Engine, rest_superseded) {
  RestWorld<Engine> world;
  const std::string target = "/persistence/analysis/r/main";
  world.json(
      201, "POST", target,
      R"({"commit_sha":"c","analysis_timestamp":"2024-05-02T00:00:00Z","ai_summary":"new"})");
  const auto older =
      world.json(200, "POST", target,
                 R"({"commit_sha":"c","analysis_timestamp":"2024-05-02T00:30:00+01:00",)"
                 R"("ai_summary":"old"})");
  CHECK(older["status"] == "superseded");
  CHECK(world.get(target)["ai_summary"] == "new");
  // A metric never changes under its id.
  const std::string metrics = "/persistence/metrics/r/main";
  const auto metric = [&](int value) {
    return nlohmann::json{{"metrics",
                           {{{"id", "m"},
                             {"commit_sha", "c"},
                             {"metric_name", "files"},
                             {"metric_value", value},
                             {"recorded_at", "2024-05-02T00:00:00Z"}}}}}
        .dump();
  };
  CHECK(world.json(200, "POST", metrics, metric(1))["results"][0]["status"] == "added");
  const auto refused = world.json(200, "POST", metrics, metric(2))["results"][0];
  CHECK(refused["status"] == "rejected");
  CHECK(refused["code"] == "append_only");
}

}  // namespace twinstore::test

#define TWINSTORE_REST_SYNC_SUITE(...)                    \
  TEST_CASE_TEMPLATE_INVOKE(rest_live, __VA_ARGS__);      \
  TEST_CASE_TEMPLATE_INVOKE(rest_conflicts, __VA_ARGS__); \
  TEST_CASE_TEMPLATE_INVOKE(rest_superseded, __VA_ARGS__)
