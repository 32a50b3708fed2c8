// The one predicate of freshness: its rules by a table, and what a store answers from its rows.
#include "twinstore/freshness.h"

#include <cmath>

#include "base/json.h"
#include "twinstore/time_text.h"
#include "world.h"

using namespace twinstore;
using twinstore::test::code_of;
using twinstore::test::Device;
using twinstore::test::edit;

namespace {

constexpr int64_t hour = 3'600'000;
constexpr int64_t t0 = 1'700'000'000'000;

int64_t ms(std::string_view text) {
  const auto parsed = parse_time(text);
  REQUIRE(parsed.ok());
  return parsed.value();
}

std::string reasons(const Staleness& staleness) {
  std::string out;
  for (const StaleReason reason : staleness.reasons) {
    out += (out.empty() ? "" : " ") + std::string(stale_reason_text(reason));
  }
  return out;
}

BranchFacts analysed(int64_t at_ms, std::string commit = "c1", std::string head = "c1") {
  BranchFacts facts;
  facts.head_commit = std::move(head);
  facts.newest = AnalysisPoint{at_ms, std::move(commit)};
  return facts;
}

struct Case {
  const char* what;
  BranchFacts facts;
  const char* reasons;
};

BranchFacts with(BranchFacts facts, std::optional<int64_t> last_analyzed,
                 std::optional<int64_t> marked) {
  facts.last_analyzed_ms = last_analyzed;
  facts.refresh_requested_ms = marked;
  return facts;
}

}  // namespace

TEST_CASE("a branch is stale for each of four reasons and no other") {
  const int64_t now = t0;
  const std::vector<Case> cases{
      {"just analysed", analysed(now), ""},
      {"nothing is known", {}, "never_analyzed"},
      {"exactly at the threshold", analysed(now - 24 * hour), ""},
      {"one millisecond over it", analysed(now - 24 * hour - 1), "too_old"},
      {"the head moved", analysed(now, "c1", "c2"), "head_moved"},
      {"the head moved, and it is old", analysed(now - 25 * hour, "c1", "c2"),
       "head_moved too_old"},
      {"the head is not known", analysed(now, "c1", ""), ""},
      {"marked before the analysis", with(analysed(now), {}, now - 1), ""},
      {"marked in the analysis's millisecond", with(analysed(now), {}, now), ""},
      {"marked after it", with(analysed(now - hour), {}, now - hour + 1), "refresh_requested"},
      {"marked and never analysed", with({}, {}, now), "never_analyzed refresh_requested"},
      {"analysed by the row alone", with({}, now - hour, {}), ""},
      {"the row knows of a later analysis", with(analysed(now - 30 * hour), now - hour, {}), ""},
      {"the row knows of an earlier one", with(analysed(now - hour), now - 30 * hour, {}), ""},
      {"the row's later analysis came after the mark",
       with(analysed(now - 9 * hour), now - hour, now - 2 * hour), ""},
      {"analysed in the future", analysed(now + hour), ""},
  };
  for (const Case& item : cases) {
    CAPTURE(item.what);
    const Staleness found = branch_staleness(item.facts, now, 24);
    CHECK(reasons(found) == item.reasons);
    CHECK(found.is_stale == (*item.reasons != '\0'));
    CHECK(found.stale_threshold_hours == 24);
  }
}

TEST_CASE("the answer changes by itself exactly when it says") {
  for (const double threshold : {0.0, 0.5, 24.0, 1.0 / 3}) {
    CAPTURE(threshold);
    const BranchFacts facts = analysed(t0);
    const Staleness fresh = branch_staleness(facts, t0, threshold);
    REQUIRE(fresh.next_change_ms);
    const Staleness before = branch_staleness(facts, *fresh.next_change_ms - 1, threshold);
    const Staleness after = branch_staleness(facts, *fresh.next_change_ms, threshold);
    CHECK_FALSE(before.is_stale);
    CHECK(after.is_stale);
    CHECK_FALSE(after.next_change_ms);
  }
  SUBCASE("stale for another reason, it still becomes too old") {
    const Staleness moved = branch_staleness(analysed(t0, "c1", "c2"), t0, 24);
    REQUIRE(moved.next_change_ms);
    CHECK(*moved.next_change_ms == t0 + 24 * hour + 1);
  }
  SUBCASE("never analysed, it waits for somebody") {
    CHECK_FALSE(branch_staleness({}, t0, 24).next_change_ms);
  }
  SUBCASE("past the last year that a time can name it never comes") {
    const auto far = analysed(ms("9999-12-31T00:00:00Z"));
    CHECK_FALSE(branch_staleness(far, t0, 24).next_change_ms);
  }
}

TEST_CASE("the age is counted in hours and never below zero") {
  CHECK(branch_staleness(analysed(t0 - 90 * 60'000), t0, 24).age_hours == 1.5);
  CHECK(branch_staleness(analysed(t0 + hour), t0, 24).age_hours == 0);
  CHECK_FALSE(branch_staleness({}, t0, 24).age_hours);
}

TEST_CASE("an analysis is stale when its commit is not the head, or when it is too old") {
  const AnalysisPoint point{t0, "c1"};
  CHECK(reasons(analysis_staleness(point, "c1", t0 + 24 * hour, 24)).empty());
  CHECK(reasons(analysis_staleness(point, "c1", t0 + 24 * hour + 1, 24)) == "too_old");
  CHECK(reasons(analysis_staleness(point, "c2", t0, 24)) == "head_moved");
}

TEST_CASE("of two analyses of one time the greater commit is the newer") {
  CHECK(is_newer({2, "a"}, {1, "b"}));
  CHECK_FALSE(is_newer({1, "b"}, {2, "a"}));
  CHECK(is_newer({1, "b"}, {1, "a"}));
  CHECK_FALSE(is_newer({1, "a"}, {1, "b"}));
  CHECK_FALSE(is_newer({1, "a"}, {1, "a"}));
}

TEST_CASE("a threshold is a number of hours up to its bound") {
  CHECK(check_stale_threshold(0).ok());
  CHECK(check_stale_threshold(limits::stale_threshold_hours_max).ok());
  CHECK(code_of(check_stale_threshold(limits::stale_threshold_hours_max + 0.001)) ==
        ErrorCode::InvalidArgument);
  CHECK(code_of(check_stale_threshold(-0.001)) == ErrorCode::InvalidArgument);
  CHECK(code_of(check_stale_threshold(std::nan(""))) == ErrorCode::InvalidArgument);
}

namespace {

struct Rows : test::World {
  Rows() { clock.set(ms("2024-03-27T12:00:00Z")); }
  void branch(std::string_view name, std::string_view fields) {
    REQUIRE(device.write(
        edit("upsert", "branches", R"(["o/r",")" + std::string(name) + "\"]", fields)));
  }
  void analysis(std::string_view branch, std::string_view commit, std::string_view at) {
    const std::string key =
        R"(["o/r",")" + std::string(branch) + "\",\"" + std::string(commit) + "\"]";
    REQUIRE(device.write(
        edit("upsert", "analyses", key, R"({"analysis_timestamp":")" + std::string(at) + "\"}")));
  }
  JsonValue staleness(std::string_view branch, double threshold = 24) {
    return parsed(device.store().staleness("o/r", branch, threshold));
  }
  JsonValue stale_branches(double threshold = 24) {
    return parsed(device.store().stale_branches("o/r", threshold));
  }
  static JsonValue parsed(const Result<std::string>& text) {
    return test::succeeded(text) ? parse_json(text.value()).value() : JsonValue();
  }
  static std::string names(const JsonValue& answer) {
    std::string out;
    for (const JsonValue& item : answer["branches"]) {
      out += item["branch_name"].get<std::string>() + " ";
    }
    return out;
  }
  Device device{schema_json, clock, 7};
};

}  // namespace

TEST_CASE_FIXTURE(Rows, "a store answers from its rows, whatever the offsets they came with") {
  branch("feature/x", R"({"commit_sha":"bbb"})");
  // Written in the order in which their texts would sort wrongly: 09:00, 10:30 and 10:30 UTC.
  analysis("feature/x", "zzz", "2024-03-27T11:00:00+02:00");
  analysis("feature/x", "bbb", "2024-03-27T02:30:00-08:00");
  analysis("feature/x", "aaa", "2024-03-27T16:00:00+05:30");
  const JsonValue found = staleness("feature/x");
  CHECK(found == R"({"is_stale":false,"age_hours":1.5,"stale_threshold_hours":24.0,
    "last_analyzed_at":"2024-03-27T10:30:00.000Z","last_analyzed_commit":"bbb","reasons":[],
    "next_change_at":"2024-03-28T10:30:00.001Z"})"_json);
}

TEST_CASE_FIXTURE(Rows, "the stale branches come by name, and when there will be another") {
  branch("b", R"({"commit_sha":"1"})");
  branch("a", R"({"commit_sha":"1"})");
  branch("c", R"({"commit_sha":"1"})");
  analysis("b", "1", "2024-03-27T11:00:00Z");
  analysis("c", "0", "2024-03-27T11:30:00Z");
  const JsonValue found = stale_branches();
  CHECK(names(found) == "a c ");
  CHECK(found["branches"][0]["reasons"] == JsonValue::array({"never_analyzed"}));
  CHECK(found["checked_at"] == "2024-03-27T12:00:00.000Z");
  CHECK(found["next_change_at"] == "2024-03-28T11:00:00.001Z");
  CHECK(names(stale_branches(0.75)) == "a b c ");
  CHECK(names(parsed(device.store().stale_branches("o/other", 24))).empty());
}

TEST_CASE_FIXTURE(Rows, "a branch that is not here is not found, and a bad threshold is refused") {
  CHECK(code_of(device.store().staleness("o/r", "none", 24)) == ErrorCode::NotFound);
  branch("a", "{}");
  CHECK(code_of(device.store().staleness("o/r", "a", -1)) == ErrorCode::InvalidArgument);
  CHECK(code_of(device.store().stale_branches("o/r", -1)) == ErrorCode::InvalidArgument);
}

TEST_CASE_FIXTURE(Rows, "a mark makes the branch stale until an analysis made after it") {
  branch("a", R"({"commit_sha":"1"})");
  analysis("a", "1", "2024-03-27T11:00:00Z");
  CHECK_FALSE(staleness("a")["is_stale"].get<bool>());
  REQUIRE(
      device.write(R"({"edits":[{"op":"mark_for_refresh","repo_id":"o/r","branch_name":"a"}]})"));
  CHECK(staleness("a")["reasons"] == JsonValue::array({"refresh_requested"}));
  analysis("a", "1", "2024-03-27T12:00:00Z");
  CHECK_FALSE(staleness("a")["is_stale"].get<bool>());
}
