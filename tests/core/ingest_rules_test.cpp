// Records of a backend under other policies than the schema's, with the version that they saw, and
// what is counted of them.
#include "twinstore/statistics.h"
#include "world.h"

using namespace twinstore;
using twinstore::test::code_of;
using twinstore::test::Device;
using twinstore::test::edit;
using twinstore::test::succeeded;
using twinstore::test::World;

namespace {

struct RulesWorld : World {
  Device device{schema_json, clock, 10};

  Schema rules(Policy policy) {
    auto made = schema.with_policy({.collection = "", .field = "", .policy = policy});
    TWINSTORE_CHECK(made.ok());
    return std::move(made).value();
  }

  Result<IngestResult> hand_in(const Schema& under, std::string_view collection,
                               std::string_view json) {
    TWINSTORE_CHECK(server.storage().begin().ok());
    auto result = judge(under, collection, json);
    if (result.ok()) {
      TWINSTORE_CHECK(server.storage().commit().ok());
    } else {
      server.storage().rollback();
      TWINSTORE_CHECK(server.authority().reload().ok());
    }
    return result;
  }

  Result<IngestResult> judge(const Schema& under, std::string_view collection,
                             std::string_view json) {
    TWINSTORE_TRY(IngestRecord record, read_ingest_record(under, collection, json));
    std::set<std::string> scopes;
    return ingest(server.authority(), under, "scanner", std::move(record), scopes);
  }

  // What becomes of the record: its status, and the outcome behind it.
  std::string handed_in(const Schema& under, std::string_view collection, std::string_view json) {
    clock.advance(1000);
    const auto result = hand_in(under, collection, json);
    if (!succeeded(result)) return {};
    return std::string(ingest_text(result.value().status)) + " " +
           std::string(outcome_text(result.value().outcome.status));
  }

  std::string repository() {
    device.sync(server);
    return device.rows("SELECT name, description, topics, total_commits FROM repositories");
  }

  // Another writer's edit of the one repository.
  void edit_repository(std::string_view fields) {
    device.sync(server);
    clock.advance(1000);
    REQUIRE(device.write(edit("update", "repositories", R"("r")", fields)));
    device.sync(server);
  }

  SyncStatistics counts() {
    const auto read = read_sync_statistics(schema, server.storage());
    return succeeded(read) ? read.value() : SyncStatistics{};
  }
};

constexpr std::string_view first =
    R"({"repo_id":"r","name":"one","description":"a\nb\nc","topics":["x","y"]})";
constexpr std::string_view second =
    R"({"repo_id":"r","name":"two","description":"a\nb\nC","topics":["y","z"]})";

}  // namespace

TEST_CASE_FIXTURE(RulesWorld, "ingest rules: MERGE takes both sides against what was handed in") {
  const Schema merge = rules(Policy::Merge);
  CHECK(handed_in(merge, "repositories", first) == "added applied");
  edit_repository(R"({"description":"A\nb\nc","topics":["x","y","mine"]})");
  CHECK(handed_in(merge, "repositories", second) == "changed merged");
  CHECK(repository() == "two A\nb\nC [\"mine\",\"y\",\"z\"] ");
}

TEST_CASE_FIXTURE(RulesWorld, "ingest rules: MANUAL keeps the stored value and asks") {
  const Schema manual = rules(Policy::Manual);
  CHECK(handed_in(manual, "repositories", first) == "added applied");
  edit_repository(R"({"name":"mine"})");
  CHECK(handed_in(manual, "repositories", second) == "changed conflict");
  CHECK(repository() == "mine a\nb\nC [\"y\",\"z\"] ");
  CHECK(device.rows("SELECT fields, base, local, remote FROM _conflicts WHERE status = 'open'") ==
        R"(["name"] {"name":"one"} {"name":"two"} {"name":"mine"})");
  CHECK(counts().conflicts_open == 1);
}

TEST_CASE_FIXTURE(RulesWorld, "ingest rules: LATEST_WINS keeps what it replaced in the log") {
  CHECK(handed_in(schema, "repositories", first) == "added applied");
  edit_repository(R"({"name":"mine"})");
  CHECK(handed_in(schema, "repositories", second) == "changed applied");
  device.sync(server);
  CHECK(device.rows("SELECT status, remote FROM _conflicts") == R"(superseded {"name":"mine"})");
}

TEST_CASE_FIXTURE(RulesWorld, "ingest rules: a record that saw the version is no old record") {
  CHECK(handed_in(schema, "repositories",
                  R"({"repo_id":"r","total_commits":5,"updated_at":"2024-05-01T00:00:00Z"})") ==
        "added applied");
  const std::string older = R"({"repo_id":"r","total_commits":4,)"
                            R"("updated_at":"2024-04-01T00:00:00Z")";
  CHECK(handed_in(schema, "repositories", older + "}") == "superseded superseded");
  const std::string seen = R"(,"base_rev":)" + std::to_string(server.authority().head());
  CHECK(handed_in(schema, "repositories", older + R"(,"base_rev":0})") == "superseded superseded");
  CHECK(handed_in(schema, "repositories", older + seen + "}") == "changed applied");
  CHECK(repository() == "  [] 4");
}

TEST_CASE_FIXTURE(RulesWorld, "ingest rules: a version that was never given is refused") {
  const std::string next = std::to_string(server.authority().head() + 1);
  const auto refused =
      hand_in(schema, "repositories", R"({"repo_id":"r","base_rev":)" + next + "}");
  CHECK(code_of(refused) == ErrorCode::InvalidArgument);
  for (const char* rev : {"-1", "1.5", "\"1\"", "null"}) {
    CAPTURE(rev);
    const auto wrong =
        hand_in(schema, "repositories", R"({"repo_id":"r","base_rev":)" + std::string(rev) + "}");
    CHECK(code_of(wrong) == ErrorCode::WrongType);
  }
  CHECK(server.authority().head() == 0);
}

TEST_CASE_FIXTURE(RulesWorld, "ingest rules: outcomes are counted by what judged them") {
  const Schema manual = rules(Policy::Manual);
  handed_in(manual, "repositories", first);
  edit_repository(R"({"name":"mine"})");
  handed_in(manual, "repositories", second);
  handed_in(schema, "repositories", R"({"repo_id":"r","updated_at":"2024-05-01T00:00:00Z"})");
  handed_in(schema, "repositories", R"({"repo_id":"r","updated_at":"2024-04-01T00:00:00Z"})");
  device.sync(server);
  const std::string id = device.rows("SELECT id FROM _conflicts WHERE status = 'open'");
  REQUIRE(
      device.write(R"({"edits":[{"op":"resolve","conflict":")" + id + R"(","choice":"local"}]})"));
  device.sync(server);
  CHECK(repository() == "two a\nb\nC [\"y\",\"z\"] ");
  CHECK(statistics_json(counts()) ==
        R"({"applied":4,"by_strategy":{"LATEST_WINS":0,"MANUAL":1,"MERGE":0},"conflicts":1,)"
        R"("conflicts_open":0,"conflicts_resolved":1,"merged":0,"rejected":0,"superseded":1})");
}

TEST_CASE_FIXTURE(RulesWorld, "ingest rules: what is rolled back is not counted") {
  TWINSTORE_CHECK(server.storage().begin().ok());
  REQUIRE(succeeded(judge(schema, "repositories", first)));
  CHECK(counts().applied == 1);
  server.storage().rollback();
  REQUIRE(server.authority().reload().ok());
  CHECK(counts().applied == 0);
  CHECK(handed_in(schema, "repositories", first) == "added applied");
  CHECK(counts().applied == 1);
}
