#include "api/route.h"

namespace twinstore {

Parameter text_parameter(std::string name, std::string summary, size_t bytes_max) {
  return {.name = std::move(name),
          .summary = std::move(summary),
          .min = 1,
          .max = static_cast<double>(bytes_max)};
}

Parameter integer_parameter(std::string name, std::string summary, int64_t min, int64_t max) {
  return {.name = std::move(name),
          .summary = std::move(summary),
          .type = ParameterType::Integer,
          .min = static_cast<double>(min),
          .max = static_cast<double>(max)};
}

Parameter number_parameter(std::string name, std::string summary, double min, double max) {
  return {.name = std::move(name),
          .summary = std::move(summary),
          .type = ParameterType::Number,
          .min = min,
          .max = max};
}

Parameter boolean_parameter(std::string name, std::string summary) {
  return {.name = std::move(name), .summary = std::move(summary), .type = ParameterType::Boolean};
}

Parameter time_parameter(std::string name, std::string summary) {
  return {.name = std::move(name), .summary = std::move(summary), .type = ParameterType::Time};
}

Parameter required(Parameter parameter) {
  parameter.is_required = true;
  return parameter;
}

Parameter defaulting(Parameter parameter, Value value) {
  parameter.default_value = std::move(value);
  return parameter;
}

const Value& Arguments::at(std::string_view name) const {
  const auto found = values_.find(name);
  TWINSTORE_CHECK(found != values_.end());
  return found->second;
}

const std::string& Arguments::text(std::string_view name) const {
  const auto* text = std::get_if<std::string>(&at(name));
  TWINSTORE_CHECK(text != nullptr);
  return *text;
}

int64_t Arguments::integer(std::string_view name) const {
  const auto* number = std::get_if<int64_t>(&at(name));
  TWINSTORE_CHECK(number != nullptr);
  return *number;
}

double Arguments::number(std::string_view name) const {
  const auto* number = std::get_if<double>(&at(name));
  TWINSTORE_CHECK(number != nullptr);
  return *number;
}

}  // namespace twinstore
