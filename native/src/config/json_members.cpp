#include "config/json_members.h"

namespace twinstore {

Result<JsonMembers> JsonMembers::of(const JsonValue& value, std::string place) {
  if (value.is_object()) return JsonMembers(value, std::move(place));
  const std::string name = place.empty() ? "the configuration" : place.substr(0, place.size() - 1);
  return Error{ErrorCode::WrongType, name + " is not an object"};
}

Error JsonMembers::wrong(ErrorCode code, std::string_view name, std::string_view why) const {
  return {code, place_of(name) + " " + std::string(why)};
}

Error JsonMembers::missing(std::string_view name) const {
  return wrong(ErrorCode::MissingField, name, "is missing");
}

bool JsonMembers::has(std::string_view name) const { return value_->contains(name); }

const JsonValue* JsonMembers::member(std::string_view name) {
  known_.emplace(name);
  const auto found = value_->find(name);
  return found == value_->end() ? nullptr : &*found;
}

Result<void> JsonMembers::text(std::string_view name, std::string& into) {
  const JsonValue* found = member(name);
  if (found == nullptr) return {};
  if (!found->is_string()) return wrong(ErrorCode::WrongType, name, "is not a text");
  into = found->get<std::string>();
  return {};
}

Result<void> JsonMembers::flag(std::string_view name, bool& into) {
  const JsonValue* found = member(name);
  if (found == nullptr) return {};
  if (!found->is_boolean()) return wrong(ErrorCode::WrongType, name, "is neither true nor false");
  into = found->get<bool>();
  return {};
}

Result<void> JsonMembers::integer(std::string_view name, int64_t& into, int64_t min, int64_t max) {
  const JsonValue* found = member(name);
  if (found == nullptr) return {};
  if (!found->is_number_integer()) {
    return wrong(ErrorCode::WrongType, name, "is not a whole number");
  }
  const auto value = found->get<int64_t>();
  if (value < min || value > max) {
    return wrong(ErrorCode::NumberOutOfRange, name,
                 "is not from " + std::to_string(min) + " to " + std::to_string(max));
  }
  into = value;
  return {};
}

Result<void> JsonMembers::number(std::string_view name, double& into, double min, double max) {
  const JsonValue* found = member(name);
  if (found == nullptr) return {};
  if (!found->is_number()) return wrong(ErrorCode::WrongType, name, "is not a number");
  const auto value = found->get<double>();
  if (!(value >= min && value <= max)) {
    return wrong(ErrorCode::NumberOutOfRange, name,
                 "is not from " + std::to_string(static_cast<int64_t>(min)) + " to " +
                     std::to_string(static_cast<int64_t>(max)));
  }
  into = value;
  return {};
}

Result<void> JsonMembers::texts(std::string_view name, std::vector<std::string>& into) {
  const JsonValue* found = member(name);
  if (found == nullptr) return {};
  if (!found->is_array()) return wrong(ErrorCode::WrongType, name, "is not an array of texts");
  into.clear();
  for (const JsonValue& each : *found) {
    if (!each.is_string()) return wrong(ErrorCode::WrongType, name, "holds what is no text");
    into.push_back(each.get<std::string>());
  }
  return {};
}

Result<void> JsonMembers::finish() const {
  for (const auto& [name, value] : value_->items()) {
    if (!known_.contains(name)) return wrong(ErrorCode::UnknownField, name, "is no setting");
  }
  return {};
}

}  // namespace twinstore
