// Every bound of the engine, at the bound and one past it.
#include "base/json.h"
#include "sync/authority_records.h"
#include "sync/outbox.h"
#include "world.h"

using namespace twinstore;
using twinstore::test::code_of;
using twinstore::test::Device;
using twinstore::test::edit;
using twinstore::test::succeeded;
using twinstore::test::World;

namespace {

std::string entry(std::string_view key, std::string_view rest = "") {
  return R"({"op":"upsert","collection":"cache_entries","fields":{"cache_key":")" +
         std::string(key) + R"(","repo_id":"r")" + std::string(rest) + "}}";
}

std::string batch_of(size_t count) {
  std::string out = R"({"edits":[)";
  for (size_t i = 0; i < count; ++i) out += (i > 0 ? "," : "") + entry(std::to_string(i));
  return out + "]}";
}

std::string rows_of(size_t count) {
  std::string out = R"({"edits":[{"op":"upsert","collection":"cache_entries",)"
                    R"("columns":["cache_key"],"rows":[)";
  for (size_t i = 0; i < count; ++i) out += (i > 0 ? ",[\"" : "[\"") + std::to_string(i) + "\"]";
  return out + "]}]}";
}

// A push of `count` mutations, each of one insert.
std::string push_of(const Schema& schema, size_t count) {
  FakeIdSource ids(5);
  PushRequest push{
      {protocol_version, schema.name(), schema.version()}, new_client_id(ids), 0, 0, {}};
  for (size_t i = 0; i < count; ++i) {
    Mutation mutation;
    mutation.seq = static_cast<int64_t>(i) + 1;
    mutation.hlc = hybrid_time_at(1'700'000'000'000 + mutation.seq, push.client);
    const Collection& entries = *schema.find("cache_entries");
    mutation.changes.push_back(
        {entries.position, {Value("k" + std::to_string(i))}, ChangeKind::Insert, 0, {}, {}});
    push.mutations.push_back({mutation.seq, {}, std::move(mutation)});
  }
  return encode(schema, Message(std::move(push)));
}

}  // namespace

TEST_CASE_FIXTURE(World, "limits: a batch has at most 10,000 edits") {
  Device a(schema_json, clock, 10);
  CHECK(succeeded(a.store().write(batch_of(limits::changes_per_mutation_max))));
  CHECK(code_of(a.store().write(batch_of(limits::changes_per_mutation_max + 1))) ==
        ErrorCode::BatchTooLarge);
  CHECK(succeeded(a.store().write(rows_of(limits::changes_per_mutation_max))));
  CHECK(code_of(a.store().write(rows_of(limits::changes_per_mutation_max + 1))) ==
        ErrorCode::BatchTooLarge);
  CHECK(a.rows("SELECT count(*) FROM cache_entries") == "10000");
}

TEST_CASE_FIXTURE(World, "limits: a push has at most 1,000 mutations") {
  const std::string most = server.answer(push_of(schema, limits::mutations_per_push_max));
  CHECK(most.find("\"seq\":1000,\"status\":\"applied\"") != std::string::npos);
  const std::string more = server.answer(push_of(schema, limits::mutations_per_push_max + 1));
  CHECK(more.find("batch_too_large") != std::string::npos);
}

TEST_CASE_FIXTURE(World, "limits: a client holds at most 256 scopes") {
  Device a(schema_json, clock, 10, "0");
  for (size_t i = 1; i < limits::scopes_per_client_max; ++i) {
    REQUIRE(succeeded(a.replica().subscribe(std::to_string(i))));
  }
  CHECK(code_of(a.replica().subscribe("one more")) == ErrorCode::InvalidArgument);
  CHECK(code_of(a.replica().subscribe("")) == ErrorCode::InvalidArgument);
  CHECK(succeeded(a.replica().subscribe("7")));
}

TEST_CASE_FIXTURE(World, "limits: a cursor has at most 256 bytes") {
  const auto answer = [&](size_t bytes) {
    const PullRequest pull{
        {protocol_version, schema.name(), schema.version()}, {}, "r", std::string(bytes, 'x'), 0};
    PullRequest asked = pull;
    FakeIdSource ids(5);
    asked.client = new_client_id(ids);
    return server.answer(encode(schema, Message(asked)));
  };
  CHECK(answer(limits::cursor_bytes_max).find("was not made here") != std::string::npos);
  CHECK(answer(limits::cursor_bytes_max + 1).find("at most 256 bytes") != std::string::npos);
}

TEST_CASE_FIXTURE(World, "limits: a row has at most 2 MiB") {
  Device a(schema_json, clock, 10);
  const auto analysis = [](size_t bytes) {
    const size_t half = limits::text_bytes_max - 10;
    const std::string summary(bytes - half, 's');
    return edit("upsert", "analyses", R"(["r","b","c"])",
                R"({"repo_id":"r","branch_name":"b","commit_sha":"c","analysis_timestamp":)"
                R"("2026-01-01T00:00:00.000Z","metrics":")" +
                    std::string(half - 2, 'm') + R"(","ai_summary":")" + summary + "\"}");
  };
  // The other texts of the row: key, time, and an empty set.
  const size_t others = 3 + 24 + 2;
  CHECK(succeeded(a.store().write(analysis(limits::row_bytes_max - others))));
  CHECK(code_of(a.store().write(analysis(limits::row_bytes_max - others + 1))) ==
        ErrorCode::ValueTooLong);
  CHECK(a.replica().status().pending == 1);
}

TEST_CASE_FIXTURE(World, "limits: at most 100,000 transactions wait, and reading goes on") {
  Device a(schema_json, clock, 10);
  REQUIRE(a.write(batch_of(1)));
  SqliteStorage& storage = a.store().storage();
  const auto text = storage.get("outbox", ordered_text(1));
  REQUIRE(succeeded(text));
  TWINSTORE_CHECK(storage.begin().ok());
  for (int64_t order = 2; order < static_cast<int64_t>(limits::outbox_entries_max); ++order) {
    TWINSTORE_CHECK(storage.put("outbox", ordered_text(order), *text.value()).ok());
  }
  TWINSTORE_CHECK(storage.commit().ok());
  FakeIdSource ids(11);
  auto opened = Replica::open(schema, storage, clock, ids);
  REQUIRE(succeeded(opened));
  const auto write = [&](std::string_view key) {
    auto edits = parse_edits(schema, R"({"edits":[)" + entry(key) + "]}");
    TWINSTORE_CHECK(edits.ok());
    return opened.value()->write(edits.value());
  };
  CHECK(succeeded(write("last")));
  CHECK(code_of(write("one more")) == ErrorCode::OutboxFull);
  CHECK(a.rows("SELECT count(*) FROM cache_entries") == "2");
}

TEST_CASE_FIXTURE(World, "limits: of confirmed mutations the newest 1,000 are still told apart") {
  const int64_t kept = static_cast<int64_t>(limits::outcomes_kept_after_ack);
  Device a(schema_json, clock, 10);
  std::vector<std::string> pushes;
  for (int64_t i = 0; i < kept + 2; ++i) {
    REQUIRE(a.write(R"({"edits":[)" + entry(std::to_string(i)) + "]}"));
    pushes.push_back(a.replica().next_message().value().value());
    REQUIRE(succeeded(a.replica().receive(server.answer(pushes.back()))));
  }
  REQUIRE(a.write(R"({"edits":[)" + entry("last") + "]}"));
  server.answer(a.replica().next_message().value().value());  // says what is confirmed
  CHECK(server.answer(pushes[2]).find("\"status\":\"applied\"") != std::string::npos);
  CHECK(server.answer(pushes[1]).find("client_forked") != std::string::npos);
}

TEST_CASE_FIXTURE(World, "limits: a key field has 1,024 bytes, a key 2,048, an indexed text 512") {
  Device a(schema_json, clock, 10);
  const auto branch = [&](size_t repo, size_t name) {
    const std::string repo_id(repo, 'r');
    const std::string branch_name(name, 'n');
    return a.store().write(
        edit("upsert", "branches", "[\"" + repo_id + "\",\"" + branch_name + "\"]", "{}"));
  };
  const auto analysis = [&](size_t sha) {
    const std::string part(limits::key_bytes_max - 100, 'p');
    return a.store().write(
        edit("upsert", "analyses",
             "[\"" + part + "\",\"" + part + "\",\"" + std::string(sha, 's') + "\"]",
             R"({"analysis_timestamp":"2026-01-01T00:00:00.000Z"})"));
  };
  const auto repository = [&](size_t owner) {
    return a.store().write(edit("upsert", "repositories", R"(["r"])",
                                R"({"owner":")" + std::string(owner, 'o') + "\"}"));
  };
  CHECK(succeeded(branch(limits::key_bytes_max, limits::key_bytes_max)));
  CHECK(code_of(branch(limits::key_bytes_max + 1, 1)) == ErrorCode::ValueTooLong);
  CHECK(succeeded(analysis(200)));
  CHECK(code_of(analysis(201)) == ErrorCode::ValueTooLong);
  CHECK(succeeded(repository(limits::indexed_bytes_max)));
  CHECK(code_of(repository(limits::indexed_bytes_max + 1)) == ErrorCode::ValueTooLong);
}
