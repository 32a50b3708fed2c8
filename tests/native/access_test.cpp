// Who may call what: roles, scopes by pattern, and the rule of a route.
#include <doctest/doctest.h>

#include <array>

#include "api/router.h"
#include "http/target.h"

using namespace twinstore;

namespace {

Route route_with(std::string path, std::string operation, Access access) {
  Route route{.method = "POST",
              .path = std::move(path),
              .operation = std::move(operation),
              .summary = "One",
              .access = std::move(access)};
  route.handler = [](const Call& call, const Respond& respond) {
    HttpResponse response;
    response.body = call.principal.name;
    respond(std::move(response));
  };
  return route;
}

Api sample_api() {
  Api api;
  api.routes.push_back(route_with("/open", "open", Access::anyone()));
  api.routes.push_back(route_with("/all", "all", Access::everything(Role::Reader)));
  api.routes.push_back(route_with("/write", "write", Access::by_handler(Role::Writer)));
  Route in_path = route_with("/of/{repo_id}", "of", Access::repository(Role::Reader));
  in_path.parameters = {text_parameter("repo_id", "which")};
  api.routes.push_back(in_path);
  Route in_query = route_with("/some", "some", Access::repository(Role::Reader));
  in_query.parameters = {text_parameter("repo_id", "which")};
  api.routes.push_back(in_query);
  Route in_body = route_with("/body", "body", Access::repository(Role::Writer));
  in_body.body = Body{.summary = "it", .members = {text_parameter("repo_id", "which")}};
  api.routes.push_back(in_body);
  return api;
}

Result<Principal> named(const HttpRequest& request) {
  const std::string_view who = request.header("Authorization");
  if (who == "admin") return Principal{.name = "admin", .role = Role::Admin, .scopes = {"*"}};
  if (who == "writer") return Principal{.name = "writer", .role = Role::Writer, .scopes = {"a/*"}};
  if (who == "reader") return Principal{.name = "reader", .role = Role::Reader, .scopes = {"a/b"}};
  return Error{ErrorCode::Unauthorized, "a token is needed"};
}

HttpResponse ask(const Router& router, std::string_view target, std::string who,
                 std::string body = {}) {
  HttpRequest request;
  auto parsed = parse_target(target);
  TWINSTORE_CHECK(parsed.ok());
  request.method = "POST";
  request.path = parsed.value().path;
  request.segments = parsed.value().segments;
  request.query = parsed.value().query;
  request.headers = {{"Host", "localhost"}, {"Authorization", std::move(who)}};
  if (!body.empty()) request.headers.emplace_back("Content-Type", "application/json");
  request.body = std::move(body);
  HttpResponse answer;
  router.answer(std::move(request), [&](HttpResponse response) { answer = std::move(response); });
  return answer;
}

}  // namespace

TEST_CASE("access: a pattern covers a scope, a beginning, or all; only a star covers all") {
  const std::array<std::tuple<std::string_view, std::string_view, bool>, 11> rows{{
      {"*", "*", true},
      {"*", "a/b", true},
      {"a/*", "a/b", true},
      {"a/*", "a/", true},
      {"a/*", "ab/c", false},
      {"a/*", "*", false},
      {"a/b", "a/b", true},
      {"a/b", "a/bc", false},
      {"a/b", "A/B", false},
      {"a/b", "*", false},
      {"a/b", "", false},
  }};
  for (const auto& [pattern, scope, is_covered] : rows) {
    CAPTURE(pattern);
    CAPTURE(scope);
    CHECK(matches_scope(pattern, scope) == is_covered);
  }
  CHECK(is_scope_pattern("a/*"));
  for (const std::string_view bad : {"", "*a", "a*b", "**"}) CHECK_FALSE(is_scope_pattern(bad));
}

TEST_CASE("access: every rule, for every kind of caller") {
  const Router router(
      sample_api(), Origins::make({}).value(), std::nullopt, named,
      [](const std::string&, const Workspaces::Ready& ready) { ready(WorkspaceUse()); });
  struct Row {
    std::string_view target;
    std::string body;
    std::array<int, 4> statuses;  // nobody, reader of a/b, writer of a/*, admin of *
  };
  const std::array<Row, 10> rows{{
      {"/open", "", {200, 200, 200, 200}},
      {"/all", "", {401, 403, 403, 200}},
      {"/write", "", {401, 403, 200, 200}},
      {"/of/a%2Fb", "", {401, 200, 200, 200}},
      {"/of/a%2Fc", "", {401, 403, 200, 200}},
      {"/of/*", "", {401, 403, 403, 200}},
      {"/some?repo_id=a/b", "", {401, 200, 200, 200}},
      {"/some", "", {401, 403, 403, 200}},
      {"/body", R"({"repo_id":"a/c"})", {401, 403, 200, 200}},
      {"/body", R"({"repo_id":"b/c"})", {401, 403, 403, 200}},
  }};
  const std::array<std::string, 4> callers{"", "reader", "writer", "admin"};
  for (const Row& row : rows) {
    for (size_t i = 0; i < callers.size(); ++i) {
      CAPTURE(row.target);
      CAPTURE(callers[i]);
      const HttpResponse answer = ask(router, row.target, callers[i], row.body);
      CHECK(answer.status == row.statuses[i]);
      CHECK((answer.header("WWW-Authenticate") == "Bearer") == (answer.status == 401));
    }
  }
}
