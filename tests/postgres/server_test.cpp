// The whole server over PostgreSQL: what it imports and serves is what it serves from SQLite, and
// nodes over one database are one server to their clients.
#include <cstdlib>
#include <regex>

#include "base/log.h"
#include "cluster.h"
#include "native_world.h"
#include "server_process.h"
#include "storage/row_text.h"
#include "workspace/importer.h"
#include "workspace/jsonl_import.h"

namespace twinstore::test {
namespace {

// Empty where the folder is absent, as in a clone without it.
std::string reference_folder() {
  const char* elsewhere = std::getenv("TWINSTORE_SHARED");
  const std::filesystem::path shared =
      elsewhere != nullptr ? elsewhere : TWINSTORE_SOURCE_DIR "/../shared";
  if (std::filesystem::exists(shared / "data/repos")) return (shared / "data/repos").string();
  MESSAGE("skipped: no reference rows under " << shared.string());
  return {};
}

DatabaseLocation location_of(const std::string& url) {
  auto location = parse_database_url(url);
  TWINSTORE_CHECK(location.ok());
  return std::move(location).value();
}

// Every row as it is stored, and every digest.
std::vector<std::string> contents(const Schema& schema, const std::string& url,
                                  const std::string& folder) {
  FakeClock clock;
  FakeIdSource ids(7);
  auto database = open_database(schema, location_of(url), clock, ids);
  TWINSTORE_CHECK(database.ok());
  Importer importer(database.value(), "jsonl");
  JsonlProgress progress{[](std::string_view, int64_t, int64_t) {}, [](std::string_view) {}};
  CHECK(succeeded(import_jsonl(folder, importer, progress)));
  std::vector<std::string> out;
  Storage& storage = *database.value().storage;
  CHECK(succeeded(storage.changes(all_scopes, 0, [&](const Collection& of, RowVersion&& row) {
    out.push_back(of.name + " " + std::to_string(row.rev) + " " + row.hlc.text() + " " +
                  stamps_text(of, row) + " " + image_text(of, row.values));
    return true;
  })));
  CHECK(succeeded(storage.scan("digest", "", "", [&](std::string_view key, std::string_view value) {
    out.push_back(std::string(key) + " " + std::string(value));
    return true;
  })));
  out.push_back(importer.counts().text());
  return out;
}

ServerOptions options_of(const std::string& url) {
  ServerOptions options;
  options.database = location_of(url);
  return options;
}

// The reference rows in the database, by a clock and ids that are the same each time.
void import_reference(const std::string& url, const std::string& folder) {
  const auto schema = shipped_schema();
  TWINSTORE_CHECK(schema.ok());
  FakeClock clock;
  FakeIdSource ids(7);
  auto database = open_database(*schema.value(), location_of(url), clock, ids);
  TWINSTORE_CHECK(database.ok());
  Importer importer(database.value(), "jsonl");
  JsonlProgress progress{[](std::string_view, int64_t, int64_t) {}, [](std::string_view) {}};
  CHECK(succeeded(import_jsonl(folder, importer, progress)));
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    char code[4];
    std::snprintf(code, sizeof code, "%%%02X", static_cast<unsigned char>(c));
    out += code;
  }
  return out;
}

// Every answer about a repository, page by page: target and body.
void ask_about(HttpClient& http, const std::string& repo_id, std::vector<std::string>& answers) {
  const auto ask = [&](const std::string& target) {
    const auto answer = http.ask("GET", target);
    REQUIRE(answer.has_value());
    answers.push_back(target + " " + std::to_string(answer->status) + " " + answer->body);
    return nlohmann::json::parse(answer->body, nullptr, false);
  };
  const std::string repo = escaped(repo_id);
  ask("/persistence/repository/" + repo);
  ask("/refresh/stale-branches/" + repo);
  const auto branches = ask("/persistence/branches/" + repo);
  for (const auto& branch : branches["branches"]) {
    const std::string path = repo + "/" + escaped(branch["name"].get<std::string>());
    const auto latest = ask("/persistence/analysis/" + path);
    ask("/persistence/analysis-history/" + path + "?limit=3");
    if (latest.contains("commit_sha")) {
      ask("/persistence/analysis/" + path +
          "?commit_sha=" + latest["commit_sha"].get<std::string>());
    }
    std::string after;
    do {
      const auto page = ask("/persistence/metrics/" + path + "?limit=100" +
                            (after.empty() ? "" : "&after=" + escaped(after)));
      after = page.contains("next") && page["next"].is_string() ? page["next"].get<std::string>()
                                                                : std::string();
    } while (!after.empty());
  }
}

// A problem names the request that it answers, and freshness the time at which it was judged, and
// by it the age.
std::string without_what_is_new(const std::string& answer) {
  static const std::regex new_each_time(
      R"(,"request_id":"[^"]*"|"checked_at":"[^"]*",|"age_hours":[0-9.e+]+,)");
  return std::regex_replace(answer, new_each_time, "");
}

std::unique_ptr<Server> started(const std::string& url) {
  set_log_level(LogLevel::Off);
  auto server = Server::start(options_of(url));
  TWINSTORE_CHECK(server.ok());
  return std::move(server).value();
}

}  // namespace

TEST_CASE("server: the same import gives the same rows in PostgreSQL and SQLite, byte for byte") {
  const std::string folder = reference_folder();
  if (folder.empty()) return;
  const auto schema = shipped_schema();
  REQUIRE(succeeded(schema));
  const TempFolder files;
  const auto sqlite =
      contents(*schema.value(), "sqlite:///" + (files.path() / "x.db").string(), folder);
  const auto postgres = contents(*schema.value(), Cluster::shared().create_database(), folder);
  CHECK(sqlite.size() > 5'600);
  REQUIRE(sqlite.size() == postgres.size());
  size_t different = 0;
  for (size_t i = 0; i < sqlite.size(); ++i) different += sqlite[i] == postgres[i] ? 0 : 1;
  CHECK(different == 0);
  CHECK(sqlite.back() == postgres.back());
}

TEST_CASE("server: over REST the reference rows are the same on both databases, row for row") {
  const std::string folder = reference_folder();
  if (folder.empty()) return;
  const TempFolder files;
  const std::string sqlite_url = "sqlite:///" + (files.path() / "x.db").string();
  const std::string postgres_url = Cluster::shared().create_database();
  std::vector<std::vector<std::string>> answers;
  for (const std::string& url : {sqlite_url, postgres_url}) {
    import_reference(url, folder);
    const auto server = started(url);
    HttpClient http(server->port());
    std::vector<std::string>& of_one = answers.emplace_back();
    Device device(1);
    device.sync(http);
    CHECK(succeeded(device.store().storage().rows_of_scope(
        all_scopes, [&](const Collection& of, RowVersion&& row) {
          if (of.name == "repositories") {
            ask_about(http, std::get<std::string>(row.values.front()), of_one);
          }
          return true;
        })));
    const auto stats = http.ask("GET", "/persistence/stats");
    REQUIRE(stats.has_value());
    of_one.push_back(stats->body);
  }
  CHECK(answers[0].size() > 3'000);
  REQUIRE(answers[0].size() == answers[1].size());
  for (size_t i = 0; i < answers[0].size(); ++i) {
    CHECK(without_what_is_new(answers[0][i]) == without_what_is_new(answers[1][i]));
  }
}

TEST_CASE("server: import and serve take the URL, and a second import finds nothing new") {
  const TempFolder files;
  files.write("in/branches.jsonl", R"({"repo_id":"a/b","name":"main","tags":["x"]})");
  const std::string url = Cluster::shared().create_database();
  const std::vector<std::string> import{"import", "jsonl", (files.path() / "in").string(), "--db",
                                        url};
  CHECK(run_twinstore(import).out == "imported 1 branch: 1 new, 0 changed, 0 unchanged\n");
  const ServerProcess server(url);
  REQUIRE(server.port() != 0);
  // Unlike a file, the database takes an import while it is served.
  CHECK(run_twinstore(import).out == "imported 1 branch: 0 new, 0 changed, 1 unchanged\n");
  HttpClient http(server.port());
  Device device(1);
  device.sync(http);
  CHECK(device.row("branches", R"(["a/b","main"])").find(R"("tags":["x"])") != std::string::npos);
  device.write(edit("update", "branches", R"(["a/b","main"])", R"({"tags":["y"]})"));
  device.sync(http);
  CHECK(device.pending() == 0);
  CHECK(psql(url, "SELECT tags FROM branches WHERE repo_id = 'a/b'") == R"(["y"])");
}

TEST_CASE("server: a push at one node reaches a live client of another") {
  const std::string url = Cluster::shared().create_database();
  const auto one = started(url);
  const auto other = started(url);
  HttpClient to_one(one->port());
  HttpClient to_other(other->port());
  Device a(1);
  Device b(2);
  a.sync(to_one);
  b.sync(to_other);
  const auto live = go_live(other->port(), b);
  for (int i = 0; i < 20; ++i) {
    // The writer changes nodes, so that each has to meet what the other has committed.
    Device& writer = a;
    writer.write(i == 0 ? insert_counter("k") : increment("k"));
    CHECK(writer.exchange(i % 2 == 0 ? to_one : to_other));
    while (counter_of(b.row("cache_entries", R"(["k"])")) < i) {
      const auto frame = live->read();
      REQUIRE(frame.has_value());
      REQUIRE(succeeded(b.replica().receive(frame->payload)));
    }
    CHECK(counter_of(b.row("cache_entries", R"(["k"])")) == i);
  }
}

TEST_CASE("server: commits whose signal was lost are heard of after the reconnect") {
  const std::string url = Cluster::shared().create_database();
  const auto one = started(url);
  const auto other = started(url);
  HttpClient to_one(one->port());
  HttpClient to_other(other->port());
  Device a(1);
  Device b(2);
  b.sync(to_other);
  const auto live = go_live(other->port(), b);
  a.write(insert_counter("k"));
  a.sync(to_one);
  CHECK(psql(url,
             "SELECT count(pg_terminate_backend(pid)) > 1 FROM pg_stat_activity"
             " WHERE pid <> pg_backend_pid() AND datname = current_database()") == "t");
  a.write(increment("k"));
  a.sync(to_one);
  while (a.pending() > 0) a.sync(to_one);  // the node may have met the cut in its own transaction
  while (counter_of(b.row("cache_entries", R"(["k"])")) < 1) {
    const auto frame = live->read();
    REQUIRE(frame.has_value());
    REQUIRE(succeeded(b.replica().receive(frame->payload)));
    if (b.replica().status().mismatches > 0) break;
    b.sync(to_other);
  }
  CHECK(counter_of(b.row("cache_entries", R"(["k"])")) == 1);
}

}  // namespace twinstore::test
