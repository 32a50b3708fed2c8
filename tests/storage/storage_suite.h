// The contract of Storage as facts, for any engine: `run_storage_suite` is a list of template test
// cases that a program instantiates with TEST_CASE_TEMPLATE_INVOKE(storage_suite, Engine…).
#pragma once

#include "engine.h"
#include "selection_suite.h"
#include "suite_world.h"

namespace twinstore::test {

TEST_CASE_TEMPLATE_DEFINE("storage: every kind of value comes back", Engine, storage_values) {
  SuiteWorld<Engine> world;
  for (const RowVersion& row : world.extreme_rows()) {
    world.save(world.things, row);
    CHECK(world.row(world.things, row) == row);
  }
  RowVersion stamped = world.thing("p", "stamped", 90);
  stamped.set_stamp(8, world.time(95));
  stamped.set_stamp(2, world.time(96));
  world.save(world.things, stamped);
  CHECK(world.row(world.things, stamped) == stamped);
  for (const int64_t number : {int64_t{0}, limits::integer_max, -limits::integer_max}) {
    const RowVersion row = world.numbered(number, "p", 100 + number % 3);
    world.save(world.numbers, row);
    CHECK(world.row(world.numbers, row) == row);
  }
}

TEST_CASE_TEMPLATE_DEFINE("storage: the longest keys and rows fit", Engine, storage_bounds) {
  SuiteWorld<Engine> world;
  const std::string half(limits::key_bytes_max, '\x01');
  const RowVersion longest = world.thing(half, half, 1);
  world.save(world.things, longest);
  CHECK(world.row(world.things, longest) == longest);
  RowVersion gone = longest;
  gone.rev = 2;
  gone.deleted_at = world.time(2);
  world.save(world.things, gone);
  CHECK(world.row(world.things, longest) == gone);
  RowVersion large = world.thing("p", "large", 3);
  large.values[2] = std::string(limits::text_bytes_max, 'w');
  large.values[7] = '"' + std::string(limits::text_bytes_max - 2, 'd') + '"';
  world.save(world.things, large);
  CHECK(world.row(world.things, large) == large);
  RowVersion noted = world.numbered(1, half, 4);
  noted.values[2] = std::string(limits::indexed_bytes_max, 'n');
  world.save(world.numbers, noted);
  CHECK(world.row(world.numbers, noted) == noted);
  const std::string space = "closed/" + half;
  const std::string key = key_text({half, half});
  world.must(world.storage().put(space, key, std::string(limits::row_bytes_max, 'v')));
  CHECK(world.storage().get(space, key).value()->size() == limits::row_bytes_max);
  CHECK(world.records(space) == key + "=…");
  world.must(world.storage().erase(space, key));
  CHECK(world.records(space).empty());
}

TEST_CASE_TEMPLATE_DEFINE("storage: rows are loaded in the order asked, absent ones as nothing",
                          Engine, storage_load) {
  SuiteWorld<Engine> world;
  const RowVersion one = world.thing("p", "one", 1);
  RowVersion two = world.thing("p", "two", 2);
  two.deleted_at = world.time(2);
  world.save(world.things, one);
  world.save(world.things, two);
  const std::vector<Key> keys{{Value("p"), Value("two")},
                              {Value("q"), Value("one")},
                              {Value("p"), Value("one")},
                              {Value("p"), Value("two")}};
  const auto rows = world.storage().load(world.things, keys);
  REQUIRE(rows.ok());
  CHECK(rows.value() == std::vector<std::optional<RowVersion>>{two, std::nullopt, one, two});
  CHECK(world.storage().load(world.things, {}).value().empty());
}

TEST_CASE_TEMPLATE_DEFINE("storage: a deleted row is its tombstone, until it lives again", Engine,
                          storage_tombstone) {
  SuiteWorld<Engine> world;
  RowVersion row = world.extreme_rows()[1];
  world.save(world.things, row);
  row.rev = 70;
  row.deleted_at = world.time(70);
  world.save(world.things, row);
  CHECK(world.row(world.things, row) == row);
  CHECK(world.revs(all_scopes, 0) == std::vector<Rev>{70});
  row.rev = 71;
  row.deleted_at = {};
  world.save(world.things, row);
  CHECK(world.row(world.things, row) == row);
  CHECK(world.revs(all_scopes, 0) == std::vector<Rev>{71});
}

TEST_CASE_TEMPLATE_DEFINE("storage: changes come in rev order, of a scope or of all", Engine,
                          storage_changes) {
  SuiteWorld<Engine> world;
  world.save(world.things, world.thing("a", "one", 1));
  world.save(world.numbers, world.numbered(1, "b", 2));
  world.save(world.things, world.thing("a", "two", 3));
  world.save(world.numbers, world.numbered(2, "a", 4));
  RowVersion gone = world.thing("a", "one", 5);
  gone.deleted_at = world.time(5);
  world.save(world.things, gone);
  CHECK(world.revs("a", 0) == std::vector<Rev>{3, 4, 5});
  CHECK(world.revs("b", 0) == std::vector<Rev>{2});
  CHECK(world.revs("b", 2).empty());
  CHECK(world.revs(all_scopes, 2) == std::vector<Rev>{3, 4, 5});
  CHECK(world.revs(all_scopes, 2, 2) == std::vector<Rev>{3, 4});
  CHECK(world.revs("nowhere", 0).empty());
}

TEST_CASE_TEMPLATE_DEFINE("storage: a feed of many rows is whole and in order", Engine,
                          storage_long_feed) {
  SuiteWorld<Engine> world;
  constexpr Rev rows = 2'500;
  world.must(world.storage().begin());
  for (Rev rev = 1; rev <= rows; ++rev) {
    const std::string name = std::to_string(rev % 700);
    if (rev % 3 == 0) {
      world.must(world.storage().save(world.numbers, world.numbered(rev % 300, "p", rev)));
    } else {
      RowVersion row = world.thing("p", name, rev);
      if (rev % 7 == 0) row.deleted_at = world.time(rev);
      world.must(world.storage().save(world.things, row));
    }
  }
  world.must(world.storage().commit());
  const std::vector<Rev> revs = world.revs("p", 0);
  CHECK(std::ranges::is_sorted(revs));
  CHECK(revs.size() == world.count_of_scope("p"));
  CHECK(revs == world.revs(all_scopes, 0));
  CHECK(world.revs("p", revs[revs.size() / 2]).size() == revs.size() - revs.size() / 2 - 1);
}

TEST_CASE_TEMPLATE_DEFINE("storage: what is rolled back was never there", Engine,
                          storage_rollback) {
  SuiteWorld<Engine> world;
  const RowVersion kept = world.thing("p", "kept", 1);
  world.save(world.things, kept);
  world.must(world.storage().put("s", "kept", "value"));
  world.must(world.storage().begin());
  RowVersion changed = world.thing("p", "kept", 2);
  changed.values[2] = std::string("changed");
  world.must(world.storage().save(world.things, changed));
  world.must(world.storage().save(world.things, world.thing("p", "new", 3)));
  world.must(world.storage().forget(world.things, {Value("p"), Value("kept")}));
  world.must(world.storage().put("s", "new", "value"));
  world.must(world.storage().erase("s", "kept"));
  world.storage().rollback();
  world.storage().rollback();
  CHECK(world.row(world.things, kept) == kept);
  CHECK(world.revs(all_scopes, 0) == std::vector<Rev>{1});
  CHECK(world.records("s") == "kept=value");
}

TEST_CASE_TEMPLATE_DEFINE("storage: a transaction reads what it wrote", Engine, storage_own) {
  SuiteWorld<Engine> world;
  const RowVersion old = world.thing("p", "old", 1);
  world.save(world.things, old);
  world.must(world.storage().put("s", "b", "old"));
  world.must(world.storage().put("s", "c", "old"));
  world.must(world.storage().begin());
  RowVersion gone = world.thing("p", "old", 2);
  gone.deleted_at = world.time(2);
  const RowVersion made = world.thing("p", "made", 3);
  world.must(world.storage().save(world.things, gone));
  world.must(world.storage().save(world.things, made));
  world.must(world.storage().put("s", "a", "new"));
  world.must(world.storage().put("s", "c", "new"));
  world.must(world.storage().erase("s", "b"));
  CHECK(world.row(world.things, old) == gone);
  CHECK(world.records("s") == "a=new c=new");
  CHECK_FALSE(world.storage().get("s", "b").value().has_value());
  CHECK(world.storage().get("s", "c").value() == "new");
  CHECK(world.revs("p", 0) == std::vector<Rev>{2, 3});
  CHECK(world.count_of_scope("p") == 2);
  CHECK(world.old_tombstones(world.time(9)) == std::vector<Rev>{2});
  world.must(world.storage().forget(world.things, {Value("p"), Value("old")}));
  CHECK(world.revs("p", 0) == std::vector<Rev>{3});
  CHECK_FALSE(world.row(world.things, old).has_value());
  world.must(world.storage().commit());
  CHECK(world.revs("p", 0) == std::vector<Rev>{3});
  CHECK(world.records("s") == "a=new c=new");
}

TEST_CASE_TEMPLATE_DEFINE("storage: a prefetch changes nothing, rows and records absent or not",
                          Engine, storage_prefetch) {
  SuiteWorld<Engine> world;
  const RowVersion there = world.thing("p", "there", 1);
  world.save(world.things, there);
  world.must(world.storage().put("s", "there", "value"));
  world.must(world.storage().begin());
  world.must(world.storage().save(world.things, world.thing("p", "made", 2)));
  world.must(world.storage().put("s", "made", "value"));
  const uint16_t things = world.things.position;
  const std::vector<RowId> rows{{things, {Value("p"), Value("there")}},
                                {world.numbers.position, {Value(int64_t{7})}},
                                {things, {Value("p"), Value("made")}},
                                {things, {Value("p"), Value("absent")}}};
  const std::vector<RecordId> records{{"s", "there"}, {"s", "absent"}, {"s", "made"}};
  world.must(world.storage().prefetch(rows, records));
  CHECK(world.row(world.things, there) == there);
  CHECK(world.row(world.things, world.thing("p", "made", 0))->rev == 2);
  CHECK_FALSE(world.row(world.things, world.thing("p", "absent", 0)).has_value());
  CHECK(world.storage().get("s", "there").value() == "value");
  CHECK(world.storage().get("s", "made").value() == "value");
  CHECK_FALSE(world.storage().get("s", "absent").value().has_value());
  world.must(world.storage().commit());
  CHECK(world.revs("p", 0) == std::vector<Rev>{1, 2});
}

TEST_CASE_TEMPLATE_DEFINE("storage: records are in the order of their bytes, within bounds", Engine,
                          storage_records) {
  SuiteWorld<Engine> world;
  for (const char* key : {"b", "a", "B", "é", "a/b", "~", "ab", "a b"}) {
    world.must(world.storage().put("s", key, key));
  }
  world.must(world.storage().put("t", "a", "other"));
  world.must(world.storage().put("s", "b", "again"));
  world.must(world.storage().erase("s", "ab"));
  world.must(world.storage().erase("s", "never there"));
  CHECK(world.records("s") == "B=B a=a a b=a b a/b=a/b b=again ~=~ é=é");
  CHECK(world.records("s", "a", "b") == "a=a a b=a b a/b=a/b");
  CHECK(world.records("s", "c") == "~=~ é=é");
  CHECK(world.records("s", "", "", 1) == "B=B");
  CHECK(world.records("nowhere").empty());
  CHECK(world.storage().get("t", "a").value() == "other");
}

TEST_CASE_TEMPLATE_DEFINE("storage: a long list of records is whole and in order", Engine,
                          storage_long_list) {
  SuiteWorld<Engine> world;
  world.must(world.storage().begin());
  std::string expected;
  for (int i = 10'000; i < 13'000; ++i) {
    world.must(world.storage().put("s", std::to_string(i), "v"));
    expected += (i > 10'000 ? " " : "") + std::to_string(i) + "=v";
  }
  world.must(world.storage().commit());
  CHECK(world.records("s") == expected);
}

TEST_CASE_TEMPLATE_DEFINE("storage: the spaces are those that hold a record, in order", Engine,
                          storage_spaces) {
  SuiteWorld<Engine> world;
  const auto spaces = [&] {
    const auto found = world.storage().spaces();
    REQUIRE(found.ok());
    return found.value();
  };
  CHECK(spaces().empty());
  world.must(world.storage().begin());
  for (const std::string_view space : {"b", "a/1", "a", "ä", "c"}) {
    for (const std::string_view key : {"1", "2"}) world.must(world.storage().put(space, key, "v"));
  }
  CHECK(spaces() == std::vector<std::string>{"a", "a/1", "b", "c", "ä"});
  world.must(world.storage().erase("b", "1"));
  world.must(world.storage().erase("c", "1"));
  world.must(world.storage().erase("c", "2"));
  CHECK(spaces() == std::vector<std::string>{"a", "a/1", "b", "ä"});
  world.must(world.storage().commit());
  CHECK(spaces() == std::vector<std::string>{"a", "a/1", "b", "ä"});
  const auto bytes = world.storage().bytes();
  REQUIRE(bytes.ok());
  CHECK(bytes.value() >= 0);
}

TEST_CASE_TEMPLATE_DEFINE("storage: the rows of a scope in key order, then its tombstones", Engine,
                          storage_scope) {
  SuiteWorld<Engine> world;
  Rev rev = 0;
  for (const char* name : {"b", "é", "B", "a\x01"}) {
    world.save(world.things, world.thing("p", name, ++rev));
  }
  for (const int64_t number : {10, 9, -1}) {
    world.save(world.numbers, world.numbered(number, "p", ++rev));
  }
  RowVersion gone = world.thing("p", "a", ++rev);
  gone.deleted_at = world.time(rev);
  world.save(world.things, gone);
  world.save(world.things, world.thing("q", "b", ++rev));
  CHECK(world.scope("p") == std::vector<Rev>{3, 4, 1, 2, 7, 6, 5, 8});
  CHECK(world.scope("q") == std::vector<Rev>{9});
  CHECK(world.scope(all_scopes) == std::vector<Rev>{3, 4, 1, 2, 9, 7, 6, 5, 8});
  CHECK(world.scope(all_scopes, 2) == std::vector<Rev>{3, 4});
}

TEST_CASE_TEMPLATE_DEFINE("storage: old tombstones come oldest rev first and can be forgotten",
                          Engine, storage_old_tombstones) {
  SuiteWorld<Engine> world;
  for (Rev rev = 1; rev <= 4; ++rev) {
    RowVersion row = world.thing("p", std::to_string(9 - rev), rev);
    if (rev != 3) row.deleted_at = world.time(rev);
    world.save(world.things, row);
  }
  CHECK(world.old_tombstones(world.time(4)) == std::vector<Rev>{1, 2});
  CHECK(world.old_tombstones(world.time(1)).empty());
  world.must(world.storage().begin());
  world.must(world.storage().forget(world.things, {Value("p"), Value("8")}));
  world.must(world.storage().commit());
  CHECK(world.old_tombstones(world.time(9)) == std::vector<Rev>{2, 4});
  CHECK(world.revs("p", 0) == std::vector<Rev>{2, 3, 4});
}

TEST_CASE_TEMPLATE_DEFINE("storage: 60 random histories end as they do in memory", Engine,
                          storage_random) {
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    SuiteWorld<Engine> world;
    SuiteWorld<MemoryEngine> oracle;
    Random random{seed};
    Random same{seed};
    world.random_history(random);
    oracle.random_history(same);
    CHECK(world.everything() == oracle.everything());
  }
}

TEST_CASE_TEMPLATE_DEFINE("storage: after a fault at any call, a rollback leaves no trace", Engine,
                          storage_faults) {
  for (int calls = 0;; ++calls) {
    SuiteWorld<Engine> world;
    world.save(world.things, world.thing("p", "before", 1));
    const std::string before = world.everything();
    FaultyStorage faulty(world.storage());
    int left = calls;
    faulty.fault = [&](std::string_view) -> std::optional<Error> {
      if (left-- > 0) return std::nullopt;
      return Error{ErrorCode::StorageFull, "planted"};
    };
    const auto done = world.several_writes(faulty);
    if (done.ok()) {
      CHECK(calls > 5);
      break;
    }
    CHECK(done.error().code == ErrorCode::StorageFull);
    faulty.rollback();
    CHECK(world.everything() == before);
    world.must(world.several_writes(world.storage()));
    CHECK(world.everything() != before);
  }
}

}  // namespace twinstore::test

// Every case above, over the engines named.
#define TWINSTORE_STORAGE_SUITE(...)                              \
  TWINSTORE_SELECTION_SUITE(__VA_ARGS__);                         \
  TEST_CASE_TEMPLATE_INVOKE(storage_values, __VA_ARGS__);         \
  TEST_CASE_TEMPLATE_INVOKE(storage_bounds, __VA_ARGS__);         \
  TEST_CASE_TEMPLATE_INVOKE(storage_load, __VA_ARGS__);           \
  TEST_CASE_TEMPLATE_INVOKE(storage_tombstone, __VA_ARGS__);      \
  TEST_CASE_TEMPLATE_INVOKE(storage_changes, __VA_ARGS__);        \
  TEST_CASE_TEMPLATE_INVOKE(storage_long_feed, __VA_ARGS__);      \
  TEST_CASE_TEMPLATE_INVOKE(storage_rollback, __VA_ARGS__);       \
  TEST_CASE_TEMPLATE_INVOKE(storage_own, __VA_ARGS__);            \
  TEST_CASE_TEMPLATE_INVOKE(storage_prefetch, __VA_ARGS__);       \
  TEST_CASE_TEMPLATE_INVOKE(storage_records, __VA_ARGS__);        \
  TEST_CASE_TEMPLATE_INVOKE(storage_long_list, __VA_ARGS__);      \
  TEST_CASE_TEMPLATE_INVOKE(storage_spaces, __VA_ARGS__);         \
  TEST_CASE_TEMPLATE_INVOKE(storage_scope, __VA_ARGS__);          \
  TEST_CASE_TEMPLATE_INVOKE(storage_old_tombstones, __VA_ARGS__); \
  TEST_CASE_TEMPLATE_INVOKE(storage_random, __VA_ARGS__);         \
  TEST_CASE_TEMPLATE_INVOKE(storage_faults, __VA_ARGS__)
