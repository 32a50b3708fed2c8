#include "api/arguments.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

#include "api/path_template.h"
#include "http/target.h"
#include "twinstore/time_text.h"

namespace twinstore {
namespace {

using Refusal = std::optional<ArgumentError>;

Refusal refuse(const Parameter& parameter, ErrorCode code, std::string_view what) {
  return ArgumentError{parameter.name, {code, parameter.name + " " + std::string(what)}};
}

std::string number_text(double number) {
  std::string text;
  append_json_number(text, number);
  return text;
}

std::string range_text(const Parameter& parameter) {
  return number_text(parameter.min) + " to " + number_text(parameter.max);
}

Result<Value> checked_text(const Parameter& parameter, std::string text) {
  if (!is_accepted_text(text)) return Error{ErrorCode::InvalidUtf8, "is not UTF-8 without NUL"};
  const auto bytes = static_cast<double>(text.size());
  if (bytes < parameter.min) return Error{ErrorCode::InvalidArgument, "is empty"};
  if (bytes > parameter.max) {
    return Error{ErrorCode::InvalidArgument,
                 "has at most " + number_text(parameter.max) + " bytes"};
  }
  return Value(std::move(text));
}

template <class Number>
Result<Value> checked_number(const Parameter& parameter, Number number) {
  const auto wide = static_cast<double>(number);
  if (wide >= parameter.min && wide <= parameter.max) return Value(number);
  return Error{ErrorCode::NumberOutOfRange, "is from " + range_text(parameter)};
}

Result<Value> checked_time(const std::string& text) {
  const auto ms = parse_time(text);
  if (!ms.ok()) return Error{ErrorCode::InvalidArgument, "is an RFC 3339 time"};
  return Value(time_text(ms.value()));
}

// The whole text as a number in the form that JSON writes; nothing for anything else.
template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  Number number{};
  const auto [stop, status] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (status != std::errc() || stop != text.data() + text.size()) return std::nullopt;
  const std::string_view digits = text.substr(text.starts_with('-') ? 1 : 0);
  const bool is_padded = digits.size() > 1 && digits[0] == '0' && digits[1] != '.';
  return is_padded ? std::nullopt : std::optional(number);
}

// A value of path or query, which is always text.
Result<Value> value_of_text(const Parameter& parameter, std::string text) {
  switch (parameter.type) {
    case ParameterType::Text: return checked_text(parameter, std::move(text));
    case ParameterType::Time: return checked_time(text);
    case ParameterType::Boolean:
      if (text == "true") return Value(int64_t{1});
      if (text == "false") return Value(int64_t{0});
      return Error{ErrorCode::WrongType, "is true or false"};
    case ParameterType::Integer:
      if (const auto number = parse_number<int64_t>(text)) {
        return checked_number(parameter, *number);
      }
      return Error{ErrorCode::WrongType, "is an integer from " + range_text(parameter)};
    case ParameterType::Number:
      if (const auto number = parse_number<double>(text); number && std::isfinite(*number)) {
        return checked_number(parameter, *number);
      }
      return Error{ErrorCode::WrongType, "is a number from " + range_text(parameter)};
  }
  return Error{ErrorCode::Internal, "has an unknown type"};
}

Result<Value> value_of_json(const Parameter& parameter, const JsonValue& json) {
  switch (parameter.type) {
    case ParameterType::Text:
      if (json.is_string()) return checked_text(parameter, json.get<std::string>());
      return Error{ErrorCode::WrongType, "is a string"};
    case ParameterType::Time:
      if (json.is_string()) return checked_time(json.get<std::string>());
      return Error{ErrorCode::WrongType, "is an RFC 3339 time"};
    case ParameterType::Boolean:
      if (json.is_boolean()) return Value(int64_t{json.get<bool>() ? 1 : 0});
      return Error{ErrorCode::WrongType, "is true or false"};
    case ParameterType::Integer:
      if (json.is_number_integer()) return checked_number(parameter, json.get<int64_t>());
      return Error{ErrorCode::WrongType, "is an integer from " + range_text(parameter)};
    case ParameterType::Number:
      if (json.is_number()) return checked_number(parameter, json.get<double>());
      return Error{ErrorCode::WrongType, "is a number from " + range_text(parameter)};
  }
  return Error{ErrorCode::Internal, "has an unknown type"};
}

Refusal take(const Parameter& parameter, Result<Value> value, Arguments& arguments) {
  if (!value.ok()) return refuse(parameter, value.error().code, value.error().message);
  arguments.set(parameter.name, std::move(value).value());
  return std::nullopt;
}

// Defaults for what was not said; an error for what had to be.
Refusal complete(const std::vector<Parameter>& parameters, const std::set<std::string>& in_path,
                 Arguments& arguments) {
  for (const Parameter& parameter : parameters) {
    if (in_path.contains(parameter.name) || arguments.has(parameter.name)) continue;
    if (parameter.is_required) return refuse(parameter, ErrorCode::MissingField, "is required");
    if (!is_null(parameter.default_value)) arguments.set(parameter.name, parameter.default_value);
  }
  return std::nullopt;
}

const Parameter* find(const std::vector<Parameter>& parameters, std::string_view name) {
  const auto found = std::ranges::find(parameters, name, &Parameter::name);
  return found == parameters.end() ? nullptr : &*found;
}

Result<std::string> form_decode(std::string_view text) {
  std::string spaced(text);
  std::ranges::replace(spaced, '+', ' ');
  return percent_decode(spaced);
}

}  // namespace

Refusal read_path(const Route& route, const std::vector<std::string>& segments,
                  Arguments& arguments) {
  for (const auto& [position, name] : path_parameters(route.path)) {
    const Parameter* parameter = find(route.parameters, name);
    TWINSTORE_CHECK(parameter != nullptr);
    if (auto refusal = take(*parameter, value_of_text(*parameter, segments[position]), arguments)) {
      return refusal;
    }
  }
  return std::nullopt;
}

Refusal read_query(const Route& route, std::string_view query, Arguments& arguments) {
  std::set<std::string> in_path;
  for (const auto& [position, name] : path_parameters(route.path)) in_path.insert(name);
  while (!query.empty()) {
    const size_t end = query.find('&');
    const std::string_view item = query.substr(0, end);
    query = end == std::string_view::npos ? std::string_view() : query.substr(end + 1);
    const size_t equals = item.find('=');
    const auto name = form_decode(item.substr(0, equals));
    const auto text = form_decode(equals == std::string_view::npos ? std::string_view()
                                                                   : item.substr(equals + 1));
    if (!name.ok()) return ArgumentError{"", name.error()};
    const Parameter* parameter = find(route.parameters, name.value());
    if (parameter == nullptr || in_path.contains(parameter->name)) {
      const std::string shown = is_accepted_text(name.value()) ? name.value() : "";
      return ArgumentError{shown, {ErrorCode::UnknownField, "there is no parameter " + shown}};
    }
    if (!text.ok()) return refuse(*parameter, text.error().code, text.error().message);
    if (arguments.has(parameter->name)) {
      return refuse(*parameter, ErrorCode::DuplicateKey, "is given more than once");
    }
    if (auto refusal = take(*parameter, value_of_text(*parameter, text.value()), arguments)) {
      return refusal;
    }
  }
  return complete(route.parameters, in_path, arguments);
}

Refusal read_members(const std::vector<Parameter>& members, const JsonValue& body,
                     Arguments& arguments) {
  if (!body.is_object() && !body.is_null()) {
    return ArgumentError{"", {ErrorCode::WrongType, "the body is an object"}};
  }
  for (auto it = body.begin(); it != body.end(); ++it) {
    const Parameter* member = find(members, it.key());
    if (member == nullptr) {
      return ArgumentError{it.key(), {ErrorCode::UnknownField, "there is no member " + it.key()}};
    }
    if (auto refusal = take(*member, value_of_json(*member, it.value()), arguments)) return refusal;
  }
  return complete(members, {}, arguments);
}

}  // namespace twinstore
