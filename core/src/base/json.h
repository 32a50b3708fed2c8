// Strict JSON: the one subset that browser, server, SQLite and PostgreSQL agree on, checked while
// parsing, and its canonical text (RFC 8785 number form, keys in byte order).
// Thread rule: pure functions.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "twinstore/record.h"
#include "twinstore/result.h"

namespace twinstore {

using JsonValue = nlohmann::json;

// Errors: InvalidJson (with the byte position), JsonTooDeep, DuplicateKey, InvalidUtf8 (also a NUL
// character, a lone surrogate or a byte order mark), NumberOutOfRange (not finite).
[[nodiscard]] Result<JsonValue> parse_json(std::string_view text);

// Errors: NumberOutOfRange for an integral number beyond ±(2^53-1) whose text would be an integer.
[[nodiscard]] Result<std::string> canonical_json(const JsonValue& value);

// Appends a JSON string with its quotes. `text` is valid UTF-8.
void append_json_string(std::string& out, std::string_view text);
// Appends the shortest text that reads back as the same double. Requires a finite number.
void append_json_number(std::string& out, double number);
void append_json_number(std::string& out, int64_t number);
// Appends null, a number or a string.
void append_json_value(std::string& out, const Value& value);

// Valid UTF-8 without surrogates and NUL.
[[nodiscard]] bool is_accepted_text(std::string_view text);

// Total reads of an object's members: the type is checked, absence is an error that names it.
[[nodiscard]] Result<std::string> json_text(const JsonValue& object, const char* name);
[[nodiscard]] Result<int64_t> json_integer(const JsonValue& object, const char* name);
// Null when the member is absent or not of that type.
[[nodiscard]] const JsonValue* json_array(const JsonValue& object, const char* name);
[[nodiscard]] const JsonValue* json_object(const JsonValue& object, const char* name);

}  // namespace twinstore
