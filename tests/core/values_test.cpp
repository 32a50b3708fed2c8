#include "base/sha256.h"
#include "schema/field_value.h"
#include "twinstore/time_text.h"
#include "world.h"

using namespace twinstore;
using twinstore::test::code_of;
using twinstore::test::succeeded;

TEST_CASE("sha256: the vectors of FIPS 180-4 and RFC 4231") {
  CHECK(hex_text(sha256("abc")) ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(hex_text(sha256("")) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(hex_text(sha256(std::string(1'000'000, 'a'))) ==
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  CHECK(hex_text(hmac_sha256("Jefe", "what do ya want for nothing?")) ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST_CASE("time: RFC 3339 with any offset becomes UTC with milliseconds") {
  struct Row {
    std::string_view text;
    std::string_view canonical;
  };
  const Row rows[] = {
      {"2024-03-26T17:25:26+01:00", "2024-03-26T16:25:26.000Z"},
      {"2013-07-04T10:49:03-07:30", "2013-07-04T18:19:03.000Z"},
      {"2024-02-29T23:59:59.9999Z", "2024-02-29T23:59:59.999Z"},
      {"1969-12-31t23:59:59.5z", "1969-12-31T23:59:59.500Z"},
      {"0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z"},
      {"9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"},
      {"2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000Z"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto ms = parse_time(row.text);
    REQUIRE(succeeded(ms));
    CHECK(time_text(ms.value()) == row.canonical);
  }
}

TEST_CASE("time: what is not RFC 3339 is refused") {
  for (const std::string_view text :
       {"", "2024-03-26", "2024-03-26T17:25:26", "2023-02-29T00:00:00Z", "2024-13-01T00:00:00Z",
        "2024-01-01T24:00:00Z", "2024-01-01T00:00:00+24:00", "2024-01-01T00:00:00.Z",
        "2024-1-1T00:00:00Z", "2024-01-01T00:00:00Z ", "0001-01-01T00:00:00+01:00"}) {
    CAPTURE(text);
    CHECK(code_of(parse_time(text)) == ErrorCode::InvalidArgument);
  }
}

TEST_CASE("values: each type takes its own and refuses the rest") {
  struct Row {
    FieldType type;
    std::string_view json;
    std::string_view result;  // the canonical JSON, or the error
  };
  const Row rows[] = {
      {FieldType::Text, R"("é")", R"("é")"},
      {FieldType::Text, "1", "wrong_type"},
      {FieldType::Int, "3", "3"},
      {FieldType::Int, "3.0", "3"},
      {FieldType::Int, "3.5", "wrong_type"},
      {FieldType::Int, "\"3\"", "wrong_type"},
      {FieldType::Int, "9007199254740992", "number_out_of_range"},
      {FieldType::Double, "1e20", "100000000000000000000"},
      {FieldType::Double, "-0.0", "0"},
      {FieldType::Double, "true", "wrong_type"},
      {FieldType::Bool, "true", "1"},
      {FieldType::Bool, "1", "wrong_type"},
      {FieldType::Time, R"("2024-03-26T17:25:26+01:00")", R"("2024-03-26T16:25:26.000Z")"},
      {FieldType::Time, R"("yesterday")", "wrong_type"},
      {FieldType::Set, R"(["b","a","b"])", R"("[\"a\",\"b\"]")"},
      {FieldType::Set, "null", R"("[]")"},
      {FieldType::Set, R"("a")", "wrong_type"},
      {FieldType::Json, R"({"b":1,"a":2})", R"("{\"a\":2,\"b\":1}")"},
      {FieldType::Counter, "null", "0"},
      {FieldType::Text, "null", "null"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.json);
    Field field;
    field.name = "f";
    field.type = row.type;
    const auto json = parse_json(row.json);
    REQUIRE(succeeded(json));
    const auto value = to_value(field, json.value());
    std::string result;
    if (value.ok()) {
      append_json_value(result, value.value());
    } else {
      result = error_text(value.error().code);
    }
    CHECK(result == row.result);
  }
}

TEST_CASE("values: a text of 1 MiB is accepted and one byte more is not") {
  Field field;
  field.name = "f";
  CHECK(to_value(field, JsonValue(std::string(limits::text_bytes_max, 'a'))).ok());
  CHECK(code_of(to_value(field, JsonValue(std::string(limits::text_bytes_max + 1, 'a')))) ==
        ErrorCode::ValueTooLong);
}

TEST_CASE("edits: rows under their columns are what each of them is with its fields") {
  const Schema schema = std::move(Schema::parse(code_mri_schema_json)).value();
  const auto block = parse_edits(
      schema, R"({"edits":[{"op":"insert","collection":"branches",
        "columns":["ahead","name","tags","repo_id"],
        "rows":[[1,"main",["b","a"],"o/r"],[null,"x",[],"o/r"]]}]})");
  const auto apart = parse_edits(schema, R"({"edits":[
      {"op":"insert","collection":"branches",
       "fields":{"repo_id":"o/r","name":"main","ahead":1,"tags":["b","a"]}},
      {"op":"insert","collection":"branches",
       "fields":{"repo_id":"o/r","name":"x","ahead":null,"tags":[]}}]})");
  REQUIRE(succeeded(block));
  REQUIRE(succeeded(apart));
  REQUIRE(block.value().edits.size() == 2);
  for (size_t i = 0; i < 2; ++i) {
    const Edit& edit = block.value().edits[i];
    const Edit& other = apart.value().edits[i];
    CHECK(edit.kind == other.kind);
    CHECK(edit.key == other.key);
    CHECK(edit.fields == other.fields);
  }
}

TEST_CASE("edits: rows that do not fit their columns are refused") {
  const Schema schema = std::move(Schema::parse(code_mri_schema_json)).value();
  const auto code = [&](const std::string& block) {
    return code_of(parse_edits(
        schema, R"({"edits":[{"op":"insert","collection":"branches",)" + block + "}]}"));
  };
  CHECK(code(R"("rows":[["o/r","main"]])") == ErrorCode::InvalidArgument);
  CHECK(code(R"("columns":["repo_id","name"],"rows":[])") == ErrorCode::InvalidArgument);
  CHECK(code(R"("columns":["repo_id","name"],"rows":[["o/r"]])") == ErrorCode::InvalidArgument);
  CHECK(code(R"("columns":["repo_id","name"],"rows":[{}])") == ErrorCode::InvalidArgument);
  CHECK(code(R"("columns":["repo_id",1],"rows":[["o/r","x"]])") == ErrorCode::InvalidArgument);
  CHECK(code(R"("columns":["repo_id","name","name"],"rows":[["o/r","x","x"]])") ==
        ErrorCode::InvalidArgument);
  CHECK(code(R"("columns":["repo_id","nam"],"rows":[["o/r","x"]])") == ErrorCode::UnknownField);
  CHECK(code(R"("columns":["repo_id"],"rows":[["o/r"]])") == ErrorCode::MissingField);
  CHECK(code(R"("columns":["repo_id","name","ahead"],"rows":[["o/r","x","y"]])") ==
        ErrorCode::WrongType);
}

TEST_CASE("hybrid time: sorts as text as it sorts as a value, and comes back from text") {
  FakeIdSource ids(7);
  std::vector<HybridTime> times;
  for (int i = 0; i < 200; ++i) {
    times.push_back({(ids.next() >> 1) | 1, new_client_id(ids)});
  }
  for (const HybridTime& a : times) {
    const auto back = parse_hybrid_time(a.text());
    REQUIRE(succeeded(back));
    CHECK(back.value() == a);
    for (const HybridTime& b : times) CHECK((a < b) == (a.text() < b.text()));
  }
}

TEST_CASE("hybrid clock: a clock that jumps back still gives later times") {
  FakeClock wall(1000);
  FakeIdSource ids(1);
  HybridClock clock(wall, new_client_id(ids));
  const HybridTime first = clock.tick();
  wall.set(10);
  const HybridTime second = clock.tick();
  CHECK(second > first);
  const HybridTime foreign = hybrid_time_at(5000, new_client_id(ids));
  clock.observe(foreign);
  CHECK(clock.tick().ticks > foreign.ticks);
}
