// OptionalField: a field of a record as a program names it: with a value, as null, or not at all.
// What is not named is no change; a field that is read is named or null.
// Thread rule: plain values.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

namespace twinstore {

template <class T>
class OptionalField : public std::optional<T> {
 public:
  using std::optional<T>::optional;
  OptionalField(std::nullptr_t) : is_null_(true) {}

  // Whether a record with this field says something about it.
  [[nodiscard]] bool is_named() const { return this->has_value() || is_null_; }

 private:
  bool is_null_ = false;
};

// A JSON document as text; canonical when it was read.
struct JsonText {
  std::string text;

  friend bool operator==(const JsonText&, const JsonText&) = default;
};

}  // namespace twinstore
