// Holds answers of a server against its own OpenAPI document: the route is described, the status is
// declared, and the body is of the schema. The part of JSON Schema that the document uses.
#pragma once

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "http/target.h"
#include "raw_client.h"

namespace twinstore::test {

class OpenApiCheck {
 public:
  using Json = nlohmann::json;

  explicit OpenApiCheck(const std::string& document) : document_(Json::parse(document)) {}

  // What is wrong with the answer to a request; empty: nothing.
  std::string wrong(const std::string& method, const std::string& target,
                    const HttpAnswer& answer) {
    const auto parsed = parse_target(target);
    if (!parsed.ok()) return answer.status == 400 ? "" : "the target is malformed";
    const Json* operation = find_operation(method, parsed.value().segments);
    if (operation == nullptr) return answer.status == 404 || answer.status == 405 ? "" : "unknown";
    const auto& answers = (*operation)["responses"];
    const std::string status = std::to_string(answer.status);
    if (!answers.contains(status)) return "status " + status + " is not declared";
    answered_.insert((*operation)["operationId"].get<std::string>() + " " + status);
    const Json& declared = answers[status];
    if (!declared.contains("content")) {
      return answer.body.empty() ? "" : "a body where none is declared";
    }
    if (method == "HEAD" || answer.status == 304) return "";
    const auto said = answer.headers.find("content-type");
    const std::string type = said == answer.headers.end() ? "" : said->second;
    if (!declared["content"].contains(type)) return "of an undeclared type: " + type;
    const Json body = Json::parse(answer.body, nullptr, false);
    if (body.is_discarded()) return "the body is not JSON";
    return mismatch(declared["content"][type]["schema"], body, "$");
  }

  [[nodiscard]] const Json& document() const { return document_; }
  // "getRepository 200": what was answered so far.
  [[nodiscard]] const std::set<std::string>& answered() const { return answered_; }

 private:
  const Json* find_operation(std::string method, const std::vector<std::string>& segments) const {
    if (method == "HEAD") method = "GET";
    for (char& c : method) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    for (const auto& [path, methods] : document_["paths"].items()) {
      const auto expected = parse_template(path);
      if (expected.size() != segments.size() || !methods.contains(method)) continue;
      bool is_same = true;
      for (size_t i = 0; i < segments.size(); ++i) {
        is_same = is_same && (expected[i].starts_with("{") || expected[i] == segments[i]);
      }
      if (is_same) return &methods[method];
    }
    return nullptr;
  }

  static std::vector<std::string> parse_template(const std::string& path) {
    std::vector<std::string> out;
    for (size_t at = 1; at <= path.size();) {
      const size_t slash = std::min(path.find('/', at), path.size());
      out.push_back(path.substr(at, slash - at));
      at = slash + 1;
    }
    return out;
  }

  static bool is_of_type(const std::string& type, const Json& value) {
    if (type == "object") return value.is_object();
    if (type == "array") return value.is_array();
    if (type == "string") return value.is_string();
    if (type == "boolean") return value.is_boolean();
    if (type == "integer") return value.is_number_integer();
    if (type == "number") return value.is_number();
    return type == "null" && value.is_null();
  }

  std::string mismatch(const Json& schema, const Json& value, const std::string& where) const {
    if (schema.contains("$ref")) {
      const std::string name = schema["$ref"].get<std::string>();
      return mismatch(document_["components"]["schemas"][name.substr(name.rfind('/') + 1)], value,
                      where);
    }
    if (schema.contains("type")) {
      const Json types = schema["type"].is_array() ? schema["type"] : Json::array({schema["type"]});
      bool is_one = false;
      for (const Json& type : types) is_one = is_one || is_of_type(type.get<std::string>(), value);
      if (!is_one) return where + " is not " + types.dump();
    }
    if (schema.contains("enum")) {
      bool is_one = false;
      for (const Json& each : schema["enum"]) is_one = is_one || each == value;
      if (!is_one) return where + " is none of " + schema["enum"].dump();
    }
    if (schema.contains("minimum") && value.is_number() && value < schema["minimum"]) {
      return where + " is too small";
    }
    if (value.is_object()) return object_mismatch(schema, value, where);
    if (value.is_array() && schema.contains("items")) {
      for (size_t i = 0; i < value.size(); ++i) {
        const auto inner =
            mismatch(schema["items"], value[i], where + "[" + std::to_string(i) + "]");
        if (!inner.empty()) return inner;
      }
    }
    return {};
  }

  std::string object_mismatch(const Json& schema, const Json& value,
                              const std::string& where) const {
    for (const Json& name : schema.value("required", Json::array())) {
      if (!value.contains(name.get<std::string>())) {
        return where + " has no " + name.get<std::string>();
      }
    }
    const Json properties = schema.value("properties", Json::object());
    for (const auto& [name, member] : value.items()) {
      if (!properties.contains(name)) {
        if (schema.value("additionalProperties", Json(true)) != Json(false)) continue;
        return where + " has an undeclared " + name;
      }
      const auto inner = mismatch(properties[name], member, where + "." + name);
      if (!inner.empty()) return inner;
    }
    return {};
  }

  Json document_;
  std::set<std::string> answered_;
};

}  // namespace twinstore::test
