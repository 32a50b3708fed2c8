// Every route × method × caller, over a real server. The routes come from the server's own table;
// what each must allow is stated here once more, so a new route needs a line.
#include <doctest/doctest.h>

#include <algorithm>
#include <map>

#include "api/path_template.h"
#include "api/router.h"
#include "auth_server.h"

using namespace twinstore;
using namespace twinstore::test;

namespace {

// What an operation demands: a role, and rows of the repository that its path names, or of all.
struct Rule {
  Role role;
  Reach reach;
};

const std::map<std::string, Rule>& rules() {
  static const std::map<std::string, Rule> stated{
      {"health", {Role::Anyone, Reach::Nothing}},
      {"openapi", {Role::Anyone, Reach::Nothing}},
      {"sync", {Role::Reader, Reach::Handler}},
      {"live", {Role::Reader, Reach::Handler}},
      {"getRepository", {Role::Reader, Reach::Parameter}},
      {"storeRepository", {Role::Writer, Reach::Parameter}},
      {"deleteRepository", {Role::Writer, Reach::Parameter}},
      {"getBranches", {Role::Reader, Reach::Parameter}},
      {"storeBranches", {Role::Writer, Reach::Parameter}},
      {"deleteBranch", {Role::Writer, Reach::Parameter}},
      {"getAnalysis", {Role::Reader, Reach::Parameter}},
      {"storeAnalysis", {Role::Writer, Reach::Parameter}},
      {"getAnalysisHistory", {Role::Reader, Reach::Parameter}},
      {"getMetrics", {Role::Reader, Reach::Parameter}},
      {"storeMetrics", {Role::Writer, Reach::Parameter}},
      {"getCacheEntry", {Role::Reader, Reach::Everything}},
      {"storeCacheEntry", {Role::Writer, Reach::Everything}},
      {"deleteCacheEntry", {Role::Writer, Reach::Everything}},
      {"getPersistenceStats", {Role::Reader, Reach::Everything}},
      {"cleanup", {Role::Admin, Reach::Everything}},
      {"getConflicts", {Role::Reader, Reach::Everything}},
      {"resolveConflict", {Role::Writer, Reach::Everything}},
      {"getSyncStats", {Role::Reader, Reach::Everything}},
      {"getStaleness", {Role::Reader, Reach::Parameter}},
      {"getStaleBranches", {Role::Reader, Reach::Parameter}},
      {"markForRefresh", {Role::Writer, Reach::Parameter}},
      {"scheduleRefresh", {Role::Writer, Reach::Parameter}},
      {"getScheduledTasks", {Role::Reader, Reach::Everything}},
      {"cancelRefresh", {Role::Writer, Reach::Handler}},
      {"getAutoRefreshStatus", {Role::Reader, Reach::Everything}},
      {"enableAutoRefresh", {Role::Admin, Reach::Everything}},
      {"disableAutoRefresh", {Role::Admin, Reach::Everything}},
      {"ready", {Role::Anyone, Reach::Nothing}},
      {"metrics", {Role::Admin, Reach::Everything}},
  };
  return stated;
}

struct Caller {
  std::string name;
  std::string token;
  Role role = Role::Anyone;  // Anyone: the token is none
  std::string scope{};
};

// Those with a token that counts.
std::vector<Principal> known() {
  Principal expired = principal_of("expired", Role::Admin);
  expired.expires_ms = 1;
  return {principal_of("reader", Role::Reader),
          principal_of("writer", Role::Writer),
          principal_of("reader-of-a", Role::Reader, "a/*"),
          principal_of("writer-of-a", Role::Writer, "a/*"),
          principal_of("admin-of-a", Role::Admin, "a/*"),
          principal_of("foreign-admin", Role::Admin, "*", "other"),
          expired};
}

std::vector<Caller> callers(const AuthServer& server) {
  std::vector<Caller> out{{"nobody", ""},
                          {"made-up", "tws_AAAAAAAA_" + std::string(43, 'A')},
                          {"admin", server.admin, Role::Admin, "*"}};
  for (const Principal& principal : known()) {
    const Role role = principal.expires_ms == 0 ? principal.role : Role::Anyone;
    out.push_back({principal.name, server.token.at(principal.name), role, principal.scopes[0]});
  }
  return out;
}

// The route's path with its repository, and "x" for every other parameter.
std::string path_for(const Route& route, const std::string& repository) {
  std::string out;
  for (const std::string& segment : template_segments(route.path)) {
    out += '/';
    if (segment == "{repo_id}") {
      out += repository;
    } else {
      out += segment.starts_with('{') ? "x" : segment;
    }
  }
  return out;
}

// 401, 403, or 0 for a caller who is let in.
int expected(const Rule& rule, const Caller& caller, bool is_in_a) {
  if (rule.role == Role::Anyone) return 0;
  if (caller.role == Role::Anyone) return 401;
  if (caller.role < rule.role) return 403;
  if (rule.reach == Reach::Everything && caller.scope != "*") return 403;
  if (rule.reach == Reach::Parameter && caller.scope != "*" && !is_in_a) return 403;
  return 0;
}

}  // namespace

TEST_CASE("matrix: the server's routes and the rules stated here are the same") {
  const AuthServer server;
  std::set<std::string> operations;
  for (const Route& route : server.server.server->api().routes) {
    operations.insert(route.operation);
    CHECK_MESSAGE(rules().contains(route.operation),
                  "there is no rule for the route " << route.method << " " << route.path);
  }
  for (const auto& [operation, rule] : rules()) {
    CHECK_MESSAGE(operations.contains(operation), "there is no route " << operation);
  }
}

TEST_CASE("matrix: every route, for every caller, in and outside of their scopes") {
  int checked = 0;
  // A server for each route: wrong tokens are few enough for its address to be heard.
  for (size_t i = 0; i < rules().size(); ++i) {
    const AuthServer server(known());
    const Route& route = server.server.server->api().routes.at(i);
    const Rule& rule = rules().at(route.operation);
    HttpClient http(server.port());
    for (const bool is_in_a : {true, false}) {
      const std::string path = path_for(route, is_in_a ? "a%2Fb" : "z%2Fb");
      for (const Caller& caller : callers(server)) {
        CAPTURE(route.operation);
        CAPTURE(path);
        CAPTURE(caller.name);
        const std::string headers = bearer(caller.token) + "Content-Type: application/json\r\n";
        const auto answer = http.ask(route.method, path, headers, route.body ? "{}" : "");
        REQUIRE(answer.has_value());
        const int status = expected(rule, caller, is_in_a);
        ++checked;
        if (status != 0) {
          CHECK(answer->status == status);
        } else {
          CHECK(answer->status != 401);
          CHECK(answer->status != 403);
        }
        CHECK((answer->headers.contains("www-authenticate")) == (answer->status == 401));
      }
    }
  }
  MESSAGE("answers checked: " << checked);
}

TEST_CASE("matrix: a method that a path does not have is 405 for everybody, and does nothing") {
  AuthServer server;
  HttpClient http(server.port());
  for (const Route& route : server.server.server->api().routes) {
    std::set<std::string> methods{"GET", "POST", "PUT", "DELETE", "PATCH", "TRACE", "BREW"};
    for (const Route& other : server.server.server->api().routes) {
      if (other.path == route.path) methods.erase(other.method);
    }
    for (const std::string& method : methods) {
      CAPTURE(method);
      CAPTURE(route.path);
      for (const std::string& token : {std::string(), server.admin}) {
        const auto answer = http.ask(method, path_for(route, "a%2Fb"), bearer(token));
        REQUIRE(answer.has_value());
        CHECK(answer->status == 405);
      }
    }
  }
}
