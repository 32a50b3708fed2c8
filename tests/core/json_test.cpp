#include "base/json.h"

#include <cmath>
#include <cstring>
#include <limits>

#include "twinstore/clock.h"
#include "world.h"

using namespace twinstore;
using twinstore::test::code_of;

namespace {

std::string canonical(std::string_view text) {
  const auto parsed = parse_json(text);
  if (!parsed.ok()) return std::string(error_text(parsed.error().code));
  const auto out = canonical_json(parsed.value());
  return out.ok() ? out.value() : std::string(error_text(out.error().code));
}

}  // namespace

TEST_CASE("json: what is not in the accepted subset has its own error") {
  struct Row {
    std::string_view text;
    std::string_view error;
  };
  const Row rows[] = {
      {"", "invalid_json"},
      {"{", "invalid_json"},
      {"{} x", "invalid_json"},
      {"[1,]", "invalid_json"},
      {"NaN", "invalid_json"},
      {R"({"a":1,"a":2})", "duplicate_key"},
      {R"([{"__proto__":1,"__proto__":2}])", "duplicate_key"},
      {"1e400", "number_out_of_range"},
      {"9007199254740992", "number_out_of_range"},
      {"-9007199254740992", "number_out_of_range"},
      {"18446744073709551616", "number_out_of_range"},
      {"1e20", "number_out_of_range"},
      {R"("\u0000")", "invalid_utf8"},
      {R"({"\u0000":1})", "invalid_utf8"},
      {"\"\xff\"", "invalid_utf8"},
      {"\"\xc0\xaf\"", "invalid_utf8"},
      {"\"\xed\xa0\x80\"", "invalid_utf8"},
      {"\xef\xbb\xbf{}", "invalid_utf8"},
      {R"("\ud800")", "invalid_json"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(canonical(row.text) == row.error);
  }
}

TEST_CASE("json: canonical text has sorted keys and the numbers of ECMAScript") {
  CHECK(canonical(R"( { "b" : 1.0 , "a" : [ true , null , -0.0 ] } )") ==
        R"({"a":[true,null,0],"b":1})");
  CHECK(canonical("9007199254740991") == "9007199254740991");
  CHECK(canonical("1e21") == "1e+21");
  CHECK(canonical("1.5e-7") == "1.5e-7");
  CHECK(canonical("0.000001") == "0.000001");
  CHECK(canonical("123.456") == "123.456");
  CHECK(canonical("5e-324") == "5e-324");
  CHECK(canonical(R"("\u00e9\/\n😀")") == "\"é/\\n😀\"");
  CHECK(canonical(R"({"__proto__":{"constructor":1}})") == R"({"__proto__":{"constructor":1}})");
}

TEST_CASE("json: depth 64 is accepted and depth 65 is not, without deep recursion") {
  const auto nested = [](size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  CHECK(parse_json(nested(64)).ok());
  CHECK(code_of(parse_json(nested(65))) == ErrorCode::JsonTooDeep);
  CHECK(code_of(parse_json(nested(1'000'000))) == ErrorCode::JsonTooDeep);
}

TEST_CASE("json: every finite double comes back bit for bit") {
  FakeIdSource random(20'261'123);
  int tried = 0;
  const auto check = [&](double number) {
    std::string text;
    append_json_number(text, number);
    const auto parsed = parse_json(text);
    REQUIRE(parsed.ok());
    const double back = parsed.value().get<double>();
    if (std::memcmp(&back, &number, sizeof back) != 0) FAIL_CHECK(text);
    ++tried;
  };
  for (int exponent = -1074; exponent <= 1023; ++exponent) check(std::ldexp(1.0, exponent));
  while (tried < 100'000) {
    const uint64_t bits = random.next();
    double number = 0;
    std::memcpy(&number, &bits, sizeof number);
    if (std::isfinite(number) && number != 0.0) check(number);
  }
  check(std::numeric_limits<double>::max());
}
