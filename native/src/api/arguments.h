// From what a request says to checked arguments, by the parameters of its route. Nothing is
// coerced: a number is written as a number, and what the route does not name is refused.
// Thread rule: pure functions.
#pragma once

#include "api/route.h"

namespace twinstore {

// An error with the parameter that it speaks of, for the problem document.
struct ArgumentError {
  std::string field;  // empty: of the request as a whole
  Error error;
};

// Each returns nothing, or what is wrong. Errors: InvalidArgument, MissingField, UnknownField,
// DuplicateKey, WrongType, NumberOutOfRange, InvalidUtf8.
[[nodiscard]] std::optional<ArgumentError> read_path(const Route& route,
                                                     const std::vector<std::string>& segments,
                                                     Arguments& arguments);
// `query` as it came, of the form a=1&b=2; a + is a space (url.spec.whatwg.org
// §urlencoded-parsing).
[[nodiscard]] std::optional<ArgumentError> read_query(const Route& route, std::string_view query,
                                                      Arguments& arguments);
[[nodiscard]] std::optional<ArgumentError> read_members(const std::vector<Parameter>& members,
                                                        const JsonValue& body,
                                                        Arguments& arguments);

}  // namespace twinstore
