#include "twinstore/own_writes.h"
#include "world.h"

using namespace twinstore;
using twinstore::test::Device;
using twinstore::test::edit;
using twinstore::test::World;

namespace {

constexpr std::string_view key = R"(["r","feature/x 😀"])";
constexpr std::string_view record =
    R"({"repo_id":"r","name":"feature/x 😀","commit_sha":"1","ahead":2,)"
    R"("last_commit_at":"2024-03-26T17:25:26+01:00","last_commit_message":":rotating_light: m"})";

}  // namespace

TEST_CASE_FIXTURE(World, "ingest: the same record twice changes nothing") {
  CHECK(server.ingest("import", "branches", record).status == IngestStatus::Added);
  const Rev head = server.authority().head();
  clock.advance(1000);
  CHECK(server.ingest("import", "branches", record).status == IngestStatus::Unchanged);
  CHECK(server.authority().head() == head);
}

TEST_CASE_FIXTURE(World, "ingest: what people edited stays when the same data comes again") {
  Device a(schema_json, clock, 10);
  REQUIRE(server.ingest("import", "branches", record).status == IngestStatus::Added);
  a.sync(server);
  REQUIRE(a.write(edit("update", "branches", key, R"({"tags":["mine"],"ahead":7})")));
  a.sync(server);
  clock.advance(1000);
  CHECK(server.ingest("import", "branches", record).status == IngestStatus::Unchanged);
  a.sync(server);
  CHECK(a.row("branches", key).find(R"("tags":["mine"])") != std::string::npos);
  CHECK(a.row("branches", key).find(R"("ahead":7)") != std::string::npos);
}

TEST_CASE_FIXTURE(World, "ingest: only fields that changed at the source are changes") {
  Device a(schema_json, clock, 10);
  REQUIRE(server.ingest("import", "branches", record).status == IngestStatus::Added);
  a.sync(server);
  REQUIRE(a.write(edit("update", "branches", key, R"({"ahead":7})")));
  a.sync(server);
  clock.advance(1000);
  std::string moved(record);
  moved.replace(moved.find(R"("commit_sha":"1")"), 16, R"("commit_sha":"2")");
  CHECK(server.ingest("import", "branches", moved).status == IngestStatus::Changed);
  a.sync(server);
  CHECK(a.row("branches", key).find(R"("commit_sha":"2")") != std::string::npos);
  CHECK(a.row("branches", key).find(R"("ahead":7)") != std::string::npos);
}

TEST_CASE_FIXTURE(World, "ingest: a record older than the stored one is superseded") {
  const auto repository = [](std::string_view time, int commits) {
    return R"({"repo_id":"r","total_commits":)" + std::to_string(commits) + R"(,"updated_at":")" +
           std::string(time) + "\"}";
  };
  REQUIRE(server.ingest("x", "repositories", repository("2024-05-01T00:00:00Z", 5)).status ==
          IngestStatus::Added);
  CHECK(server.ingest("x", "repositories", repository("2024-04-30T23:00:00-02:00", 6)).status ==
        IngestStatus::Changed);
  CHECK(server.ingest("x", "repositories", repository("2024-04-01T00:00:00Z", 4)).status ==
        IngestStatus::Superseded);
}

TEST_CASE_FIXTURE(World, "ingest: a deleted row does not come back with the next import") {
  Device a(schema_json, clock, 10);
  REQUIRE(server.ingest("import", "branches", record).status == IngestStatus::Added);
  a.sync(server);
  REQUIRE(a.write(edit("delete", "branches", key, "")));
  a.sync(server);
  clock.advance(1000);
  CHECK(server.ingest("import", "branches", record).status == IngestStatus::Unchanged);
  a.sync(server);
  CHECK(a.row("branches", key) == "null");
}

TEST_CASE_FIXTURE(World, "ingest: what a source deleted itself it may hand in anew") {
  Device a(schema_json, clock, 10);
  REQUIRE(server.ingest("git", "branches", record).status == IngestStatus::Added);
  clock.advance(1000);
  std::set<std::string> scopes;
  OwnWrites writes(server.authority(), scopes, "git");
  Edit gone;
  gone.collection = schema.find("branches")->position;
  gone.kind = EditKind::Delete;
  gone.key = {Value("r"), Value("feature/x 😀")};
  REQUIRE(server.storage().begin().ok());
  REQUIRE(twinstore::test::succeeded(writes.write(gone)));
  REQUIRE(server.storage().commit().ok());
  a.sync(server);
  CHECK(a.row("branches", key) == "null");
  clock.advance(1000);
  CHECK(server.ingest("git", "branches", record).status == IngestStatus::Changed);
  CHECK(server.ingest("git", "branches", record).status == IngestStatus::Unchanged);
  a.sync(server);
  CHECK(a.row("branches", key).find(R"("ahead":2)") != std::string::npos);
}

TEST_CASE_FIXTURE(World, "ingest: the id of a metric follows from its content") {
  const std::string metric =
      R"({"repo_id":"r","branch_name":"main","commit_sha":"1","metric_name":"files",)"
      R"("metric_value":1090,"recorded_at":"2024-03-15T13:12:21+01:00"})";
  CHECK(server.ingest("a", "historical_metrics", metric).status == IngestStatus::Added);
  CHECK(server.ingest("b", "historical_metrics", metric).status == IngestStatus::Unchanged);
}
