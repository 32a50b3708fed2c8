#include "twinstore/conflict.h"

#include <algorithm>

#include "world.h"

using namespace twinstore;
using twinstore::test::code_of;
using twinstore::test::succeeded;

namespace {

// One small collection: a key, a plain field, a group of two, a counter.
struct Fixture {
  Schema schema = make_schema();
  const Collection& items = schema.at(0);
  FakeIdSource ids{11};
  ClientId a = new_client_id(ids);
  ClientId b = new_client_id(ids);

  static Schema make_schema() {
    auto schema = Schema::parse(R"({"name":"app","version":1,"collections":[
      {"name":"items","key":["id"],"scope":"id","fields":[
        {"name":"id","type":"text"},
        {"name":"title","type":"text"},
        {"name":"head","type":"text","group":"head"},
        {"name":"head_at","type":"text","group":"head"},
        {"name":"hits","type":"counter"}]}]})");
    TWINSTORE_CHECK(schema.ok());
    return std::move(schema).value();
  }
  static HybridTime at(int64_t ms, const ClientId& client) { return hybrid_time_at(ms, client); }
  RowVersion row(Rev rev, const HybridTime& hlc, std::string title) {
    RowVersion out;
    out.rev = rev;
    out.hlc = hlc;
    out.values = {std::string("k"), std::move(title), {}, {}, int64_t{0}};
    return out;
  }
  Change change(ChangeKind kind, Rev base_rev, std::vector<FieldChange> fields) {
    return {0, {std::string("k")}, kind, base_rev, {}, std::move(fields)};
  }
  FieldChange title(std::string text) { return {1, {}, std::move(text), {}}; }
  Resolution judge(const Change& change, const HybridTime& stamp, const RowVersion* stored) {
    auto resolution = resolve(items, change, stamp, stored);
    TWINSTORE_CHECK(resolution.ok());
    return std::move(resolution).value();
  }
};

std::string text_at(const RowVersion& row, size_t field) {
  const auto* text = std::get_if<std::string>(&row.values[field]);
  return text == nullptr ? "null" : *text;
}

}  // namespace

TEST_CASE_FIXTURE(Fixture, "latest wins: fields that only one side changed keep that change") {
  RowVersion stored = row(5, at(1000, b), "old");
  stored.values[4] = int64_t{3};
  stored.set_stamp(1, at(5000, b));
  const Change edit = change(ChangeKind::Update, 4,
                             {title("mine"),
                              {2, {}, std::string("h"), at(1000, b)},
                              {3, {}, std::string("t"), at(1000, b)},
                              {4, {}, int64_t{2}, {}}});
  const Resolution resolution = judge(edit, at(4000, a), &stored);
  CHECK(resolution.status == OutcomeStatus::Merged);
  CHECK(resolution.lost == std::vector<uint16_t>{1});
  CHECK(text_at(*resolution.row, 1) == "old");
  CHECK(text_at(*resolution.row, 2) == "h");
  CHECK(resolution.row->values[4] == Value(int64_t{5}));
}

TEST_CASE_FIXTURE(Fixture, "latest wins: the fields of a group win or lose together") {
  RowVersion stored = row(5, at(1000, b), "t");
  stored.values[2] = std::string("b-head");
  stored.set_stamp(2, at(5000, b));
  const Change edit =
      change(ChangeKind::Update, 4,
             {{2, {}, std::string("a-head"), {}}, {3, {}, std::string("a-at"), {}}});
  const Resolution earlier = judge(edit, at(4000, a), &stored);
  CHECK(earlier.status == OutcomeStatus::Superseded);
  const Resolution later = judge(edit, at(6000, a), &stored);
  CHECK(text_at(*later.row, 2) == "a-head");
  CHECK(text_at(*later.row, 3) == "a-at");
}

TEST_CASE_FIXTURE(Fixture, "an edit made on what was seen wins, whatever its clock says") {
  const RowVersion stored = row(5, at(9000, b), "theirs");
  Change edit = change(ChangeKind::Update, 5, {title("mine")});
  const Resolution by_rev = judge(edit, at(1, a), &stored);
  CHECK(text_at(*by_rev.row, 1) == "mine");
  CHECK(by_rev.row->stamp(1) > at(9000, b));
  edit.base_rev = 4;
  edit.fields[0].seen = at(9000, b);
  CHECK(text_at(*judge(edit, at(1, a), &stored).row, 1) == "mine");
  const RowVersion own = row(5, at(9000, a), "my earlier one");
  edit.fields[0].seen = {};
  CHECK(text_at(*judge(edit, at(1, a), &own).row, 1) == "mine");
}

TEST_CASE_FIXTURE(Fixture, "re-creating a row whose deletion was seen starts a new life") {
  RowVersion stored = row(5, at(1000, b), "old life");
  stored.values[2] = std::string("old head");
  stored.deleted_at = at(9000, b);
  const Resolution resolution =
      judge(change(ChangeKind::Insert, 5, {title("new life")}), at(1, a), &stored);
  REQUIRE(resolution.row.has_value());
  CHECK_FALSE(resolution.row->is_deleted());
  CHECK(text_at(*resolution.row, 1) == "new life");
  CHECK(text_at(*resolution.row, 2) == "null");
  CHECK(resolution.row->hlc > at(9000, b));
}

TEST_CASE("append-only rows are inserted once and never changed") {
  const Schema schema = test::shipped_schema();
  const Collection& metrics = *schema.find("historical_metrics");
  FakeIdSource ids(1);
  const HybridTime time = hybrid_time_at(1000, new_client_id(ids));
  Change insert{metrics.position, {std::string("id")}, ChangeKind::Insert, 0, {}, {}};
  for (uint16_t field = 1; field < metrics.fields.size(); ++field) {
    const bool is_number = metrics.fields[field].type == FieldType::Double;
    insert.fields.push_back({field, {}, is_number ? Value(1.5) : Value(std::string("x")), {}});
  }
  const auto first = resolve(metrics, insert, time, nullptr);
  REQUIRE(succeeded(first));
  const auto again = resolve(metrics, insert, time.next(), &*first.value().row);
  REQUIRE(succeeded(again));
  CHECK_FALSE(again.value().row.has_value());
  insert.fields[4].after = 2.5;
  CHECK(code_of(resolve(metrics, insert, time.next(), &*first.value().row)) ==
        ErrorCode::AppendOnly);
  insert.fields.pop_back();
  CHECK(code_of(resolve(metrics, insert, time, nullptr)) == ErrorCode::MissingField);
}

// Concurrent changes, none of which saw another, in every order of arrival.
TEST_CASE_FIXTURE(Fixture, "latest wins: the row does not depend on the order of arrival") {
  FakeIdSource random(4242);
  for (int round = 0; round < 3000; ++round) {
    std::vector<std::pair<Change, HybridTime>> edits;
    for (int i = 0; i < 4; ++i) {
      const HybridTime stamp = at(1 + static_cast<int64_t>(random.next() % 6), new_client_id(ids));
      std::vector<FieldChange> fields;
      const bool is_delete = random.next() % 4 == 0;
      const auto text = std::to_string(i);
      if (!is_delete && random.next() % 2 == 0) fields.push_back(title(text));
      if (!is_delete && random.next() % 2 == 0) {
        fields.push_back({2, {}, "h" + text, {}});
        fields.push_back({3, {}, "t" + text, {}});
      }
      if (!is_delete) fields.push_back({4, {}, int64_t{1}, {}});
      edits.emplace_back(change(is_delete ? ChangeKind::Delete : ChangeKind::Update, 0, fields),
                         stamp);
    }
    std::vector<size_t> order{0, 1, 2, 3};
    std::optional<RowVersion> first;
    do {
      RowVersion stored = row(1, at(1, b), "start");
      stored.hlc.ticks = 1;
      for (const size_t i : order) {
        Resolution resolution = judge(edits[i].first, edits[i].second, &stored);
        if (resolution.row) stored = *std::move(resolution.row);
      }
      if (!first) first = stored;
      const bool is_same = stored.is_deleted() == first->is_deleted() &&
                           (stored.is_deleted() || stored.values == first->values);
      if (!is_same) FAIL_CHECK("round " << round);
    } while (std::ranges::next_permutation(order).found);
  }
}
