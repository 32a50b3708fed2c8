#include "api/openapi.h"

#include <algorithm>

#include "api/json_schemas.h"
#include "api/path_template.h"
#include "config/version.h"

namespace twinstore {
namespace {

constexpr std::string_view problem_name = "Problem";

std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

JsonSchema header_parameter(std::string_view name, std::string_view summary) {
  return {{"name", name},
          {"in", "header"},
          {"description", summary},
          {"required", false},
          {"schema", {{"type", "string"}}}};
}

JsonSchema parameters_of(const Route& route) {
  const auto in_path = path_parameters(route.path);
  JsonSchema out = JsonSchema::array();
  for (const Parameter& parameter : route.parameters) {
    const bool is_in_path = std::ranges::any_of(
        in_path, [&](const auto& item) { return item.second == parameter.name; });
    out.push_back({{"name", parameter.name},
                   {"in", is_in_path ? "path" : "query"},
                   {"description", parameter.summary},
                   {"required", is_in_path || parameter.is_required},
                   {"schema", parameter_schema(parameter)}});
  }
  if (route.is_conditional) {
    out.push_back(header_parameter("If-None-Match", "304 while the answer has this ETag"));
  }
  if (route.has_precondition) {
    out.push_back(header_parameter("If-Match", "412 unless what is changed has this ETag"));
  }
  return out;
}

JsonSchema body_of(const Body& body) {
  const JsonSchema schema =
      body.schema.empty() ? members_schema(body.members) : reference(body.schema);
  return {{"description", body.summary},
          {"required", body.is_required},
          {"content", {{"application/json", {{"schema", schema}}}}}};
}

JsonSchema answer_of(const Answer& answer) {
  JsonSchema out{{"description", answer.summary}};
  if (!answer.schema.empty()) {
    out["content"][answer.media_type] = {{"schema", reference(answer.schema)}};
  }
  return out;
}

// The refusals that follow from what the route declares.
std::vector<Answer> refusals_of(const Route& route) {
  std::vector<std::pair<int, std::string>> said{
      {400, "a parameter or the body is not accepted; `field` names it"},
      {403, "a host, an origin or a caller that is not allowed"}};
  if (route.access.role() != Role::Anyone) said.emplace_back(401, "no token that is accepted");
  if (route.body) {
    said.emplace_back(413, "the body is too large");
    said.emplace_back(415, "the body is not JSON, or has an unknown coding");
  }
  if (route.has_precondition) said.emplace_back(412, "If-Match names another state");
  said.emplace_back(503,
                    "too much to do, or the store is away; Retry-After says when to ask again");
  std::vector<Answer> out;
  for (auto& [status, summary] : said) {
    out.push_back(
        {status, std::move(summary), std::string(problem_name), "application/problem+json"});
  }
  if (route.is_conditional) out.push_back({304, "unchanged since If-None-Match", "", ""});
  return out;
}

JsonSchema answers_of(const Route& route) {
  std::map<int, JsonSchema> by_status;
  for (const Answer& answer : refusals_of(route)) by_status[answer.status] = answer_of(answer);
  for (const Answer& answer : route.answers) {
    JsonSchema said = answer_of(answer);
    // A handler that refuses in a form of its own stands behind the table, which refuses in its
    // own.
    const auto refusal = by_status.find(answer.status);
    const bool has_both = refusal != by_status.end() && refusal->second.contains("content");
    if (has_both) {
      for (const auto& [type, content] : refusal->second["content"].items()) {
        said["content"][type] = content;
      }
    }
    by_status[answer.status] = std::move(said);
  }
  JsonSchema out = JsonSchema::object();
  for (auto& [status, answer] : by_status) {
    const bool is_tagged = route.is_conditional && (status == 200 || status == 304);
    if (is_tagged) answer["headers"]["ETag"] = {{"schema", {{"type", "string"}}}};
    out[std::to_string(status)] = std::move(answer);
  }
  return out;
}

JsonSchema operation_of(const Route& route) {
  JsonSchema out{{"operationId", route.operation},
                 {"summary", route.summary},
                 {"tags", {template_segments(route.path).front()}},
                 {"x-role", role_text(route.access.role())}};
  JsonSchema parameters = parameters_of(route);
  if (!parameters.empty()) out["parameters"] = std::move(parameters);
  if (route.body) out["requestBody"] = body_of(*route.body);
  out["responses"] = answers_of(route);
  return out;
}

}  // namespace

std::string openapi_document(const Api& api) {
  JsonSchema paths = JsonSchema::object();
  for (const Route& route : api.routes) {
    paths[route.path][lower(route.method)] = operation_of(route);
  }
  JsonSchema schemas = JsonSchema::object();
  schemas[std::string(problem_name)] = problem_schema();
  for (const auto& [name, schema] : api.schemas) schemas[name] = schema;
  const JsonSchema document{{"openapi", "3.1.0"},
                            {"info", {{"title", "Twinstore"}, {"version", version_text}}},
                            {"paths", paths},
                            {"components", {{"schemas", schemas}}}};
  return document.dump();
}

}  // namespace twinstore
