// Values and documents as an attacker sends them, over the REST API and the sync protocol.
#include <doctest/doctest.h>

#include <array>

#include "native_world.h"
#include "rest_world.h"

using namespace twinstore;
using namespace twinstore::test;

namespace {

using namespace std::string_literals;
using Json = nlohmann::json;

struct Input {
  const TestServer server{};
  HttpClient http{server.port()};

  HttpAnswer ask(const std::string& method, const std::string& target,
                 const std::string& body = {}) {
    const std::string type = body.empty() ? "" : "Content-Type: application/json\r\n";
    auto answer = http.ask(method, target, type, body);
    if (!answer) {
      http = HttpClient(server.port());
      answer = http.ask(method, target, type, body);
    }
    TWINSTORE_CHECK(answer.has_value());
    return *answer;
  }
  // "400 code" of a refusal, "201" and the like of success.
  std::string said(const std::string& method, const std::string& target,
                   const std::string& body = {}) {
    const HttpAnswer answer = ask(method, target, body);
    const Json json = Json::parse(answer.body, nullptr, false);
    const std::string status = std::to_string(answer.status);
    return json.is_object() && json.contains("code") ? status + " " + json.value("code", "")
                                                     : status;
  }
  std::string stored(const std::string& field_text) {
    return said("PUT", "/persistence/repository/r", "{\"description\":" + field_text + "}");
  }
};

std::string nested(size_t depth, const std::string& open, const std::string& close) {
  std::string out;
  for (size_t i = 0; i < depth; ++i) out += open;
  for (size_t i = 0; i < depth; ++i) out += close;
  return out;
}

}  // namespace

TEST_CASE("input: each kind of text that parsers disagree on has a code of its own") {
  Input input;
  const std::array<std::pair<std::string, std::string>, 22> rows{{
      {R"("plain")", "201"},
      {"NaN", "400 invalid_json"},
      {"Infinity", "400 invalid_json"},
      {"-Infinity", "400 invalid_json"},
      {"'x'", "400 invalid_json"},
      {"\"x\",", "400 invalid_json"},
      {"\"x\"/**/", "400 invalid_json"},
      {"1e400", "400 number_out_of_range"},
      {"-1e400", "400 number_out_of_range"},
      {"\"\\u0000\"", "400 invalid_utf8"},
      {"\"\\ud800\"", "400 invalid_json"},
      {"\"\\udc00x\"", "400 invalid_json"},
      {"\"\xff\"", "400 invalid_utf8"},
      {"\"\xed\xa0\x80\"", "400 invalid_utf8"},
      {"\"\xc0\xaf\"", "400 invalid_utf8"},
      {"\"\xf4\x90\x80\x80\"", "400 invalid_utf8"},
      {"\"\x01\"", "400 invalid_json"},
      {"\"a\nb\"", "400 invalid_json"},
      {"7", "400 wrong_type"},
      {"true", "400 wrong_type"},
      {"[]", "400 wrong_type"},
      {"{}", "400 wrong_type"},
  }};
  for (const auto& [text, code] : rows) {
    CAPTURE(text);
    CHECK(input.stored(text) == code);
  }
  CHECK(input.said("PUT", "/persistence/repository/r", "\xef\xbb\xbf{}") == "400 invalid_utf8");
  CHECK(input.said("PUT", "/persistence/repository/r", "{} {}") == "400 invalid_json");
  CHECK(input.said("PUT", "/persistence/repository/r", R"({"name":"a","name":"b"})") ==
        "400 duplicate_key");
  CHECK(input.said("PUT", "/persistence/repository/r", "\0{}"s).starts_with("400"));
}

TEST_CASE("input: numbers are not coerced, and stay within what every side can hold") {
  Input input;
  CHECK(input.said("PUT", "/persistence/repository/r", "{}") == "201");
  const std::array<std::pair<std::string, std::string>, 12> rows{{
      {"3", "200"},
      {"9007199254740991", "200"},
      {"9007199254740992", "400 number_out_of_range"},
      {"-9007199254740992", "400 number_out_of_range"},
      {"18446744073709551616", "400 number_out_of_range"},
      {"1.5", "400 wrong_type"},
      {"1e2", "200"},
      {"\"3\"", "400 wrong_type"},
      {"[3]", "400 wrong_type"},
      {"{}", "400 wrong_type"},
      {"true", "400 wrong_type"},
      {"0x10", "400 invalid_json"},
  }};
  for (const auto& [text, code] : rows) {
    CAPTURE(text);
    const std::string said =
        input.said("PUT", "/persistence/repository/r", "{\"total_commits\":" + text + "}");
    CHECK(said == code);
  }
}

TEST_CASE("input: depth is cut while it is parsed, at 64 levels and at a million") {
  Input input;
  const auto document = [&](const std::string& json) {
    return input.said(
        "POST", "/persistence/analysis/r/main",
        R"({"commit_sha":"c","analysis_timestamp":"2024-05-01T00:00:00Z","metrics":)" + json + "}");
  };
  CHECK(document(nested(63, "[", "]")) == "201");
  for (const size_t depth : {65u, 1000u, 1'000'000u}) {
    CAPTURE(depth);
    CHECK(document(nested(depth, "[", "]")) == "400 json_too_deep");
    CHECK(document(nested(depth, "{\"a\":", "}")).starts_with("400"));
    const HttpAnswer answer = input.ask("POST", "/sync", nested(depth, "[", "]"));
    CHECK(answer.status == 400);
    CHECK(answer.body.find("json_too_deep") != std::string::npos);
  }
  CHECK(input.said("GET", "/healthz") == "200");
}

TEST_CASE("input: what a client may not say of a row is refused by name") {
  Input input;
  for (const std::string name : {"_rev", "_hlc", "_stamps", "_workspace", "workspace", "tenant",
                                 "owner_id", "role", "seq", "server_ts", "rev", "hlc"}) {
    CAPTURE(name);
    CHECK(input.said("PUT", "/persistence/repository/r", R"({"name":"n",")" + name + R"(":"x"})") ==
          "400 unknown_field");
    CHECK(input.said("GET", "/persistence/repository/r?" + name + "=x") == "400 unknown_field");
  }
  CHECK(input.said("GET", "/persistence/repository/r") == "404 not_found");
}

TEST_CASE(
    "input: names of prototypes, of SQL and of the shell are data, and come back as they were") {
  Input input;
  const std::array<std::string, 22> names{"__proto__",
                                          "constructor",
                                          "prototype",
                                          "toString",
                                          "hasOwnProperty",
                                          "'; DROP TABLE branches; --",
                                          "\" OR \"\"=\"",
                                          "1 OR 1=1",
                                          "%",
                                          "_",
                                          "a%_b",
                                          "\\",
                                          "\\'",
                                          "x'||(SELECT 1)||'",
                                          "${7*7}",
                                          "{{7*7}}",
                                          "$(id)",
                                          "`id`",
                                          "../../etc/passwd",
                                          "<img src=x onerror=alert(1)>",
                                          "\u202e\u0000"s.substr(0, 3),
                                          std::string(1024, 'k')};
  for (const std::string& name : names) {
    CAPTURE(name);
    const std::string target = "/persistence/repository/" + percent_encoded(name);
    CHECK(input.said("PUT", target, Json{{"description", name}, {"topics", {name}}}.dump()) ==
          "201");
    const Json row = Json::parse(input.ask("GET", target).body, nullptr, false);
    REQUIRE(row.is_object());
    CHECK(row["repo_id"] == name);
    CHECK(row["description"] == name);
    CHECK(row["topics"] == Json::array({name}));
  }
  for (const std::string& name : names) {
    const std::string other = "/persistence/repository/" + percent_encoded(name + "x");
    if (name.size() < 1024) CHECK(input.said("GET", other) == "404 not_found");
  }
  CHECK(input.said("PUT", "/persistence/repository/" + std::string(1025, 'k'), "{}")
            .starts_with("4"));
  const Json document{{"__proto__", {{"polluted", true}}},
                      {"", {{"constructor", 1}}},
                      {std::string(10'000, 'k'), "v"}};
  CHECK(input.said("POST", "/persistence/analysis/r/main",
                   Json{{"commit_sha", "c"},
                        {"analysis_timestamp", "2024-05-01T00:00:00Z"},
                        {"metrics", document}}
                       .dump()) == "201");
  const Json back =
      Json::parse(input.ask("GET", "/persistence/analysis/r/main").body, nullptr, false);
  REQUIRE(back.is_object());
  CHECK(back["metrics"] == document);
}

TEST_CASE("input: more than a message may hold is refused whole") {
  Input input;
  const auto push_of = [](size_t mutations) {
    std::string text = R"({"type":"push","protocol":1,"schema":"code_mri","schema_version":1,)"
                       R"("client_id":"0123456789abcdef","acked_seq":0,"after":0,"mutations":[)";
    for (size_t i = 1; i <= mutations; ++i) {
      text += (i > 1 ? "," : "") + R"({"seq":)"s + std::to_string(i) +
              R"(,"hlc":"018bcfe5687b00010123456789abcdef","changes":[]})";
    }
    return text + "]}";
  };
  CHECK(input.ask("POST", "/sync", push_of(limits::mutations_per_push_max)).status == 200);
  const HttpAnswer many = input.ask("POST", "/sync", push_of(limits::mutations_per_push_max + 1));
  CHECK(many.status == 413);
  CHECK(many.body.find("batch_too_large") != std::string::npos);
  const HttpAnswer huge = input.ask("POST", "/sync", pull_text({}, 1'000'000'000));
  CHECK((huge.status == 200 || huge.status == 400));
  for (const std::string cursor : {"x", "a.b.c", "0.0.0", "..", "-1", "99999999999999999999"}) {
    const HttpAnswer answer = input.ask("POST", "/sync", pull_text(cursor));
    CHECK(answer.status == 400);
    CHECK(answer.body.find("bad_cursor") != std::string::npos);
  }
  CHECK(input.ask("POST", "/sync", pull_text(std::string(limits::cursor_bytes_max + 1, 'x')))
            .status == 400);
}

TEST_CASE("input: a cursor with one character changed is bad") {
  Input input;
  CHECK(input.said("PUT", "/persistence/repository/r", "{}") == "201");
  const Json page = Json::parse(input.ask("POST", "/sync", pull_text()).body, nullptr, false);
  const std::string cursor = page["cursor"];
  CHECK(input.ask("POST", "/sync", pull_text(cursor)).status == 200);
  for (size_t i = 0; i < cursor.size(); ++i) {
    std::string bad = cursor;
    bad[i] = bad[i] == '1' ? '2' : '1';
    CAPTURE(i);
    const HttpAnswer answer = input.ask("POST", "/sync", pull_text(bad));
    CHECK(answer.status == 400);
  }
}

TEST_CASE("input: a refusal says nothing about the inside of the server") {
  Input input;
  std::string all;
  for (const std::string body :
       {"{", "[]", "{\"x\":1}", "\"\xff\"", "null", R"({"type":"push"})"}) {
    for (const std::string target :
         {"/sync", "/persistence/repository/r", "/persistence/branches/r", "/persistence/cleanup",
          "/nothing", "/persistence/%00"}) {
      for (const std::string method : {"POST", "PUT", "GET", "DELETE"}) {
        const HttpAnswer answer = input.ask(method, target, body);
        CHECK(answer.status < 500);
        all += answer.body;
        for (const auto& [name, value] : answer.headers) {
          CHECK(name != "server");
          CHECK(name != "x-powered-by");
        }
      }
    }
  }
  for (const std::string_view word : {"SELECT", "INSERT", "sqlite", "SQLite", ".cpp", ".db", "/tmp",
                                      "/home", "boost", "nlohmann", "std::", "0.1.0"}) {
    CAPTURE(word);
    CHECK(all.find(word) == std::string::npos);
  }
  CHECK(all.find("\"request_id\"") != std::string::npos);
}
