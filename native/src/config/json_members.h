// Reading the members of a configuration file's objects: each is asked for by name and type, and
// what nobody asked for is refused, lest a misspelt name be a setting without effect.
// Thread rule: one thread.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "twinstore/result.h"

namespace twinstore {

class JsonMembers {
 public:
  // `place` says where the object stands in the file: "" or "sources[1].". Errors: WrongType for
  // what is no object.
  [[nodiscard]] static Result<JsonMembers> of(const JsonValue& value, std::string place);

  [[nodiscard]] bool has(std::string_view name) const;
  // Each leaves `into` as it is when there is no such member. Errors: WrongType; NumberOutOfRange
  // outside of min to max.
  [[nodiscard]] Result<void> text(std::string_view name, std::string& into);
  [[nodiscard]] Result<void> flag(std::string_view name, bool& into);
  [[nodiscard]] Result<void> integer(std::string_view name, int64_t& into, int64_t min,
                                     int64_t max);
  [[nodiscard]] Result<void> number(std::string_view name, double& into, double min, double max);
  [[nodiscard]] Result<void> texts(std::string_view name, std::vector<std::string>& into);
  // Null when there is none.
  [[nodiscard]] const JsonValue* member(std::string_view name);

  // Errors: UnknownField for a member that was not asked for.
  [[nodiscard]] Result<void> finish() const;
  [[nodiscard]] Error missing(std::string_view name) const;
  [[nodiscard]] Error wrong(ErrorCode code, std::string_view name, std::string_view why) const;
  [[nodiscard]] std::string place_of(std::string_view name) const {
    return place_ + std::string(name);
  }

 private:
  JsonMembers(const JsonValue& value, std::string place)
      : value_(&value), place_(std::move(place)) {}

  const JsonValue* value_;
  std::string place_;
  std::set<std::string, std::less<>> known_;
};

}  // namespace twinstore
