// What a Storage answers to a Selection, as facts; a part of the suite of every engine.
#pragma once

#include "engine.h"
#include "suite_world.h"

namespace twinstore::test {

TEST_CASE_TEMPLATE_DEFINE("storage: a selection takes what it asks for, in its order", Engine,
                          storage_select) {
  using Side = Selection::Side;
  SuiteWorld<Engine> world;
  constexpr uint16_t place = 0, words = 2, count = 3, is_set = 5, at = 6, document = 7, hits = 9;
  for (Rev rev = 1; rev <= 8; ++rev) {
    RowVersion row =
        world.thing(rev <= 6 ? "p" : "q", std::string(1, static_cast<char>('i' - rev)), rev);
    row.values[words] = std::string(rev % 2 == 0 ? "even" : "odd");
    row.values[is_set] = int64_t{rev % 3 == 0};
    row.values[hits] = rev;
    if (rev != 2) row.values[count] = rev / 2;
    if (rev != 3) row.values[at] = "2024-01-0" + std::to_string(rev) + "T00:00:00.000Z";
    row.values[document] = std::string("[]");
    if (rev == 5) row.deleted_at = world.time(9);
    world.save(world.things, row);
  }
  const std::string third = "2024-01-03T00:00:00.000Z";
  struct Case {
    std::string_view name;
    Selection selection;
    std::vector<Rev> revs;
  };
  const Value p = std::string("p");
  const std::vector<Case> cases{
      {"all, by key", {}, {6, 4, 3, 2, 1, 8, 7}},
      {"of a place", {.equal = {{place, p}}}, {6, 4, 3, 2, 1}},
      {"backwards", {.equal = {{place, p}}, .is_descending = true}, {1, 2, 3, 4, 6}},
      {"by time, nulls left out", {.equal = {{place, p}}, .order = {at}}, {1, 2, 4, 6}},
      {"newest two",
       {.equal = {{place, p}}, .order = {at}, .is_descending = true, .rows_max = 2},
       {6, 4}},
      {"by number, ties by key", {.order = {count}}, {1, 3, 4, 6, 7, 8}},
      {"ties backwards", {.order = {count}, .is_descending = true}, {8, 7, 6, 4, 3, 1}},
      {"below a time", {.bounds = {{at, Side::Below, third}}, .order = {at}}, {1, 2}},
      {"from a time", {.bounds = {{at, Side::From, third}}, .order = {at}}, {4, 6, 7, 8}},
      {"between",
       {.bounds = {{hits, Side::From, int64_t{2}}, {hits, Side::Below, int64_t{5}}}},
       {4, 3, 2}},
      {"equal text", {.equal = {{words, std::string("odd")}}, .order = {hits}}, {1, 3, 7}},
      {"equal bool", {.equal = {{is_set, int64_t{1}}}, .order = {hits}}, {3, 6}},
      {"equal time", {.equal = {{at, std::string("2024-01-04T00:00:00.000Z")}}}, {4}},
      {"after a row", {.equal = {{place, p}}, .after = {std::string("e")}, .rows_max = 2}, {3, 2}},
      {"after a tie", {.order = {count}, .after = {int64_t{3}, p, std::string("c")}}, {7, 8}},
      {"before a row",
       {.order = {count}, .is_descending = true, .after = {int64_t{1}, p, std::string("f")}},
       {1}},
      {"nothing", {.equal = {{place, std::string("' OR 1 = 1")}}}, {}},
  };
  for (const Case& wanted : cases) {
    CAPTURE(wanted.name);
    std::vector<Rev> revs;
    world.must(world.storage().select(world.things, wanted.selection, world.into(revs, 0)));
    CHECK(revs == wanted.revs);
    if (wanted.selection.rows_max > 0 || !wanted.selection.after.empty()) continue;
    const auto counted = world.storage().count(world.things, wanted.selection);
    CHECK(counted.value() == static_cast<int64_t>(wanted.revs.size()));
  }
  std::vector<Rev> first;
  world.must(world.storage().select(world.things, {}, world.into(first, 1)));
  CHECK(first == std::vector<Rev>{6});
  world.must(world.storage().select(world.things,
                                    {.equal = {{hits, int64_t{1}}}, .left_out = {document, at}},
                                    [&](const Collection&, RowVersion&& row) {
                                      CHECK(is_null(row.values[document]));
                                      CHECK(is_null(row.values[at]));
                                      CHECK(row.values[words] == Value(std::string("odd")));
                                      CHECK(row.rev == 1);
                                      return true;
                                    }));
}

// A transaction's selection sees what it wrote.
TEST_CASE_TEMPLATE_DEFINE("storage: a selection answers as the plainest engine does", Engine,
                          storage_random_select) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    SuiteWorld<Engine> world;
    SuiteWorld<MemoryEngine> plain;
    Random random{seed};
    world.must(world.storage().begin());
    plain.must(plain.storage().begin());
    for (Rev rev = 1; rev <= 40; ++rev) {
      RowVersion row = world.random_row(random, rev);
      if (random.below(3) > 0) row.values[3] = random.below(4);
      if (random.below(3) > 0)
        row.values[6] = "2024-01-0" + std::to_string(1 + random.below(5)) + "T00:00:00.000Z";
      world.must(world.storage().save(world.things, row));
      plain.must(plain.storage().save(plain.things, row));
    }
    for (int i = 0; i < 30; ++i) {
      Selection selection;
      if (random.below(2) == 0)
        selection.equal = {{uint16_t{0}, "p" + std::to_string(random.below(3))}};
      if (random.below(3) == 0) selection.bounds = {{3, Selection::Side::From, random.below(4)}};
      if (random.below(2) == 0)
        selection.order = {static_cast<uint16_t>(random.below(2) == 0 ? 3 : 6)};
      selection.is_descending = random.below(2) == 0;
      selection.rows_max = static_cast<size_t>(random.below(6));
      std::vector<Rev> revs;
      std::vector<Rev> expected;
      world.must(world.storage().select(world.things, selection, world.into(revs, 0)));
      plain.must(plain.storage().select(plain.things, selection, plain.into(expected, 0)));
      CHECK(revs == expected);
    }
    world.must(world.storage().commit());
    plain.must(plain.storage().commit());
  }
}

}  // namespace twinstore::test

#define TWINSTORE_SELECTION_SUITE(...)                    \
  TEST_CASE_TEMPLATE_INVOKE(storage_select, __VA_ARGS__); \
  TEST_CASE_TEMPLATE_INVOKE(storage_random_select, __VA_ARGS__)
