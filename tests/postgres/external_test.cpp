// What other programs write straight into the tables: captured by triggers as changes like any
// other, in the same order, and on their way to every client.
#include <atomic>
#include <thread>

#include "../storage/suite_world.h"
#include "base/log.h"
#include "cluster.h"
#include "native_world.h"
#include "node.h"
#include "sync/digest.h"

namespace twinstore::test {
namespace {

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

// A server with a client that is live on it, and a prompt.
struct Prompt {
  std::string url = Cluster::shared().create_database();
  std::unique_ptr<Server> server;
  std::unique_ptr<HttpClient> http;
  Device device{1};

  Prompt() {
    set_log_level(LogLevel::Off);
    ServerOptions options;
    options.database = parse_database_url(url).value();
    auto started = Server::start(options);
    TWINSTORE_CHECK(started.ok());
    server = std::move(started).value();
    http = std::make_unique<HttpClient>(server->port());
    sync();
  }
  void sync() {
    device.sync(*http);
    CHECK(device.pending() == 0);
    CHECK(device.replica().status().mismatches == 0);
  }
  // Empty when it was done.
  [[nodiscard]] std::string run(const std::string& sql) const { return psql(url, sql); }
  std::string branch(const std::string& name) {
    sync();
    return device.row("branches", R"(["r",")" + name + "\"]");
  }
};

std::string digest_of_rows(Storage& storage, std::string_view scope) {
  Digest sum = 0;
  const auto read = storage.changes(scope, 0, [&](const Collection& of, RowVersion&& row) {
    sum += row_digest(of, row);
    return true;
  });
  TWINSTORE_CHECK(read.ok());
  return digest_text(sum);
}

}  // namespace

TEST_CASE("external: rows that psql inserts, updates and deletes reach a browser as such") {
  Prompt prompt;
  CHECK(prompt
            .run("INSERT INTO branches (repo_id, name, tags, last_commit_at, is_default)"
                 " VALUES ('r', 'main', '[\"b\", \"a\", \"b\"]', '2026-01-02 03:04:05.6789+01',"
                 " true), ('r', 'other', DEFAULT, NULL, NULL)")
            .empty());
  const std::string inserted = prompt.branch("main");
  CHECK(contains(inserted, R"("tags":["a","b"])"));
  CHECK(contains(inserted, R"("last_commit_at":"2026-01-02T02:04:05.678Z")"));
  CHECK(contains(inserted, R"("is_default":true)"));
  CHECK(contains(prompt.branch("other"), R"("tags":[])"));
  CHECK(prompt.run("UPDATE branches SET ahead = 3 WHERE name = 'main'").empty());
  CHECK(contains(prompt.branch("main"), R"("ahead":3)"));
  CHECK(prompt.run("DELETE FROM branches WHERE name = 'other'").empty());
  CHECK(prompt.branch("other") == "null");
  CHECK(prompt.run("SELECT count(*) FROM _tombstones WHERE collection = 'branches'") == "1");
  CHECK(
      prompt.run("INSERT INTO branches (repo_id, name, behind) VALUES ('r', 'other', 7)").empty());
  CHECK(contains(prompt.branch("other"), R"("behind":7)"));
  CHECK(prompt.run("SELECT count(*) FROM _tombstones") == "0");
  CHECK(prompt.run("SELECT value FROM _records WHERE space = 'external_client'") ==
        "postgresql/postgres");
  CHECK(prompt.run("SELECT count(*) FROM branches, _records WHERE space = 'external_client'"
                   " AND right(_hlc, 16) = key") == "2");
}

TEST_CASE(
    "external: an update stamps what it changes, and an edit made before it loses there alone") {
  Prompt prompt;
  prompt.device.write(
      edit("insert", "branches", R"(["r","main"])", R"({"ahead":1,"behind":1,"commit_sha":"a"})"));
  prompt.sync();
  // Written on the device, and not yet sent, when somebody writes at the prompt.
  prompt.device.write(edit("update", "branches", R"(["r","main"])", R"({"ahead":2,"behind":2})"));
  CHECK(prompt.run("UPDATE branches SET ahead = 9, commit_sha = 'b'").empty());
  CHECK(prompt.run("UPDATE branches SET ahead = 9").empty());  // changes nothing
  CHECK(prompt.run("SELECT _rev FROM branches") == "2");
  const std::string row = prompt.branch("main");
  CHECK_MESSAGE(contains(row, R"("ahead":9)"), row);
  CHECK_MESSAGE(contains(row, R"("behind":2)"), row);
  CHECK(contains(row, R"("commit_sha":"b")"));
  const std::string stamps = prompt.run("SELECT _stamps FROM branches");
  // commit_sha is one value with the commit's time and message.
  for (const char* field : {"ahead=", "commit_sha=", "last_commit_at=", "last_commit_message="}) {
    CHECK_MESSAGE(contains(stamps, field), stamps);
  }
}

TEST_CASE(
    "external: an upsert at the prompt is an insert or an update, and a refused one nothing") {
  Prompt prompt;
  const std::string upsert =
      "INSERT INTO branches (repo_id, name, ahead) VALUES ('r', 'main', 1)"
      " ON CONFLICT (_workspace, repo_id, name) DO ";
  CHECK(prompt.run(upsert + "UPDATE SET ahead = branches.ahead + 10").empty());
  CHECK(contains(prompt.branch("main"), R"("ahead":1,)"));
  CHECK(prompt.run(upsert + "UPDATE SET ahead = branches.ahead + 10").empty());
  CHECK(contains(prompt.branch("main"), R"("ahead":11,)"));
  CHECK(prompt.run(upsert + "NOTHING").empty());
  CHECK(prompt.run("SELECT value FROM _records WHERE space = 'authority' AND key = 'head'") == "2");
  CHECK(prompt
            .run("INSERT INTO branches (repo_id, name) SELECT 'r', 'many-' || n FROM"
                 " generate_series(1, 300) AS n")
            .empty());
  CHECK(prompt.branch("many-300") != "null");
  CHECK(prompt.run("WITH gone AS (DELETE FROM branches WHERE name LIKE 'many-%' RETURNING 1)"
                   " SELECT count(*) FROM gone") == "300");
  CHECK(prompt.branch("many-300") == "null");
}

TEST_CASE("external: what Twinstore would not accept is refused, and changes nothing") {
  Prompt prompt;
  CHECK(prompt.run("INSERT INTO branches (repo_id, name) VALUES ('r', 'main')").empty());
  CHECK(prompt
            .run("INSERT INTO historical_metrics (id, repo_id, branch_name, commit_sha,"
                 " metric_name, metric_value, recorded_at) VALUES"
                 " ('m', 'r', 'main', 'a', 'files', 3, now())")
            .empty());
  struct Row {
    const char* sql;
    const char* says;
  };
  const Row rows[] = {
      {"UPDATE branches SET name = 'other'", "key never changes"},
      {"UPDATE branches SET tags = '{}'", "a set is an array"},
      {"UPDATE branches SET tags = 'x'", "json"},
      {"UPDATE branches SET ahead = 9007199254740992", "beyond 2^53-1"},
      {"UPDATE branches SET last_commit_at = 'infinity'", "years 1 to 9999"},
      {"UPDATE branches SET commit_sha = repeat('x', 1048577)", "longer than 1048576 bytes"},
      {"UPDATE branches SET _workspace = 'other'", "workspace"},
      {"INSERT INTO branches (_workspace, repo_id, name) VALUES ('acme', 'r', 'b')",
       "SET twinstore.workspace = 'acme'"},
      {"INSERT INTO branches (repo_id, name) VALUES ('r', repeat('n', 1025))", "1024 bytes"},
      {"INSERT INTO branches (repo_id) VALUES ('r')", "null value"},
      {"INSERT INTO branches (repo_id, name) VALUES ('r', 'main')", "duplicate key"},
      {"INSERT INTO analyses (repo_id, branch_name, commit_sha) VALUES ('r', 'b', 'c')",
       "analysis_timestamp is required"},
      {"INSERT INTO analyses (repo_id, branch_name, commit_sha, analysis_timestamp) VALUES"
       " (repeat('r', 1000), repeat('b', 1000), repeat('c', 49), now())",
       "at most 2048 bytes"},
      {"UPDATE historical_metrics SET metric_value = 'NaN'", "not finite"},
      {"UPDATE historical_metrics SET metric_value = 4", "append-only"},
      {"TRUNCATE branches", "Twinstore's own"},
      {"INSERT INTO _conflicts (id) VALUES ('c')", "Twinstore's own"},
      {"DELETE FROM _conflicts", "Twinstore's own"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.sql);
    const std::string answer = prompt.run(row.sql);
    CHECK_MESSAGE(answer.starts_with("ERROR"), answer);
    CHECK_MESSAGE(contains(answer, row.says), answer);
  }
  CHECK(prompt.run("SELECT value FROM _records WHERE space = 'authority' AND key = 'head'") == "2");
  prompt.sync();
}

TEST_CASE("external: another workspace is written by a session that names it") {
  Prompt prompt;
  CHECK(prompt
            .run("SET twinstore.workspace = 'acme';"
                 "INSERT INTO branches (repo_id, name) VALUES ('r', 'theirs')")
            .empty());
  CHECK(prompt.branch("theirs") == "null");
  CHECK(prompt.run("SELECT value FROM _records WHERE _workspace = 'acme' AND key = 'head'") == "1");
}

TEST_CASE("external: a live client hears of what psql writes without asking") {
  Prompt prompt;
  const auto live = go_live(prompt.server->port(), prompt.device);
  CHECK(prompt
            .run("INSERT INTO cache_entries (cache_key, repo_id, hit_count) VALUES"
                 " ('k', 'r', 5)")
            .empty());
  while (counter_of(prompt.device.row("cache_entries", R"(["k"])")) != 5) {
    const auto frame = live->read();
    REQUIRE(frame.has_value());
    REQUIRE(succeeded(prompt.device.replica().receive(frame->payload)));
  }
}

TEST_CASE("external: prompts and pushes at once: one order, no rev twice, digests right") {
  const auto schema = shipped_schema();
  const std::string url = Cluster::shared().create_database();
  constexpr int pushers = 3;
  constexpr int prompts = 3;
  constexpr int writes = 40;
  std::vector<std::unique_ptr<Node>> nodes;
  for (int i = 0; i < pushers; ++i) {
    nodes.push_back(std::make_unique<Node>(*schema.value(), url, static_cast<uint64_t>(i) + 1));
  }
  std::atomic<int> working = pushers + prompts;
  std::vector<std::thread> threads;
  for (auto& node : nodes) {
    threads.emplace_back([&] {
      for (int i = 0; i < writes; ++i) TWINSTORE_CHECK(node->add(2).ok());
      --working;
    });
  }
  for (int number = 0; number < prompts; ++number) {
    threads.emplace_back([&, number] {
      const std::string mine = "'p" + std::to_string(number) + "-";
      for (int i = 0; i < writes; ++i) {
        const std::string key = mine + std::to_string(i) + "'";
        CHECK(psql(url, "INSERT INTO cache_entries (cache_key, repo_id) VALUES (" + key +
                            ", 'repo'); UPDATE cache_entries SET hit_count = hit_count + 1 WHERE"
                            " cache_key = " +
                            key)
                  .empty());
        if (i % 4 == 0) {
          CHECK(psql(url, "DELETE FROM cache_entries WHERE cache_key = " + key).empty());
        }
      }
      --working;
    });
  }
  const auto reader = open_postgres(*schema.value(), postgres_options(url, true));
  std::map<std::string, Rev> seen;  // the newest rev of each row, as a follower comes to hold it
  Rev cursor = 0;
  for (bool is_last = false;;) {
    const bool was_working = working > 0;
    CHECK(succeeded(reader->changes(all_scopes, cursor, [&](const Collection&, RowVersion&& row) {
      CHECK(row.rev > cursor);
      cursor = row.rev;
      seen[std::get<std::string>(row.values[0])] = row.rev;
      return true;
    })));
    if (is_last) break;
    is_last = !was_working;
  }
  for (std::thread& thread : threads) thread.join();
  const int deleted = prompts * writes / 4;
  CHECK(cursor == 2 * pushers * writes + 2 * prompts * writes + deleted);
  CHECK(seen.size() == static_cast<size_t>(2 * pushers * writes + prompts * writes));
  std::map<std::string, Rev> stored;
  CHECK(succeeded(reader->changes(all_scopes, 0, [&](const Collection&, RowVersion&& row) {
    stored[std::get<std::string>(row.values[0])] = row.rev;
    return true;
  })));
  CHECK(stored == seen);
  CHECK(reader->get("digest", all_scopes).value() == digest_of_rows(*reader, all_scopes));
  CHECK(reader->get("digest", "repo").value() == digest_of_rows(*reader, "repo"));
}

}  // namespace twinstore::test
