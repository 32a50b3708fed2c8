// The outcome table of docs/sync.md, line by line: the document is the data.
#include <algorithm>

#include "document_table.h"
#include "twinstore/conflict.h"
#include "twinstore/sync_document.h"
#include "world.h"

using namespace twinstore;

namespace {

using Names = std::vector<std::string>;

const Names policies{"LATEST_WINS", "MERGE", "MERGE with delete_wins", "MANUAL"};
const Names views{"saw it", "earlier", "later"};
const Names writes{"insert", "update", "delete"};

constexpr Rev stored_rev = 5;
constexpr int64_t written_ms = 1000;  // when what is stored was
constexpr int64_t deleted_ms = 2000;

Names named(const std::string& cell, const Names& all) {
  return cell == "any" ? all : test::parts_of_cell(cell);
}

Collection collection_of(const std::string& policy) {
  std::string json = R"({"name":"app","version":1,"collections":[{"name":"items","key":["id"],)"
                     R"("scope":"id","policy":")" +
                     policy.substr(0, policy.find(' ')) + '"';
  if (policy.ends_with("delete_wins")) json += R"(,"delete_wins":true)";
  json += R"(,"fields":[{"name":"id","type":"text"},{"name":"title","type":"text"}]}]})";
  return test::parsed_schema(json).at(0);
}

HybridTime time_of(int64_t ms, uint64_t seed) {
  FakeIdSource ids(seed);
  return hybrid_time_at(ms, new_client_id(ids));
}

RowVersion stored_row(std::string title) {
  RowVersion row;
  row.rev = stored_rev;
  row.hlc = time_of(written_ms, 2);
  row.values = {std::string("k"), std::move(title)};
  return row;
}

struct Told {
  std::string outcome;
  std::string row;  // its title, or that there is none
};

// `stamp_ms` is the writer's time.
Told judged(const std::string& policy, Change change, int64_t stamp_ms, const RowVersion* stored) {
  const Collection collection = collection_of(policy);
  const auto resolution = resolve(collection, change, time_of(stamp_ms, 1), stored);
  if (!resolution.ok()) {
    return {std::string(error_text(resolution.error().code)),
            stored == nullptr ? "absent" : "unchanged"};
  }
  const auto& made = resolution.value().row;
  const RowVersion* now = made ? &*made : stored;
  std::string row = "absent";
  if (now != nullptr) row = now->is_deleted() ? "deleted" : std::get<std::string>(now->values[1]);
  return {std::string(outcome_text(resolution.value().status)), row};
}

Change change_of(const std::string& write, Value before, Value after) {
  Change change;
  change.key = {std::string("k")};
  change.kind = write == "insert"   ? ChangeKind::Insert
                : write == "update" ? ChangeKind::Update
                                    : ChangeKind::Delete;
  change.base_rev = stored_rev - 1;
  change.fields = {{1, std::move(before), std::move(after), {}}};
  return change;
}

Told row_outcome(const std::string& write, const std::string& stored, const std::string& policy,
                 const std::string& view) {
  RowVersion row = stored_row("theirs");
  if (stored == "deleted") row.deleted_at = time_of(deleted_ms, 2);
  const bool is_insert = write == "insert";
  const bool is_delete = write == "delete";
  Change change = change_of(write, is_insert ? Value() : Value(std::string("old")),
                            is_delete ? Value() : Value(std::string("mine")));
  if (is_delete && policy == "LATEST_WINS") change.fields.clear();
  if (view == "saw it") change.base_rev = stored_rev;
  return judged(policy, std::move(change), view == "later" ? 3000 : 500,
                stored == "never existed" ? nullptr : &row);
}

Told field_outcome(const std::string& stored, const std::string& policy, const std::string& view) {
  std::string remote = "theirs";
  if (stored.starts_with("what the writer saw")) remote = "old";
  if (stored == "what the writer wrote") remote = "mine";
  const RowVersion row = stored_row(remote);
  Change change = change_of("update", std::string("old"), std::string("mine"));
  if (view == "saw it") change.base_rev = stored_rev;
  Told told = judged(policy, std::move(change), view == "later" ? 3000 : 500, &row);
  if (told.row == remote && remote != "mine") told.row = "theirs";
  return told;
}

}  // namespace

TEST_CASE("outcomes: every write meets every row as docs/sync.md says, under every policy") {
  const auto lines = test::table_of_document(sync_document, "| writer | stored | policy |");
  std::set<Names> covered;
  for (const auto& line : lines) {
    REQUIRE(line.size() == 6);
    for (const std::string& write : named(line[0], writes)) {
      for (const std::string& policy : named(line[2], policies)) {
        for (const std::string& view : named(line[3], views)) {
          CAPTURE(write);
          CAPTURE(line[1]);
          CAPTURE(policy);
          CAPTURE(view);
          const Told told = row_outcome(write, line[1], policy, view);
          CHECK(told.outcome == line[4]);
          CHECK(told.row == line[5]);
          CHECK(covered.insert({write, line[1], policy, view}).second);
        }
      }
    }
  }
  for (const std::string& write : writes) {
    for (const char* stored : {"never existed", "live", "deleted"}) {
      for (const std::string& policy : policies) {
        for (const std::string& view : views) {
          CAPTURE(write);
          CAPTURE(stored);
          CAPTURE(policy);
          CAPTURE(view);
          const bool is_impossible =
              write == "update" && stored == std::string("deleted") && view == "saw it";
          CHECK(covered.contains({write, stored, policy, view}) != is_impossible);
        }
      }
    }
  }
}

TEST_CASE("outcomes: every value meets every stored one as docs/sync.md says") {
  const auto lines = test::table_of_document(sync_document, "| stored value | policy |");
  const Names by_value{"LATEST_WINS", "MERGE", "MANUAL"};
  size_t covered = 0;
  for (const auto& line : lines) {
    REQUIRE(line.size() == 5);
    for (const std::string& policy : named(line[1], by_value)) {
      for (const std::string& view : named(line[2], views)) {
        CAPTURE(line[0]);
        CAPTURE(policy);
        CAPTURE(view);
        const Told told = field_outcome(line[0], policy, view);
        CHECK(told.outcome == line[3]);
        CHECK(told.row == line[4]);
        ++covered;
      }
    }
  }
  CHECK(covered == 3 * by_value.size() * views.size());
}
