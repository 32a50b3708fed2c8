// A server on a free port and a client of its REST API, whose every answer is held against the
// server's OpenAPI document.
#pragma once

#include <doctest/doctest.h>

#include "native_world.h"
#include "openapi_check.h"

namespace twinstore::test {

inline std::string percent_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
    if (is_plain) {
      out += c;
      continue;
    }
    char code[4];
    std::snprintf(code, sizeof code, "%%%02X", static_cast<unsigned char>(c));
    out += code;
  }
  return out;
}

template <class ServerEngine>
struct RestWorld {
  using Json = nlohmann::json;

  ServerEngine engine;
  HttpClient http{engine.port()};
  OpenApiCheck openapi{http.ask("GET", "/openapi.json")->body};

  std::optional<HttpAnswer> tried(const std::string& method, const std::string& target,
                                  const std::string& headers, const std::string& body) {
    if (!http.send(method, target, headers, body)) return std::nullopt;
    return http.read(method == "HEAD");
  }
  HttpAnswer ask(const std::string& method, const std::string& target, const std::string& body = {},
                 const std::string& headers = {}) {
    std::string all = headers;
    if (!body.empty() && headers.find("Content-Type") == std::string::npos) {
      all += "Content-Type: application/json\r\n";
    }
    auto answer = tried(method, target, all, body);
    if (!answer) {  // a refusal may have closed the connection before
      http = HttpClient(engine.port());
      answer = tried(method, target, all, body);
    }
    CAPTURE(method);
    CAPTURE(target);
    CHECK(answer.has_value());
    if (!answer) return {};
    CHECK(openapi.wrong(method, target, *answer) == "");
    return *answer;
  }
  // The body of an answer with this status.
  Json json(int status, const std::string& method, const std::string& target,
            const std::string& body = {}, const std::string& headers = {}) {
    const HttpAnswer answer = ask(method, target, body, headers);
    CAPTURE(method);
    CAPTURE(target);
    CAPTURE(answer.body);
    CHECK(answer.status == status);
    return Json::parse(answer.body, nullptr, false);
  }
  Json get(const std::string& target) { return json(200, "GET", target); }
  // "400 code field" of a refusal.
  std::string refusal(const std::string& method, const std::string& target,
                      const std::string& body = {}, const std::string& headers = {}) {
    const HttpAnswer answer = ask(method, target, body, headers);
    const Json problem = Json::parse(answer.body, nullptr, false);
    if (!problem.is_object()) return std::to_string(answer.status);
    return std::to_string(answer.status) + " " + problem.value("code", "") +
           (problem.contains("field") ? " " + problem.value("field", "") : "");
  }

  static std::string if_match(const HttpAnswer& answer) {
    return "If-Match: " + answer.headers.at("etag") + "\r\n";
  }
  // A row of one repository with a branch, an analysis and a metric.
  void fill(const std::string& repo) {
    json(201, "PUT", "/persistence/repository/" + repo, R"({"name":"n"})");
    json(200, "PUT", "/persistence/branches/" + repo, R"({"branches":[{"name":"main"}]})");
    json(201, "POST", "/persistence/analysis/" + repo + "/main",
         R"({"commit_sha":"c1","analysis_timestamp":"2024-05-01T00:00:00Z"})");
    json(200, "POST", "/persistence/metrics/" + repo + "/main",
         R"({"metrics":[{"commit_sha":"c1","metric_name":"files","metric_value":1,)"
         R"("recorded_at":"2024-05-01T00:00:00Z"}]})");
  }
};

}  // namespace twinstore::test
