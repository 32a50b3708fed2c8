// The table of routes: what dispatch, validation and the OpenAPI document make of one declaration.
#include <doctest/doctest.h>

#include <array>
#include <nlohmann/json.hpp>

#include "api/openapi.h"
#include "api/router.h"
#include "http/compression.h"
#include "http/target.h"
#include "native_world.h"

using namespace twinstore;
using namespace twinstore::test;

namespace {

std::string shown(const Arguments& arguments) {
  std::string out = arguments.text("place");
  if (arguments.has("name")) out += " name=" + arguments.text("name");
  if (arguments.has("count")) out += " count=" + std::to_string(arguments.integer("count"));
  if (arguments.has("share")) out += " share=" + std::to_string(arguments.number("share"));
  if (arguments.has("is_new")) out += arguments.boolean("is_new") ? " new" : " old";
  if (arguments.has("since")) out += " since=" + arguments.text("since");
  return out;
}

void say(const Call& call, const Respond& respond) {
  HttpResponse response;
  response.body = shown(call.arguments) + (call.body.is_null() ? "" : " " + call.body.dump());
  respond(std::move(response));
}

Api sample_api() {
  const std::vector<Parameter> parameters{
      text_parameter("place", "where", 8),
      text_parameter("name", "who", 8),
      defaulting(integer_parameter("count", "how many", 1, 100), int64_t{10}),
      number_parameter("share", "how much", 0, 1),
      boolean_parameter("is_new", "whether"),
      time_parameter("since", "when"),
  };
  Route get{.method = "GET",
            .path = "/things/{place}",
            .operation = "things",
            .summary = "All",
            .access = Access::repository(Role::Reader, "place")};
  get.parameters = parameters;
  get.answers = {{200, "them", "Things"}};
  get.handler = say;
  Route put{.method = "PUT",
            .path = "/things/{place}",
            .operation = "put_thing",
            .summary = "One",
            .access = Access::repository(Role::Writer, "place")};
  put.parameters = {parameters[0]};
  put.body =
      Body{.summary = "it", .members = {required(parameters[1]), parameters[2], parameters[4]}};
  put.answers = {{204, "done", ""}};
  put.handler = say;
  Route deeper{.method = "DELETE",
               .path = "/things/{place}/{name}",
               .operation = "delete_thing",
               .summary = "Deletes one",
               .access = Access::everything(Role::Admin)};
  deeper.parameters = {parameters[0], parameters[1]};
  deeper.handler = say;
  Api api;
  api.schemas["Things"] = {{"type", "array"}};
  api.routes = {get, put, deeper};
  return api;
}

struct Table {
  Router router{sample_api(), Origins::make({}).value(), std::nullopt,
                [](const HttpRequest&) -> Result<Principal> { return local_principal("main"); },
                [](const std::string&, const Workspaces::Ready& ready) { ready(WorkspaceUse()); }};

  HttpResponse ask(std::string method, std::string_view text, std::string body = {},
                   HeaderList headers = {}) const {
    HttpRequest request;
    auto target = parse_target(text);
    TWINSTORE_CHECK(target.ok());
    request.method = std::move(method);
    request.path = target.value().path;
    request.segments = target.value().segments;
    request.query = target.value().query;
    request.headers = std::move(headers);
    request.headers.emplace_back("Host", "localhost");
    if (!body.empty() && request.header("Content-Type").empty()) {
      request.headers.emplace_back("Content-Type", "application/json");
    }
    request.body = std::move(body);
    HttpResponse answer;
    router.answer(std::move(request), [&](HttpResponse response) { answer = std::move(response); });
    return answer;
  }
};

// "400 code field" of a problem document.
std::string told(const HttpResponse& response) {
  const auto json = nlohmann::json::parse(response.body, nullptr, false);
  if (!json.is_object()) return std::to_string(response.status) + " " + response.body;
  return std::to_string(response.status) + " " + json.value("code", "") + " " +
         json.value("field", "");
}

}  // namespace

TEST_CASE("routes: arguments are decoded segment by segment and by their types") {
  const Table table;
  const std::array<std::pair<std::string_view, std::string_view>, 9> rows{{
      {"/things/a%2Fb", "a/b count=10"},
      {"/things/%F0%9F%8E%89", "🎉 count=10"},
      {"/things/a%25b?name=x+y", "a%b name=x y count=10"},
      {"/things/a+b?name=x%2By", "a+b name=x+y count=10"},
      {"/things/a?count=100&is_new=true", "a count=100 new"},
      {"/things/a?is_new=false&count=1", "a count=1 old"},
      {"/things/a?share=0.5", "a count=10 share=0.500000"},
      {"/things/a?since=2024-03-26T17:25:26%2B01:00", "a count=10 since=2024-03-26T16:25:26.000Z"},
      {"/things/12345678", "12345678 count=10"},
  }};
  for (const auto& [target, said] : rows) {
    CAPTURE(target);
    const HttpResponse response = table.ask("GET", target);
    CHECK(response.status == 200);
    CHECK(response.body == said);
  }
}

TEST_CASE("routes: what does not fit is refused with the parameter named") {
  const Table table;
  const std::array<std::pair<std::string_view, std::string_view>, 22> rows{{
      {"/things/", "400 invalid_argument place"},
      {"/things/123456789", "400 invalid_argument place"},
      {"/things/a?name=123456789", "400 invalid_argument name"},
      {"/things/a?count=0", "400 number_out_of_range count"},
      {"/things/a?count=101", "400 number_out_of_range count"},
      {"/things/a?count=", "400 wrong_type count"},
      {"/things/a?count", "400 wrong_type count"},
      {"/things/a?count=1.0", "400 wrong_type count"},
      {"/things/a?count=+1", "400 wrong_type count"},
      {"/things/a?count=01", "400 wrong_type count"},
      {"/things/a?count=99999999999999999999", "400 wrong_type count"},
      {"/things/a?share=1.5", "400 number_out_of_range share"},
      {"/things/a?share=nan", "400 wrong_type share"},
      {"/things/a?is_new=1", "400 wrong_type is_new"},
      {"/things/a?is_new=TRUE", "400 wrong_type is_new"},
      {"/things/a?since=2024-03-26", "400 invalid_argument since"},
      {"/things/a?limit=1", "400 unknown_field limit"},
      {"/things/a?place=b", "400 unknown_field place"},
      {"/things/a?count=1&count=1", "400 duplicate_key count"},
      {"/things/a?name=%ff", "400 invalid_utf8 name"},
      {"/things/a?name=%00", "400 invalid_utf8 name"},
      {"/things/a?name=%4", "400 invalid_argument name"},
  }};
  for (const auto& [target, said] : rows) {
    CAPTURE(target);
    CHECK(told(table.ask("GET", target)) == said);
  }
}

TEST_CASE("routes: a body's members are checked as the arguments are, and never coerced") {
  const Table table;
  const std::array<std::pair<std::string_view, std::string_view>, 12> rows{{
      {R"({"name":"x","is_new":true})", R"(200 a name=x count=10 new {"is_new":true,"name":"x"})"},
      {R"({"name":"x","count":"3"})", "400 wrong_type count"},
      {R"({"name":"x","count":3.0})", "400 wrong_type count"},
      {R"({"name":"x","count":null})", "400 wrong_type count"},
      {R"({"name":"x","count":[3]})", "400 wrong_type count"},
      {R"({"name":"x","count":101})", "400 number_out_of_range count"},
      {R"({"name":"x","is_new":1})", "400 wrong_type is_new"},
      {R"({"name":1})", "400 wrong_type name"},
      {R"({"count":1})", "400 missing_field name"},
      {R"({"name":"x","other":1})", "400 unknown_field other"},
      {R"({"name":"x","name":"y"})", "400 duplicate_key "},
      {R"([])", "400 wrong_type "},
  }};
  for (const auto& [body, said] : rows) {
    CAPTURE(body);
    CHECK(told(table.ask("PUT", "/things/a", std::string(body))) == said);
  }
  CHECK(told(table.ask("PUT", "/things/a")) == "400 missing_field ");
  CHECK(told(table.ask("GET", "/things/a", "{}")) == "400 invalid_argument ");
  CHECK(table.ask("PUT", "/things/a", "{}", {{"Content-Type", "text/plain"}}).status == 415);
  CHECK(table.ask("PUT", "/things/a", "{}", {{"Content-Encoding", "br"}}).status == 415);
  CHECK(table.ask("PUT", "/things/a", gzip(R"({"name":"x"})"), {{"Content-Encoding", "gzip"}})
            .status == 200);
}

TEST_CASE("routes: paths and methods that no route has are 404 and 405 with what there is") {
  const Table table;
  for (const std::string_view target : {"/things", "/things/a/b/c", "/", "/thing", "//things/a"}) {
    CAPTURE(target);
    CHECK(table.ask("GET", target).status == 404);
  }
  const HttpResponse wrong = table.ask("POST", "/things/a");
  CHECK(wrong.status == 405);
  CHECK(wrong.header("Allow") == "GET, HEAD, PUT, OPTIONS");
  CHECK(table.ask("GET", "/things/a/b").header("Allow") == "DELETE, OPTIONS");
  CHECK(table.ask("BREW", "/things/a").status == 405);
  const HttpResponse options = table.ask("OPTIONS", "/things/a");
  CHECK(options.status == 204);
  CHECK(options.header("Allow") == "GET, HEAD, PUT, OPTIONS");
  CHECK(table.ask("HEAD", "/things/a").status == 200);
}

TEST_CASE("routes: the OpenAPI document says what the table says") {
  const auto document = nlohmann::json::parse(openapi_document(sample_api()));
  CHECK(document["openapi"] == "3.1.0");
  const auto& get = document["paths"]["/things/{place}"]["get"];
  CHECK(get["operationId"] == "things");
  CHECK(get["parameters"][0] ==
        nlohmann::json::parse(R"({"name":"place","in":"path","description":"where","required":true,
                                  "schema":{"type":"string","minLength":1,"maxLength":8}})"));
  CHECK(get["parameters"][2]["in"] == "query");
  CHECK(get["parameters"][2]["schema"] ==
        nlohmann::json::parse(R"({"type":"integer","minimum":1,"maximum":100,"default":10})"));
  CHECK(get["responses"]["200"]["content"]["application/json"]["schema"]["$ref"] ==
        "#/components/schemas/Things");
  CHECK(get["responses"].contains("400"));
  CHECK_FALSE(get["responses"].contains("415"));
  const auto& put = document["paths"]["/things/{place}"]["put"];
  CHECK(put["responses"].contains("415"));
  CHECK(put["requestBody"]["content"]["application/json"]["schema"]["required"] ==
        nlohmann::json::parse(R"(["name"])"));
  CHECK(document["paths"]["/things/{place}/{name}"].contains("delete"));
}
