// Between JSON and the values of a field: every input is checked and brought to its one canonical
// form here, so that equal data are equal bytes on every replica.
// Thread rule: pure functions.
#pragma once

#include "base/json.h"
#include "twinstore/schema.h"

namespace twinstore {

// What a field holds when an insert does not name it: 0 for a counter, [] for a set, else null.
[[nodiscard]] Value type_default(FieldType type);

// From the form that people write: true, "2024-03-26T17:25:26+01:00", ["a"], {"any": "document"}.
// null is accepted for every field (key fields: see to_key).
// Errors: WrongType, ValueTooLong, NumberOutOfRange, InvalidUtf8; the message names the field.
[[nodiscard]] Result<Value> to_value(const Field& field, const JsonValue& json);
// The reverse; documents and sets come back as JSON, not as text.
[[nodiscard]] JsonValue from_value(const Field& field, const Value& value);

// A value in the wire's compact form (documents and sets as canonical text, booleans as 0 and 1),
// checked as to_value checks. Errors: the same.
[[nodiscard]] Result<Value> check_wire_value(const Field& field, const JsonValue& json);

// The key of a row from an array of its key fields' values, or from one value when there is one.
// Errors: WrongType, MissingField (null or absent), ValueTooLong.
[[nodiscard]] Result<Key> to_key(const Collection& collection, const JsonValue& json);
// One text for a key, unique within its collection: a canonical JSON array.
[[nodiscard]] std::string key_text(const Key& key);

}  // namespace twinstore
