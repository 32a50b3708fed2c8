// One storage under test, with short words for what the suite does to it and asks of it.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "engine.h"
#include "schema/field_value.h"
#include "storage/row_text.h"
#include "twinstore/limits.h"

namespace twinstore::test {

struct Random {
  explicit Random(uint64_t seed) : source(seed) {}
  FakeIdSource source;
  int64_t below(int64_t bound) {
    return static_cast<int64_t>(source.next() % static_cast<uint64_t>(bound));
  }
};

template <class Engine>
struct SuiteWorld {
  Schema schema = suite_schema();
  Engine engine{schema};
  const Collection& things = *schema.find("things");
  const Collection& numbers = *schema.find("numbered");
  FakeIdSource ids{3};
  ClientId client = new_client_id(ids);

  Storage& storage() { return *engine.storage; }

  void must(const Result<void>& done) {
    if (!done.ok()) FAIL(error_text(done.error().code) << ": " << done.error().message);
  }
  HybridTime time(Rev rev) { return hybrid_time_at(1'700'000'000'000 + rev, client); }

  RowVersion made(const Collection& collection, Rev rev) {
    RowVersion row;
    row.rev = rev;
    row.hlc = time(rev);
    for (const Field& field : collection.fields) row.values.push_back(field.default_value);
    return row;
  }
  RowVersion thing(std::string place, std::string name, Rev rev) {
    RowVersion row = made(things, rev);
    row.values[0] = std::move(place);
    row.values[1] = std::move(name);
    return row;
  }
  RowVersion numbered(int64_t number, std::string area, Rev rev) {
    RowVersion row = made(numbers, rev);
    row.values[0] = number;
    row.values[1] = std::move(area);
    return row;
  }
  std::vector<RowVersion> extreme_rows() {
    std::vector<RowVersion> rows;
    for (Rev rev = 1; rev <= 6; ++rev) rows.push_back(thing("p", std::to_string(rev), rev));
    const std::string awkward =
        "é😀 \x01\x1f\x7f \"quoted\" 'single' \\back\\ {a,b} NULL \n\r\t%_?$1";
    rows[1].values = {Value("p/q"),
                      Value(awkward),
                      Value(awkward),
                      Value(limits::integer_max),
                      Value(5e-324),
                      Value(int64_t{1}),
                      Value("0001-01-01T00:00:00.000Z"),
                      Value(R"({"":[1,null,"\u0001"],"__proto__":{}})"),
                      Value(R"(["a","é"])"),
                      Value(int64_t{-1})};
    rows[2].values[3] = -limits::integer_max;
    rows[2].values[4] = -1.7976931348623157e308;
    rows[2].values[5] = int64_t{0};
    rows[2].values[6] = std::string("9999-12-31T23:59:59.999Z");
    rows[3].values[2] = std::string();
    rows[3].values[4] = 0.1;
    rows[3].values[6] = std::string("1969-12-31T23:59:59.999Z");
    rows[4].values[4] = 1e21;
    rows[4].values[6] = std::string("2000-01-01T00:00:00.000Z");
    rows[5].values[1] = std::string();
    return rows;
  }

  void save(const Collection& collection, const RowVersion& row) {
    must(storage().begin());
    must(storage().save(collection, row));
    must(storage().commit());
  }
  std::optional<RowVersion> row(const Collection& collection, const RowVersion& of) {
    const auto loaded = load_row(storage(), collection, collection.key_of(of.values));
    if (loaded.ok()) return loaded.value();
    FAIL_CHECK(error_text(loaded.error().code) << ": " << loaded.error().message);
    return std::nullopt;
  }

  // Takes revs until there are `most` of them; 0: all.
  static Storage::TakeChange into(std::vector<Rev>& revs, size_t most) {
    return [&revs, most](const Collection&, RowVersion&& row) {
      revs.push_back(row.rev);
      return revs.size() != most;
    };
  }
  std::vector<Rev> revs(std::string_view scope, Rev after, size_t most = 0) {
    std::vector<Rev> out;
    must(storage().changes(scope, after, into(out, most)));
    return out;
  }
  std::vector<Rev> scope(std::string_view name, size_t most = 0) {
    std::vector<Rev> out;
    must(storage().rows_of_scope(name, into(out, most)));
    return out;
  }
  size_t count_of_scope(std::string_view name) { return scope(name).size(); }
  std::vector<Rev> old_tombstones(const HybridTime& before) {
    std::vector<Rev> out;
    must(storage().tombstones(before, into(out, 0)));
    return out;
  }
  // "key=value key=value"; a long value as an ellipsis.
  std::string records(std::string_view space, std::string_view first = "",
                      std::string_view last = "", size_t most = 0) {
    std::string out;
    size_t count = 0;
    must(storage().scan(space, first, last, [&](std::string_view key, std::string_view value) {
      if (count > 0) out += ' ';
      out += std::string(key) + '=' + (value.size() > 100 ? "…" : std::string(value));
      return ++count != most;
    }));
    return out;
  }
  // All that the storage holds, as text.
  std::string everything() {
    std::string out;
    const auto take = [&](const Collection& collection, RowVersion&& row) {
      out += collection.name + ' ' + std::to_string(row.rev) + ' ' + row.hlc.text() + ' ' +
             (row.is_deleted() ? row.deleted_at.text() : "") + ' ' + stamps_text(collection, row) +
             ' ' + image_text(collection, row.values) + '\n';
      return true;
    };
    must(storage().changes(all_scopes, 0, take));
    for (const char* space : {"s", "t"}) out += records(space) + '\n';
    return out;
  }

  // One transaction of writes of every kind, on whatever storage is given.
  Result<void> several_writes(Storage& target) {
    TWINSTORE_TRY_VOID(target.begin());
    TWINSTORE_TRY_VOID(target.put("s", "k", "v"));
    TWINSTORE_TRY_VOID(target.save(things, thing("p", "after", 2)));
    RowVersion gone = thing("p", "before", 3);
    gone.deleted_at = time(3);
    TWINSTORE_TRY_VOID(target.save(things, gone));
    TWINSTORE_TRY_VOID(target.save(numbers, numbered(1, "p", 4)));
    TWINSTORE_TRY_VOID(target.forget(things, {Value("p"), Value("after")}));
    TWINSTORE_TRY_VOID(target.erase("s", "k"));
    TWINSTORE_TRY_VOID(target.put("t", "k", "v"));
    return target.commit();
  }

  RowVersion random_row(Random& random, Rev rev) {
    RowVersion row =
        thing("p" + std::to_string(random.below(2)), std::to_string(random.below(6)), rev);
    if (random.below(2) == 0) row.values[2] = "words " + std::to_string(random.below(1000));
    if (random.below(2) == 0) row.values[4] = static_cast<double>(random.below(1000)) / 8;
    if (random.below(3) == 0)
      row.set_stamp(static_cast<uint16_t>(2 + random.below(7)), time(rev + 1));
    if (random.below(4) == 0) row.deleted_at = time(rev + 2);
    return row;
  }
  void random_write(Random& random, Rev rev) {
    const std::string space = random.below(2) == 0 ? "s" : "t";
    const std::string key = std::to_string(random.below(8));
    switch (random.below(6)) {
      case 0: return must(storage().put(space, key, std::to_string(rev)));
      case 1: return must(storage().erase(space, key));
      case 2: return must(storage().save(numbers, numbered(random.below(5), "p1", rev)));
      case 3: {
        const RowVersion row = random_row(random, rev);
        return must(storage().forget(things, things.key_of(row.values)));
      }
      default: return must(storage().save(things, random_row(random, rev)));
    }
  }
  void random_history(Random& random) {
    Rev rev = 0;
    for (int64_t transactions = 1 + random.below(12); transactions > 0; --transactions) {
      must(storage().begin());
      for (int64_t writes = random.below(9); writes > 0; --writes) {
        random_write(random, ++rev);
        if (random.below(5) == 0) revs(all_scopes, rev / 2);
      }
      if (random.below(4) == 0) {
        storage().rollback();
      } else {
        must(storage().commit());
      }
    }
  }
};

}  // namespace twinstore::test
