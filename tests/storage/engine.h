// What the storage suite runs over: an engine gives an empty storage of the suite's schema.
#pragma once

#include <doctest/doctest.h>

#include <memory>

#include "faulty_storage.h"
#include "twinstore/memory_storage.h"
#include "twinstore/sqlite_storage.h"

namespace twinstore::test {

// Every type of field, keys of one and two kinds, a scope inside the key and one outside it.
inline constexpr std::string_view suite_schema_json = R"({
  "name": "suite", "version": 1, "collections": [
    {"name": "things", "key": ["place", "name"], "scope": "place", "fields": [
      {"name": "place", "type": "text"}, {"name": "name", "type": "text"},
      {"name": "words", "type": "text"}, {"name": "count", "type": "int"},
      {"name": "ratio", "type": "double"}, {"name": "is_set", "type": "bool"},
      {"name": "at", "type": "time"}, {"name": "document", "type": "json"},
      {"name": "labels", "type": "set"}, {"name": "hits", "type": "counter"}],
     "indexes": [["place", "at"], ["count", "document"]]},
    {"name": "numbered", "key": ["number"], "scope": "area", "fields": [
      {"name": "number", "type": "int"}, {"name": "area", "type": "text"},
      {"name": "note", "type": "text", "default": "it's \\ \"new\""}],
     "indexes": [["note"]]}]})";

inline Schema suite_schema() {
  auto schema = Schema::parse(suite_schema_json);
  TWINSTORE_CHECK(schema.ok());
  return std::move(schema).value();
}

struct MemoryEngine {
  explicit MemoryEngine(const Schema& schema) : storage(std::make_unique<MemoryStorage>(schema)) {}
  std::unique_ptr<Storage> storage;
};

struct SqliteEngine {
  explicit SqliteEngine(const Schema& schema) {
    auto opened = SqliteStorage::open(schema, {.path = ":memory:", .vfs = {}, .has_feed = true});
    TWINSTORE_CHECK(opened.ok());
    storage = std::move(opened).value();
  }
  std::unique_ptr<Storage> storage;
};

// The wrapper itself keeps the contract while it is not told to fail.
template <class Inner>
struct FaultyEngine {
  explicit FaultyEngine(const Schema& schema)
      : inner(schema), storage(std::make_unique<FaultyStorage>(*inner.storage)) {}
  Inner inner;
  std::unique_ptr<Storage> storage;
};

}  // namespace twinstore::test
