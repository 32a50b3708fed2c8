#include "storage_postgres/values.h"

#include <array>
#include <bit>

#include "twinstore/time_text.h"

namespace twinstore::postgres {
namespace {

struct ColumnType {
  std::string_view name;
  uint32_t oid;  // pg_type.dat: the same in every installation
};
constexpr ColumnType text_type{"text COLLATE \"C\"", 25};
constexpr ColumnType integer_type{"bigint", 20};
constexpr std::array<ColumnType, 8> column_types{
    text_type,       integer_type,          {"double precision", 701},
    {"boolean", 16}, {"timestamptz", 1184}, text_type,
    text_type,       integer_type};

const ColumnType& column_type(FieldType type) { return column_types[static_cast<size_t>(type)]; }

constexpr int64_t postgres_epoch_ms = 946'684'800'000;  // 2000-01-01T00:00:00Z
constexpr int64_t first_ms = -62'135'596'800'000;       // 0001-01-01T00:00:00.000Z
constexpr int64_t last_ms = 253'402'300'799'999;        // 9999-12-31T23:59:59.999Z

template <class Unsigned>
void append_number(std::string& out, Unsigned number) {
  for (size_t i = sizeof number; i-- > 0;) out += static_cast<char>((number >> (8 * i)) & 0xff);
}

int64_t floor_divide(int64_t number, int64_t by) { return number / by - (number % by < 0 ? 1 : 0); }

}  // namespace

std::string_view postgres_type(FieldType type) { return column_type(type).name; }

void ArrayParameter::begin_element(size_t bytes) {
  ++count_;
  append_number(elements_, static_cast<uint32_t>(bytes));
}

void ArrayParameter::add_null() {
  ++count_;
  has_null_ = true;
  append_number(elements_, ~uint32_t{0});
}

void ArrayParameter::add(std::string_view text) {
  begin_element(text.size());
  elements_ += text;
}

void ArrayParameter::add(int64_t number) {
  begin_element(sizeof number);
  append_number(elements_, static_cast<uint64_t>(number));
}

void ArrayParameter::add(const Value& value) {
  if (is_null(value)) return add_null();
  switch (type_) {
    case FieldType::Int:
    case FieldType::Counter: return add(std::get<int64_t>(value));
    case FieldType::Bool:
      begin_element(1);
      elements_ += std::get<int64_t>(value) != 0 ? '\1' : '\0';
      return;
    case FieldType::Double:
      begin_element(sizeof(double));
      return append_number(elements_, std::bit_cast<uint64_t>(std::get<double>(value)));
    case FieldType::Time: {
      const auto ms = parse_time(std::get<std::string>(value));
      TWINSTORE_CHECK(ms.ok());  // only canonical times are stored in such fields
      return add((ms.value() - postgres_epoch_ms) * 1000);
    }
    default: return add(std::string_view(std::get<std::string>(value)));
  }
}

std::string ArrayParameter::encoded() const {
  std::string out;
  append_number(out, uint32_t{count_ > 0 ? 1u : 0u});  // dimensions
  append_number(out, uint32_t{has_null_ ? 1u : 0u});
  append_number(out, column_type(type_).oid);
  if (count_ == 0) return out;
  append_number(out, static_cast<uint32_t>(count_));
  append_number(out, uint32_t{1});  // the lower bound
  return out + elements_;
}

Parameters& Parameters::add(std::string_view text) {
  values_.emplace_back(text);
  return *this;
}

Parameters& Parameters::add(int64_t number) {
  append_number(values_.emplace_back(), static_cast<uint64_t>(number));
  return *this;
}

Parameters& Parameters::add(const ArrayParameter& array) {
  values_.push_back(array.encoded());
  return *this;
}

Parameters& Parameters::add(FieldType type, const Value& value) {
  ArrayParameter single(type);
  single.add(value);
  values_.push_back(single.encoded_element());
  return *this;
}

int64_t decode_integer(std::string_view bytes) {
  uint64_t number = 0;
  for (const char c : bytes) number = (number << 8) | static_cast<uint8_t>(c);
  return static_cast<int64_t>(number);
}

Result<Value> decode_value(FieldType type, std::string_view bytes) {
  switch (type) {
    case FieldType::Int:
    case FieldType::Counter: return Value(decode_integer(bytes));
    case FieldType::Bool: return Value(decode_integer(bytes));
    case FieldType::Double: return Value(std::bit_cast<double>(decode_integer(bytes)));
    case FieldType::Time: {
      const int64_t ms = floor_divide(decode_integer(bytes), 1000) + postgres_epoch_ms;
      if (ms < first_ms || ms > last_ms) {
        return Error{ErrorCode::StorageCorrupt, "a time is beyond the years 1 to 9999"};
      }
      return Value(time_text(ms));
    }
    default: return Value(std::string(bytes));
  }
}

}  // namespace twinstore::postgres
