// Values as PostgreSQL's binary form carries them: parameters, arrays of a column's values, and
// what comes back. Thread rule: plain values. Next: connection.h sends them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "twinstore/schema.h"

namespace twinstore::postgres {

// The type of the column of a field.
[[nodiscard]] std::string_view postgres_type(FieldType type);

// One parameter that is an array: a column of a batch.
class ArrayParameter {
 public:
  explicit ArrayParameter(FieldType type) : type_(type) {}

  // Requires a value of the array's type, or null.
  void add(const Value& value);
  void add(std::string_view text);
  void add(int64_t number);
  void add_null();

  [[nodiscard]] bool is_empty() const { return count_ == 0; }
  // What is sent. postgresql.org/docs/15/protocol-overview.html#PROTOCOL-FORMAT-CODES; the layout
  // is that of array_recv.
  [[nodiscard]] std::string encoded() const;
  // Of an array of one: the element as a parameter of its own.
  [[nodiscard]] std::string encoded_element() const { return elements_.substr(sizeof(uint32_t)); }

 private:
  void begin_element(size_t bytes);
  FieldType type_;
  int32_t count_ = 0;
  bool has_null_ = false;
  std::string elements_;
};

// The parameters of one statement, in order.
class Parameters {
 public:
  Parameters& add(std::string_view text);
  Parameters& add(int64_t number);
  Parameters& add(const ArrayParameter& array);
  // Requires a value of the type that is not null.
  Parameters& add(FieldType type, const Value& value);

  [[nodiscard]] const std::vector<std::string>& values() const { return values_; }

 private:
  std::vector<std::string> values_;
};

// A column's value in binary form. Errors: StorageCorrupt for a value beyond what a field accepts.
[[nodiscard]] Result<Value> decode_value(FieldType type, std::string_view bytes);
[[nodiscard]] int64_t decode_integer(std::string_view bytes);

}  // namespace twinstore::postgres
