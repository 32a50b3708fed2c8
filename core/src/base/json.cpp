#include "base/json.h"

#include <charconv>
#include <cmath>
#include <set>

#include "twinstore/limits.h"

namespace twinstore {
namespace {

// Builds the document while it checks depth, duplicate keys and numbers, so that nothing deep or
// ambiguous ever exists in memory.
class StrictReader : public nlohmann::json_sax<JsonValue> {
 public:
  JsonValue root;
  Error error{ErrorCode::InvalidJson, "not JSON"};

  bool null() override { return add(JsonValue(nullptr)); }
  bool boolean(bool value) override { return add(JsonValue(value)); }
  bool number_integer(number_integer_t value) override { return add(JsonValue(value)); }
  bool number_unsigned(number_unsigned_t value) override {
    if (value <= static_cast<uint64_t>(INT64_MAX))
      return add(JsonValue(static_cast<int64_t>(value)));
    return add(JsonValue(static_cast<double>(value)));
  }
  bool number_float(number_float_t value, const string_t&) override {
    if (!std::isfinite(value)) return fail(ErrorCode::NumberOutOfRange, "a number is not finite");
    return add(JsonValue(value == 0.0 ? 0.0 : value));
  }
  bool string(string_t& value) override {
    if (!accept(value)) return false;
    return add(JsonValue(std::move(value)));
  }
  bool binary(binary_t&) override { return fail(ErrorCode::InvalidJson, "binary in JSON"); }
  bool start_object(std::size_t) override { return open(JsonValue::object()); }
  bool start_array(std::size_t) override { return open(JsonValue::array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool key(string_t& value) override {
    if (!accept(value)) return false;
    const auto [at, is_new] = open_.back()->emplace(value, nullptr);
    if (!is_new) return fail(ErrorCode::DuplicateKey, "an object names a key twice");
    member_ = &at.value();
    return true;
  }
  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception& cause) override {
    if (cause.id == 406) return fail(ErrorCode::NumberOutOfRange, "a number is not finite");
    return fail(ErrorCode::InvalidJson, "not JSON at byte " + std::to_string(position));
  }

 private:
  std::vector<JsonValue*> open_;
  JsonValue* member_ = nullptr;

  bool fail(ErrorCode code, std::string message) {
    error = {code, std::move(message)};
    return false;
  }
  bool accept(std::string_view text) {
    if (is_accepted_text(text)) return true;
    return fail(ErrorCode::InvalidUtf8, "a string holds NUL or is not UTF-8");
  }
  JsonValue* place(JsonValue&& value) {
    if (open_.empty()) {
      root = std::move(value);
      return &root;
    }
    if (open_.back()->is_array()) {
      open_.back()->push_back(std::move(value));
      return &open_.back()->back();
    }
    *member_ = std::move(value);
    return member_;
  }
  bool add(JsonValue&& value) {
    place(std::move(value));
    return true;
  }
  bool open(JsonValue&& value) {
    if (open_.size() >= static_cast<size_t>(limits::json_depth_max)) {
      return fail(ErrorCode::JsonTooDeep, "JSON is nested deeper than 64");
    }
    open_.push_back(place(std::move(value)));
    return true;
  }
  bool close() {
    open_.pop_back();
    return true;
  }
};

Result<void> append_canonical(std::string& out, const JsonValue& value) {
  switch (value.type()) {
    case JsonValue::value_t::object: {
      out += '{';
      bool first = true;
      for (auto it = value.begin(); it != value.end(); ++it) {
        if (!std::exchange(first, false)) out += ',';
        append_json_string(out, it.key());
        out += ':';
        TWINSTORE_TRY_VOID(append_canonical(out, it.value()));
      }
      out += '}';
      return {};
    }
    case JsonValue::value_t::array: {
      out += '[';
      bool first = true;
      for (const JsonValue& item : value) {
        if (!std::exchange(first, false)) out += ',';
        TWINSTORE_TRY_VOID(append_canonical(out, item));
      }
      out += ']';
      return {};
    }
    case JsonValue::value_t::string:
      append_json_string(out, value.get_ref<const std::string&>());
      return {};
    case JsonValue::value_t::boolean: out += value.get<bool>() ? "true" : "false"; return {};
    case JsonValue::value_t::number_integer:
    case JsonValue::value_t::number_unsigned: {
      const int64_t number = value.get<int64_t>();
      if (number > limits::integer_max || number < -limits::integer_max) break;
      append_json_number(out, number);
      return {};
    }
    case JsonValue::value_t::number_float: {
      const double number = value.get<double>();
      constexpr double exponent_form_from = 1e21;  // ECMA-262 Number::toString
      const double size = std::fabs(number);
      if (size > static_cast<double>(limits::integer_max) && size < exponent_form_from) break;
      append_json_number(out, number);
      return {};
    }
    default: out += "null"; return {};
  }
  return Error{ErrorCode::NumberOutOfRange, "an integer is beyond ±(2^53-1)"};
}

// Where the character at `i` ends, or 0 when it is not accepted. RFC 3629.
size_t character_end(std::string_view text, size_t i) {
  const auto byte = [&](size_t at) { return static_cast<unsigned char>(text[at]); };
  const unsigned char lead = byte(i);
  if (lead < 0x80) return lead == 0 ? 0 : i + 1;
  const size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || i + length > text.size()) return 0;
  for (size_t k = 1; k < length; ++k) {
    if ((byte(i + k) & 0xc0) != 0x80) return 0;
  }
  const unsigned char second = byte(i + 1);
  const bool is_overlong = (lead == 0xe0 && second < 0xa0) || (lead == 0xf0 && second < 0x90);
  const bool is_surrogate = lead == 0xed && second > 0x9f;
  const bool is_beyond = lead == 0xf4 && second > 0x8f;
  return is_overlong || is_surrogate || is_beyond ? 0 : i + length;
}

}  // namespace

Result<JsonValue> parse_json(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) {
    return Error{ErrorCode::InvalidUtf8, "JSON must not begin with a byte order mark"};
  }
  StrictReader reader;
  if (JsonValue::sax_parse(text.begin(), text.end(), &reader)) return std::move(reader.root);
  const bool is_text = reader.error.code != ErrorCode::InvalidJson || is_accepted_text(text);
  if (!is_text) return Error{ErrorCode::InvalidUtf8, "the text is not UTF-8"};
  return std::move(reader.error);
}

Result<std::string> canonical_json(const JsonValue& value) {
  std::string out;
  TWINSTORE_TRY_VOID(append_canonical(out, value));
  return out;
}

void append_json_string(std::string& out, std::string_view text) {
  constexpr std::string_view hex = "0123456789abcdef";
  out += '"';
  size_t copied = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\') continue;
    out.append(text, copied, i - copied);
    copied = i + 1;
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\b': out += "\\b"; break;
      case '\f': out += "\\f"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      default:
        out += "\\u00";
        out += hex[static_cast<unsigned char>(c) >> 4];
        out += hex[static_cast<unsigned char>(c) & 0xf];
    }
  }
  out.append(text, copied, text.size() - copied);
  out += '"';
}

// ECMA-262 Number::toString: digits d1…dk and exponent n such that 0.d1…dk × 10^n is the number.
void append_json_number(std::string& out, double number) {
  TWINSTORE_CHECK(std::isfinite(number));
  if (number == 0.0) {
    out += '0';
    return;
  }
  char buffer[40];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, std::fabs(number),
                                 std::chars_format::scientific)
                       .ptr;
  const std::string_view text(buffer, static_cast<size_t>(end - buffer));
  const size_t e = text.find('e');
  int exponent = 0;
  const char* from = text.data() + e + (text[e + 1] == '+' ? 2 : 1);
  std::from_chars(from, text.data() + text.size(), exponent);
  std::string digits(1, text[0]);
  if (e > 2) digits.append(text, 2, e - 2);
  const int k = static_cast<int>(digits.size());
  const int n = exponent + 1;
  if (number < 0) out += '-';
  if (k <= n && n <= 21) {
    out += digits;
    out.append(static_cast<size_t>(n - k), '0');
  } else if (0 < n && n <= 21) {
    out.append(digits, 0, static_cast<size_t>(n));
    out += '.';
    out.append(digits, static_cast<size_t>(n));
  } else if (-6 < n && n <= 0) {
    out += "0.";
    out.append(static_cast<size_t>(-n), '0');
    out += digits;
  } else {
    out += digits[0];
    if (k > 1) {
      out += '.';
      out.append(digits, 1);
    }
    out += n - 1 < 0 ? "e-" : "e+";
    append_json_number(out, static_cast<int64_t>(std::abs(n - 1)));
  }
}

void append_json_number(std::string& out, int64_t number) {
  char buffer[24];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, number).ptr;
  out.append(buffer, static_cast<size_t>(end - buffer));
}

void append_json_value(std::string& out, const Value& value) {
  switch (value.index()) {
    case 1: return append_json_number(out, std::get<int64_t>(value));
    case 2: return append_json_number(out, std::get<double>(value));
    case 3: return append_json_string(out, std::get<std::string>(value));
    default: out += "null";
  }
}

bool is_accepted_text(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    i = character_end(text, i);
    if (i == 0) return false;
  }
  return true;
}

Result<std::string> json_text(const JsonValue& object, const char* name) {
  if (object.is_object()) {
    const auto at = object.find(name);
    if (at != object.end() && at->is_string()) return at->get<std::string>();
  }
  return Error{ErrorCode::InvalidJson, std::string("a text is expected at ") + name};
}

Result<int64_t> json_integer(const JsonValue& object, const char* name) {
  if (object.is_object()) {
    const auto at = object.find(name);
    if (at != object.end() && at->is_number_integer()) return at->get<int64_t>();
  }
  return Error{ErrorCode::InvalidJson, std::string("an integer is expected at ") + name};
}

const JsonValue* json_array(const JsonValue& object, const char* name) {
  if (!object.is_object()) return nullptr;
  const auto at = object.find(name);
  return at != object.end() && at->is_array() ? &*at : nullptr;
}

const JsonValue* json_object(const JsonValue& object, const char* name) {
  if (!object.is_object()) return nullptr;
  const auto at = object.find(name);
  return at != object.end() && at->is_object() ? &*at : nullptr;
}

}  // namespace twinstore
