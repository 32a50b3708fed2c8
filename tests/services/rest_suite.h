// What the REST API promises about stored data, as facts that hold over every database that a
// server can have.
#pragma once

#include <array>

#include "rest_refresh_suite.h"
#include "rest_sync_suite.h"
#include "rest_world.h"

namespace twinstore::test {

TEST_CASE_TEMPLATE_DEFINE("rest: what is stored is read, under any name", Engine, rest_round_trip) {
  RestWorld<Engine> world;
  for (const std::string name : {"plain", "nlohmann/json", "a b", "100%", "é😀", "?x=1&y", "."}) {
    CAPTURE(name);
    const std::string repo = percent_encoded(name);
    const auto stored = world.json(201, "PUT", "/persistence/repository/" + repo,
                                   R"({"description":"d","topics":["b","a"],"total_commits":7,)"
                                   R"("created_at":"2013-07-04T10:47:49+02:00"})");
    CHECK(stored["repo_id"] == name);
    CHECK(stored["status"] == "added");
    CHECK(stored["outcome"] == "applied");
    const auto read = world.get("/persistence/repository/" + repo);
    CHECK(read["repo_id"] == name);
    CHECK(read["topics"] == nlohmann::json({"a", "b"}));
    CHECK(read["total_commits"] == 7);
    CHECK(read["created_at"] == "2013-07-04T08:47:49.000Z");
    CHECK(read["owner"].is_null());
    CHECK(read["rev"] == stored["rev"]);

    world.json(200, "PUT", "/persistence/branches/" + repo,
               nlohmann::json{{"branches", {{{"name", name}, {"is_default", true}}}}}.dump());
    const auto branches = world.get("/persistence/branches/" + repo);
    REQUIRE(branches["branches"].size() == 1);
    CHECK(branches["branches"][0]["name"] == name);
    CHECK(branches["branches"][0]["is_default"] == true);
    CHECK(branches["next"].is_null());

    const std::string branch = repo + "/" + repo;
    world.json(201, "POST", "/persistence/analysis/" + branch,
               R"({"commit_sha":"c/1","analysis_timestamp":"2024-05-01T00:00:00Z",)"
               R"("file_tree":{"b":[1.0],"a":null}})");
    const auto analysis = world.get("/persistence/analysis/" + branch);
    CHECK(analysis["branch_name"] == name);
    CHECK(analysis["file_tree"] == nlohmann::json::parse(R"({"a":null,"b":[1]})"));
    CHECK(world.get("/persistence/analysis/" + branch + "?commit_sha=c%2F1") == analysis);

    world.json(201, "PUT", "/persistence/cache-entry/" + repo,
               nlohmann::json{{"repo_id", name}, {"size_bytes", 9}}.dump());
    const auto entry = world.get("/persistence/cache-entry/" + repo);
    CHECK(entry["cache_key"] == name);
    CHECK(entry["hit_count"] == 1);
    CHECK(world.get("/persistence/cache-entry/" + repo)["hit_count"] == 2);

    const auto deleted = world.json(200, "DELETE", "/persistence/repository/" + repo)["deleted"];
    CHECK(deleted == nlohmann::json::parse(R"({"analyses":1,"branches":1,"cache_entries":1,)"
                                           R"("historical_metrics":0,"repositories":1})"));
    CHECK(world.refusal("GET", "/persistence/repository/" + repo) == "404 not_found");
  }
}

TEST_CASE_TEMPLATE_DEFINE("rest: what is not there is 404", Engine, rest_unknown) {
  RestWorld<Engine> world;
  world.fill("r");
  const std::array<std::pair<const char*, const char*>, 13> rows{{
      {"GET", "/persistence/repository/x"},
      {"GET", "/persistence/branches/x"},
      {"GET", "/persistence/analysis/r/x"},
      {"GET", "/persistence/analysis/r/main?commit_sha=x"},
      {"GET", "/persistence/analysis-history/r/x"},
      {"GET", "/persistence/metrics/r/x"},
      {"GET", "/persistence/cache-entry/x"},
      {"DELETE", "/persistence/repository/x"},
      {"DELETE", "/persistence/branches/r/x"},
      {"DELETE", "/persistence/cache-entry/x"},
      {"POST", "/sync/resolve-conflict/0?use_local=true"},
      {"POST", "/sync/resolve-conflict/0123456789abcdef0123456789abcdef?use_local=true"},
      {"GET", "/persistence/nothing"},
  }};
  for (const auto& [method, target] : rows) {
    CAPTURE(target);
    CHECK(world.refusal(method, target) == "404 not_found");
  }
  // A branch that is known and was not analysed has an empty history.
  world.json(200, "PUT", "/persistence/branches/r", R"({"branches":[{"name":"new"}]})");
  CHECK(world.get("/persistence/analysis-history/r/new")["analyses"].empty());
  CHECK(world.get("/persistence/metrics/r/new")["metrics"].empty());
}

TEST_CASE_TEMPLATE_DEFINE("rest: every bad parameter is refused with its field named", Engine,
                          rest_refusals) {
  RestWorld<Engine> world;
  world.fill("r");
  const std::string long_name(1025, 'x');
  struct Row {
    std::string method, target, body, said;
  };
  const std::vector<Row> rows{
      {"GET", "/persistence/repository/" + long_name, "", "400 invalid_argument repo_id"},
      {"GET", "/persistence/repository/%FF", "", "400 invalid_argument"},
      {"GET", "/persistence/repository/r?x=1", "", "400 unknown_field x"},
      {"GET", "/persistence/branches/r?limit=0", "", "400 number_out_of_range limit"},
      {"GET", "/persistence/branches/r?limit=5001", "", "400 number_out_of_range limit"},
      {"GET", "/persistence/branches/r?limit=ten", "", "400 wrong_type limit"},
      {"GET", "/persistence/branches/r?after=main", "", "400 invalid_argument after"},
      {"GET", "/persistence/branches/r?after=%5B1%5D", "", "400 invalid_argument after"},
      {"GET", "/persistence/branches/r?after=%5B%22a%22%2C%22b%22%5D", "",
       "400 invalid_argument after"},
      {"GET", "/persistence/analysis/r/main?commit_sha=", "", "400 invalid_argument commit_sha"},
      {"GET", "/persistence/analysis-history/r/main?limit=-1", "", "400 number_out_of_range limit"},
      {"GET", "/persistence/metrics/r/main?since=soon", "", "400 invalid_argument since"},
      {"GET", "/persistence/metrics/r/main?until=2024-13-01T00:00:00Z", "",
       "400 invalid_argument until"},
      {"PUT", "/persistence/repository/r", "", "400 missing_field"},
      {"PUT", "/persistence/repository/r", "[]", "400 wrong_type"},
      {"PUT", "/persistence/repository/r", "{", "400 invalid_json"},
      {"PUT", "/persistence/repository/r", R"({"name":1})", "400 wrong_type name"},
      {"PUT", "/persistence/repository/r", R"({"nome":"x"})", "400 unknown_field nome"},
      {"PUT", "/persistence/repository/r", R"({"topics":"x"})", "400 wrong_type topics"},
      {"PUT", "/persistence/repository/r", R"({"updated_at":"x"})", "400 wrong_type updated_at"},
      {"PUT", "/persistence/repository/r", R"({"repo_id":"s"})", "400 invalid_argument repo_id"},
      {"PUT", "/persistence/repository/r", R"({"base_rev":"1"})", "400 wrong_type base_rev"},
      {"PUT", "/persistence/repository/r", R"({"base_rev":999})", "400 invalid_argument base_rev"},
      {"PUT", "/persistence/repository/r?source=", "{}", "400 invalid_argument source"},
      {"PUT", "/persistence/repository/r?strategy=BEST", "{}", "400 invalid_argument strategy"},
      {"PUT", "/persistence/branches/r", R"({})", "400 missing_field branches"},
      {"PUT", "/persistence/branches/r", R"({"branches":[]})", "400 wrong_type branches"},
      {"PUT", "/persistence/branches/r", R"({"branches":{}})", "400 wrong_type branches"},
      {"PUT", "/persistence/branches/r", R"({"branches":[{"name":"a"},7]})",
       "400 wrong_type branches[1]"},
      {"PUT", "/persistence/branches/r", R"({"branches":[{"ahead":1}]})",
       "400 missing_field branches[0].name"},
      {"PUT", "/persistence/branches/r", R"({"branches":[{"name":"a"},{"name":"b","ahead":"1"}]})",
       "400 wrong_type branches[1].ahead"},
      {"PUT", "/persistence/branches/r",
       R"({"branches":[{"name":"a"},{"name":"b","base_rev":99}]})",
       "400 invalid_argument branches[1].base_rev"},
      {"PUT", "/persistence/branches/r", R"({"branches":[{"name":"a"}],"more":1})",
       "400 unknown_field more"},
      {"POST", "/persistence/analysis/r/main", R"({"commit_sha":"c"})",
       "400 missing_field analysis_timestamp"},
      {"POST", "/persistence/analysis/r/main", R"({"analysis_timestamp":"2024-05-01T00:00:00Z"})",
       "400 missing_field commit_sha"},
      {"POST", "/persistence/metrics/r/main", R"({"metrics":[{"commit_sha":"c"}]})",
       "400 missing_field metrics[0].metric_name"},
      {"PUT", "/persistence/cache-entry/k", R"({"size_bytes":1.5})", "400 wrong_type size_bytes"},
      {"GET", "/sync/conflicts?x=1", "", "400 unknown_field x"},
      {"POST", "/sync/resolve-conflict/0", "", "400 missing_field use_local"},
      {"POST", "/sync/resolve-conflict/0?use_local=1", "", "400 wrong_type use_local"},
      {"POST", "/sync/resolve-conflict/0?use_local=true", R"({"merged":{}})",
       "400 invalid_argument use_local"},
      {"POST", "/sync/resolve-conflict/0", R"({"merged":[]})", "400 wrong_type merged"},
      {"POST", "/sync/resolve-conflict/0", R"({"value":{}})", "400 missing_field merged"},
  };
  const auto before = world.get("/persistence/stats");
  for (const Row& row : rows) {
    CAPTURE(row.target);
    CAPTURE(row.body);
    CHECK(world.refusal(row.method, row.target, row.body) == row.said);
  }
  CHECK(world.get("/persistence/stats") == before);
}

TEST_CASE_TEMPLATE_DEFINE("rest: an answer has a tag, and what it guards is 412 once it has moved",
                          Engine, rest_tags) {
  RestWorld<Engine> world;
  world.fill("r");
  const std::string target = "/persistence/repository/r";
  const HttpAnswer first = world.ask("GET", target);
  const std::string tag = first.headers.at("etag");
  CHECK(world.ask("HEAD", target).headers.at("etag") == tag);
  const HttpAnswer known = world.ask("GET", target, "", "If-None-Match: \"x\", W/" + tag + "\r\n");
  CHECK(known.status == 304);
  CHECK(known.body.empty());
  const std::string guard = world.if_match(first);
  const HttpAnswer changed = world.ask("PUT", target, R"({"name":"two"})", guard);
  CHECK(changed.status == 200);
  CHECK(changed.headers.at("etag") != tag);
  CHECK(world.ask("GET", target, "", "If-None-Match: " + tag + "\r\n").status == 200);
  CHECK(world.refusal("PUT", target, R"({"name":"three"})", guard) == "412 precondition_failed");
  CHECK(world.refusal("DELETE", target, "", guard) == "412 precondition_failed");
  CHECK(world.refusal("PUT", "/persistence/repository/new", "{}", "If-Match: *\r\n") ==
        "412 precondition_failed");
  CHECK(world.refusal("PUT", target, "{}", "If-Match: W/" + changed.headers.at("etag") + "\r\n") ==
        "412 precondition_failed");
  CHECK(world.get(target)["name"] == "two");
  // Who has seen the version is no older writer, whatever the clocks say.
  CHECK(world
            .ask("PUT", target, R"({"name":"old","updated_at":"2001-01-01T00:00:00Z"})",
                 world.if_match(changed))
            .status == 200);
  CHECK(world.get(target)["name"] == "old");
  CHECK(world.ask("DELETE", target, "", world.if_match(world.ask("GET", target))).status == 200);
}

TEST_CASE_TEMPLATE_DEFINE("rest: pages join to the whole, and a list has a tag of its own", Engine,
                          rest_pages) {
  RestWorld<Engine> world;
  nlohmann::json branches = nlohmann::json::array();
  for (int i = 0; i < 7; ++i) branches.push_back({{"name", "b/" + std::to_string(i) + " 😀"}});
  world.json(200, "PUT", "/persistence/branches/r", nlohmann::json{{"branches", branches}}.dump());
  nlohmann::json metrics = nlohmann::json::array();
  for (int i = 0; i < 7; ++i) {
    const std::string day = "2024-05-0" + std::to_string(1 + i / 2) + "T00:00:00Z";
    world.json(201, "POST", "/persistence/analysis/r/b",
               nlohmann::json{{"commit_sha", "c" + std::to_string(i)}, {"analysis_timestamp", day}}
                   .dump());
    metrics.push_back({{"commit_sha", "c" + std::to_string(i)},
                       {"metric_name", i < 4 ? "lines" : "files"},
                       {"metric_value", i},
                       {"recorded_at", day}});
  }
  world.json(200, "POST", "/persistence/metrics/r/b", nlohmann::json{{"metrics", metrics}}.dump());
  const std::array<std::pair<std::string, std::string>, 4> lists{{
      {"/persistence/branches/r?", "branches"},
      {"/persistence/analysis-history/r/b?", "analyses"},
      {"/persistence/metrics/r/b?", "metrics"},
      {"/persistence/metrics/r/b?metric_name=lines&", "metrics"},
  }};
  for (const auto& [target, name] : lists) {
    CAPTURE(target);
    const auto whole = world.get(target + "limit=100");
    CHECK(whole["next"].is_null());
    CHECK(whole[name].size() >= 4);
    nlohmann::json joined = nlohmann::json::array();
    std::string after;
    for (int page = 0; page < 10; ++page) {
      const auto part = world.get(target + "limit=2" + after);
      CHECK(part[name].size() <= 2);
      for (const auto& row : part[name]) joined.push_back(row);
      if (part["next"].is_null()) break;
      after = "&after=" + percent_encoded(part["next"].template get<std::string>());
    }
    CHECK(joined == whole[name]);
  }
  CHECK(world.get("/persistence/analysis-history/r/b?limit=1")["analyses"][0]["commit_sha"] ==
        "c6");
  const HttpAnswer list = world.ask("GET", "/persistence/branches/r");
  const std::string known = "If-None-Match: " + list.headers.at("etag") + "\r\n";
  CHECK(world.ask("GET", "/persistence/branches/r", "", known).status == 304);
  world.json(200, "PUT", "/persistence/branches/r", R"({"branches":[{"name":"new"}]})");
  CHECK(world.ask("GET", "/persistence/branches/r", "", known).status == 200);
}

TEST_CASE_TEMPLATE_DEFINE(
    "rest: a large answer is compressed, and its tag stands for the same state", Engine,
    rest_compressed) {
  RestWorld<Engine> world;
  const std::string target = "/persistence/repository/r";
  world.json(201, "PUT", target, nlohmann::json{{"description", std::string(20'000, 'x')}}.dump());
  const HttpAnswer packed = world.http.ask("GET", target, "Accept-Encoding: gzip\r\n").value();
  CHECK(packed.headers.at("content-encoding") == "gzip");
  CHECK(packed.body.size() < 1'000);
  CHECK(packed.headers.at("etag") != world.ask("GET", target).headers.at("etag"));
  CHECK(world.ask("PUT", target, R"({"name":"x"})", world.if_match(packed)).status == 200);
}

TEST_CASE_TEMPLATE_DEFINE("rest: cleanup says what went, and refuses what it does not know", Engine,
                          rest_cleanup) {
  RestWorld<Engine> world;
  const std::string target = "/persistence/cleanup";
  world.json(201, "PUT", "/persistence/repository/old", R"({"updated_at":"2020-01-01T00:00:00Z"})");
  world.json(201, "PUT", "/persistence/repository/new", R"({"updated_at":"2999-01-01T00:00:00Z"})");
  for (const char* commit : {"1", "2"}) {
    world.json(
        201, "POST", "/persistence/analysis/new/main",
        nlohmann::json{{"commit_sha", commit}, {"analysis_timestamp", "2020-01-01T00:00:00Z"}}
            .dump());
  }
  world.json(201, "PUT", "/persistence/cache-entry/k", R"({"expires_at":"2020-01-01T00:00:00Z"})");
  const std::array<std::pair<const char*, const char*>, 8> refused{{
      {R"({"max_age_days":-1})", "400 number_out_of_range max_age_days"},
      {R"({"max_age_days":36501})", "400 number_out_of_range max_age_days"},
      {R"({"max_age_hours":"24"})", "400 wrong_type max_age_hours"},
      {R"({"max_age_hours":876001})", "400 number_out_of_range max_age_hours"},
      {R"({"cleanup_cache":1})", "400 wrong_type cleanup_cache"},
      {R"({"cleanup_old_repos":null})", "400 wrong_type cleanup_old_repos"},
      {R"({"cleanup_old_analyses":"no"})", "400 wrong_type cleanup_old_analyses"},
      {R"({"cleanup_all":true})", "400 unknown_field cleanup_all"},
  }};
  for (const auto& [body, said] : refused) {
    CAPTURE(body);
    CHECK(world.refusal("POST", target, body) == said);
  }
  const auto kept = world.json(200, "POST", target,
                               R"({"cleanup_old_repos":false,"cleanup_old_analyses":false,)"
                               R"("cleanup_cache":false})");
  for (const auto& [name, count] : kept["deleted"].items()) CHECK(count == 0);
  CHECK(world.json(200, "POST", target, R"({"max_age_days":36500})")["deleted"]["analyses"] == 0);
  const auto gone = world.json(200, "POST", target)["deleted"];
  CHECK(gone["repositories"] == 1);
  CHECK(gone["analyses"] == 1);
  CHECK(world.refusal("GET", "/persistence/repository/old") == "404 not_found");
  CHECK(world.get("/persistence/analysis/new/main")["commit_sha"] == "2");
}

TEST_CASE_TEMPLATE_DEFINE("rest: every route of the document is there and refuses what it must",
                          Engine, rest_openapi) {
  RestWorld<Engine> world;
  const auto& paths = world.openapi.document()["paths"];
  int operations = 0;
  for (const auto& [path, methods] : paths.items()) {
    std::string target;
    for (const char c : path) target += c == '{' || c == '}' ? '_' : c;
    for (const auto& [method, operation] : methods.items()) {
      ++operations;
      std::string upper = method;
      for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
      CAPTURE(upper);
      CAPTURE(target);
      // The route is there: an unknown parameter is its own refusal.
      const std::string said = world.refusal(upper, target + "?no_such_parameter=1", "");
      CHECK(said == "400 unknown_field no_such_parameter");
      for (const auto& [name, schema] : world.openapi.document()["components"]["schemas"].items()) {
        CHECK_FALSE(name.empty());
        CHECK(schema.is_object());
      }
    }
  }
  CHECK(operations >= 18);
}

}  // namespace twinstore::test

// Every case above, over the servers named.
#define TWINSTORE_REST_SUITE(...)                          \
  TWINSTORE_REST_REFRESH_SUITE(__VA_ARGS__);               \
  TWINSTORE_REST_SYNC_SUITE(__VA_ARGS__);                  \
  TEST_CASE_TEMPLATE_INVOKE(rest_round_trip, __VA_ARGS__); \
  TEST_CASE_TEMPLATE_INVOKE(rest_unknown, __VA_ARGS__);    \
  TEST_CASE_TEMPLATE_INVOKE(rest_refusals, __VA_ARGS__);   \
  TEST_CASE_TEMPLATE_INVOKE(rest_tags, __VA_ARGS__);       \
  TEST_CASE_TEMPLATE_INVOKE(rest_pages, __VA_ARGS__);      \
  TEST_CASE_TEMPLATE_INVOKE(rest_compressed, __VA_ARGS__); \
  TEST_CASE_TEMPLATE_INVOKE(rest_cleanup, __VA_ARGS__);    \
  TEST_CASE_TEMPLATE_INVOKE(rest_openapi, __VA_ARGS__)
