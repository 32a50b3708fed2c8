// What the triggers compute of a row is what the core computes of it: JSON, numbers, hashes,
// names. Held against each other by random values.
#include <cmath>
#include <cstring>

#include "../storage/suite_world.h"
#include "base/json.h"
#include "base/sha256.h"
#include "cluster.h"
#include "native_world.h"
#include "node.h"
#include "schema/field_value.h"
#include "storage_postgres/tables.h"
#include "sync/digest.h"

namespace twinstore::test {
namespace {

// One text out of a function of the triggers.
struct Functions {
  std::string url = Cluster::shared().create_database();
  std::unique_ptr<Schema> schema = std::move(shipped_schema()).value();
  std::unique_ptr<PostgresStorage> storage = open_postgres(*schema, postgres_options(url));
  postgres::Connection connection = std::move(postgres::Connection::open(url)).value();

  std::string call(const std::string& name, const std::string& sql, const std::string& argument) {
    const auto rows = connection.run({name, sql}, postgres::Parameters().add(argument));
    if (!rows.ok()) return "ERROR " + rows.error().message;
    return std::string(rows.value().text(0, 0));
  }
  std::string canonical(const std::string& document) {
    return call("canonical", "SELECT _twinstore_canonical($1::text::json)", document);
  }
};

std::string random_text(Random& random) {
  const std::array<const char*, 12> parts{"a", "\"", "\\", "\n", "\x01", "\x7f",
                                          "é", "😀",  "/",  "b",  "\t",   "{}"};
  std::string out;
  for (int64_t left = random.below(6); left > 0; --left) {
    out += parts[static_cast<size_t>(random.below(static_cast<int64_t>(parts.size())))];
  }
  return out;
}

double random_double(Random& random) {
  for (;;) {
    const uint64_t bits = random.source.next();
    double number = 0;
    static_assert(sizeof bits == sizeof number);
    std::memcpy(&number, &bits, sizeof number);
    if (random.below(2) == 0) number = static_cast<double>(random.below(1'000'000)) / 64;
    // Below it PostgreSQL refuses what C++ reads as a denormal number.
    if (std::isfinite(number) && std::fabs(number) > 1e-300) return number;
  }
}

JsonValue random_document(Random& random, int depth) {
  switch (random.below(depth > 0 ? 8 : 6)) {
    case 0: return nullptr;
    case 1: return random.below(2) == 0;
    case 2: return random.below(2'000'000) - 1'000'000;
    case 3: return random_double(random);
    case 4:
    case 5: return random_text(random);
    case 6: {
      JsonValue out = JsonValue::array();
      for (int64_t n = random.below(4); n > 0; --n)
        out.push_back(random_document(random, depth - 1));
      return out;
    }
    default: {
      JsonValue out = JsonValue::object();
      for (int64_t n = random.below(4); n > 0; --n) {
        out[random_text(random)] = random_document(random, depth - 1);
      }
      return out;
    }
  }
}

}  // namespace

TEST_CASE("external: the triggers write JSON and numbers as the core does") {
  Functions functions;
  Random random(1);
  for (int i = 0; i < 400; ++i) {
    const JsonValue document = random_document(random, 4);
    const auto expected = canonical_json(document);
    const std::string sent = document.dump();
    CAPTURE(sent);
    const std::string got = functions.canonical(sent);
    if (expected.ok()) {
      CHECK(got == expected.value());
    } else {
      CHECK(got.starts_with("ERROR"));
    }
  }
  for (int i = 0; i < 400; ++i) {
    const double number = random_double(random);
    std::string expected;
    append_json_number(expected, number);
    CHECK(functions.call("number", "SELECT _twinstore_number($1::text::float8)", expected) ==
          expected);
  }
}

TEST_CASE("external: what the core refuses in a document the triggers refuse") {
  Functions functions;
  const std::string deep64 = std::string(64, '[') + std::string(64, ']');
  CHECK(functions.canonical(deep64) == deep64);
  for (const std::string& text :
       {"[" + deep64 + "]", std::string(R"({"a":1,"a":2})"), std::string("9007199254740992"),
        std::string("-9007199254740993"), std::string("1e400"), std::string("[1"),
        std::string(R"("\u0000")"), std::string(R"("\ud800")"), std::string("nothing")}) {
    CAPTURE(text);
    CHECK(functions.canonical(text).starts_with("ERROR"));
  }
  CHECK(functions.canonical(R"({"b":-0.0,"a":[1.0,1e21,"\u00e9\/"]})") ==
        R"({"a":[1,1e+21,"é/"],"b":0})");
}

TEST_CASE("external: hashes, clients and long keys come out as in the core") {
  Functions functions;
  Random random(2);
  for (int i = 0; i < 100; ++i) {
    std::string text;
    for (int64_t n = random.below(60); n > 0; --n) text += random_text(random);
    const Collection& of = *functions.schema->find("cache_entries");
    RowVersion row;
    FakeIdSource ids(1);
    row.rev = random.below(1'000'000);
    row.hlc = hybrid_time_at(1'700'000'000'000, new_client_id(ids));
    for (const Field& field : of.fields) row.values.push_back(field.default_value);
    row.values[0] = text;
    std::string values;
    for (const Value& value : row.values) {
      values += '\n';
      append_json_value(values, value);
    }
    const std::string content =
        of.name + "\n" + std::to_string(row.rev) + "\n" + row.hlc.text() + "\n" + values;
    CHECK(functions.call("hash", "SELECT lpad(to_hex(_twinstore_hash($1)), 16, '0')", content) ==
          digest_text(row_digest(of, row)));
    CHECK(functions.call("index", "SELECT _twinstore_index_text($1)", text) ==
          postgres::index_text(text));
  }
  const Sha256 hash = sha256("source:postgresql/postgres");
  std::string client;
  for (size_t i = 0; i < 16; ++i) client += "0123456789abcdefghijklmnopqrstuv"[hash[i] % 32];
  CHECK(functions.call("client", "SELECT _twinstore_client($1)", "postgresql/postgres") == client);
}

}  // namespace twinstore::test
