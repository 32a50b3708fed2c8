// A route: a method on a path, with all that dispatch, validation, the OpenAPI document and its
// test know about it. There is one list of them, Api, and nothing about a route stands elsewhere.
// Thread rule: plain values. Next: router.h answers requests by them, openapi.h describes them.
#pragma once

#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/access.h"
#include "base/json.h"
#include "http/message.h"
#include "twinstore/limits.h"
#include "twinstore/record.h"
#include "workspace/workspaces.h"

namespace twinstore {

enum class ParameterType : uint8_t { Text, Integer, Number, Boolean, Time };

// A value with a name: a segment of the path, an argument of the query, or a member of a body.
struct Parameter {
  std::string name;
  std::string summary;
  ParameterType type = ParameterType::Text;
  bool is_required = false;
  double min = 0;  // of a number its value, of a text its bytes; both ends are allowed
  double max = 0;
  Value default_value{};  // null: none
};

[[nodiscard]] Parameter text_parameter(std::string name, std::string summary,
                                       size_t bytes_max = limits::key_bytes_max);
[[nodiscard]] Parameter integer_parameter(std::string name, std::string summary, int64_t min,
                                          int64_t max);
[[nodiscard]] Parameter number_parameter(std::string name, std::string summary, double min,
                                         double max);
[[nodiscard]] Parameter boolean_parameter(std::string name, std::string summary);
[[nodiscard]] Parameter time_parameter(std::string name, std::string summary);
[[nodiscard]] Parameter required(Parameter parameter);
[[nodiscard]] Parameter defaulting(Parameter parameter, Value value);

// What a request said under each parameter's name, checked. Times are canonical text.
class Arguments {
 public:
  void set(std::string name, Value value) { values_[std::move(name)] = std::move(value); }
  // Neither said nor given a default.
  [[nodiscard]] bool has(std::string_view name) const { return values_.contains(name); }
  // Each requires has(), and a parameter of the type.
  [[nodiscard]] const std::string& text(std::string_view name) const;
  [[nodiscard]] int64_t integer(std::string_view name) const;
  [[nodiscard]] double number(std::string_view name) const;
  [[nodiscard]] bool boolean(std::string_view name) const { return integer(name) != 0; }

 private:
  [[nodiscard]] const Value& at(std::string_view name) const;
  std::map<std::string, Value, std::less<>> values_;
};

// A request that fits its route.
struct Call {
  HttpRequest request;  // with its body only where the route reads it raw
  Arguments arguments;  // of path, query and the body's members
  JsonValue body;       // null: none
  Principal principal;  // who asks; has the route's role and reach
  WorkspaceUse workspace;  // the principal's; null where anyone may call
};
// Answers, at once or later; called on any thread, which it never blocks.
using CallHandler = std::function<void(Call, const Respond&)>;
// The answer to a caller who may not call, or cannot be served at the moment.
using Refuse = std::function<HttpResponse(const HttpRequest&, const Error&)>;

struct Body {
  std::string summary;
  std::vector<Parameter> members{};  // an object of these; others are refused
  std::string schema{};              // or one of Api::schemas, which the handler checks
  bool is_required = true;
  bool is_raw = false;  // the handler also decodes and parses it
};

struct Answer {
  int status = 200;
  std::string summary;
  std::string schema;  // one of Api::schemas; empty: no body
  std::string media_type = "application/json";
};

struct Route {
  std::string method;     // GET answers HEAD as well
  std::string path;       // "/persistence/branches/{repo_id}"
  std::string operation;  // unique, as a client generator names it
  std::string summary;
  Access access;          // has no default: see access.h
  std::vector<Parameter> parameters{};  // those of the path have the names in its braces
  std::optional<Body> body{};
  std::vector<Answer> answers{};  // besides the refusals that follow from the rest
  bool is_conditional = false;    // answers carry an ETag, and If-None-Match is heard
  bool has_precondition = false;  // If-Match is heard
  CallHandler handler{};
  Refuse refuse{};  // problem() unless it says another form
};

struct Api {
  std::vector<Route> routes;
  std::map<std::string, nlohmann::ordered_json> schemas;  // by name: JSON Schema 2020-12
};

}  // namespace twinstore
