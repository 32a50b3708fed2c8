// Backup, restore, verify and export, by the program itself: beside a server under load, after a
// kill, and against what must not be taken for a backup.
#include "backup/backup.h"

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/stat.h>

#include <atomic>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "native_world.h"
#include "server_process.h"
#include "storage/sqlite.h"
#include "twinstore/sqlite_storage.h"

using namespace twinstore;
using namespace twinstore::test;

namespace {

constexpr std::string_view shared_key = "shared";

std::string url_of(const std::string& path) { return "sqlite:///" + path; }

ProcessResult back_up(const std::string& path, const std::string& file) {
  return run_twinstore({"backup", file, "--db", url_of(path)});
}

// Writes to its own counter and to one that all share, and sends each write by itself.
struct Writer {
  Device device;
  std::string key;
  int64_t written = 0;

  explicit Writer(int number)
      : device(static_cast<uint64_t>(number) + 500), key("own-" + std::to_string(number)) {}

  // False when the server is gone.
  bool write_and_push(HttpClient& http) {
    device.write(increment(key));
    device.write(increment(shared_key));
    ++written;
    while (device.exchange(http)) {
    }
    return !device.is_lost();
  }
};

struct Fleet {
  std::vector<std::unique_ptr<Writer>> writers;

  explicit Fleet(int count, uint16_t port) {
    for (int i = 0; i < count; ++i) writers.push_back(std::make_unique<Writer>(i));
    HttpClient http(port);
    writers[0]->device.write(insert_counter(shared_key));
    for (auto& writer : writers) {
      writer->device.write(insert_counter(writer->key));
      writer->device.sync(http);
    }
    for (auto& writer : writers) writer->device.sync(http);
  }
  [[nodiscard]] int64_t written() const {
    int64_t sum = 0;
    for (const auto& writer : writers) sum += writer->written;
    return sum;
  }
  void sync(uint16_t port) {
    HttpClient http(port);
    for (int round = 0; round < 2; ++round) {
      for (auto& writer : writers) writer->device.sync(http);
    }
  }
};

// Everything that a database holds, in an order of its own.
std::string content_of(const std::string& path) {
  const auto schema = shipped_schema();
  REQUIRE(schema.ok());
  auto storage =
      SqliteStorage::open(*schema.value(), {.path = path, .vfs = {}, .is_read_only = true});
  REQUIRE(storage.ok());
  std::string out;
  REQUIRE(storage.value()
              ->changes(all_scopes, 0,
                        [&](const Collection& collection, RowVersion&& row) {
                          out += encode_row(*schema.value(), {collection.position, row}) + "\n";
                          return true;
                        })
              .ok());
  const auto spaces = storage.value()->spaces();
  REQUIRE(spaces.ok());
  for (const std::string& space : spaces.value()) {
    REQUIRE(storage.value()
                ->scan(space, "", "",
                       [&](std::string_view key, std::string_view value) {
                         out += space + "|" + std::string(key) + "|" + std::string(value) + "\n";
                         return true;
                       })
                .ok());
  }
  return out;
}

}  // namespace

TEST_CASE("a backup beside pushes is whole; after kill -9 and restore every write is there once") {
  const TempFolder folder;
  const std::string path = (folder.path() / "live.db").string();
  const std::string file = (folder.path() / "backup.db").string();
  constexpr int backup_at = 40;  // writes of the first device
  constexpr int kill_at = 90;
  std::unique_ptr<Fleet> fleet;
  {
    ServerProcess server(path);
    REQUIRE(server.port() != 0);
    fleet = std::make_unique<Fleet>(4, server.port());
    std::vector<std::thread> threads;
    for (auto& writer : fleet->writers) {
      threads.emplace_back([&server, &writer] {
        HttpClient http(server.port());
        while (writer->write_and_push(http)) {
        }
      });
    }
    std::thread operator_thread([&] {
      HttpClient http(server.port());
      Device watcher(77);
      const auto wait_for = [&](int64_t count) {
        do watcher.sync(http);
        while (counter_of(watcher.row("cache_entries", R"(["own-0"])")) < count);
      };
      wait_for(backup_at);
      const ProcessResult made = back_up(path, file);
      CHECK(made.exit_code == 0);
      CHECK(made.out.find("is whole") != std::string::npos);
      wait_for(kill_at);
      server.signal(SIGKILL);
    });
    operator_thread.join();
    for (std::thread& thread : threads) thread.join();
  }
  CHECK(run_twinstore({"verify", "--db", url_of(file)}).exit_code == 0);
  CHECK(run_twinstore({"restore", file, "--db", url_of(path)}).exit_code == 1);  // it is there
  REQUIRE(run_twinstore({"restore", file, "--replace", "--db", url_of(path)}).exit_code == 0);

  const ServerProcess server(path);
  REQUIRE(server.port() != 0);
  fleet->sync(server.port());
  HttpClient http(server.port());
  Device reader(99);
  reader.sync(http);
  size_t replayed = 0;
  for (auto& writer : fleet->writers) {
    CHECK(writer->device.pending() == 0);
    CHECK(counter_of(reader.row("cache_entries", "[\"" + writer->key + "\"]")) == writer->written);
    CHECK(counter_of(writer->device.row("cache_entries", R"(["shared"])")) == fleet->written());
    replayed += writer->device.replica().status().restored.replayed;
  }
  CHECK(replayed > 0);
  MESSAGE(fleet->written() << " writes, " << replayed << " sent again after the restore");
}

TEST_CASE("an earlier backup is brought forward, and is then what a full one is") {
  const TempFolder folder;
  const std::string path = (folder.path() / "live.db").string();
  const std::string file = (folder.path() / "backup.db").string();
  const std::string whole = (folder.path() / "whole.db").string();
  ServerProcess server(path);
  REQUIRE(server.port() != 0);
  Fleet fleet(3, server.port());
  CHECK(back_up(path, file).exit_code == 0);
  HttpClient http(server.port());
  for (auto& writer : fleet.writers) CHECK(writer->write_and_push(http));
  fleet.writers[1]->device.write(edit("delete", "cache_entries", R"(["own-1"])", ""));
  fleet.writers[1]->device.sync(http);
  const ProcessResult forward = back_up(path, file);
  CHECK(forward.exit_code == 0);
  CHECK(forward.out.starts_with("brought forward by 4 rows"));
  CHECK(back_up(path, whole).out.starts_with("backed up "));
  CHECK(content_of(file) == content_of(whole));
  const ProcessResult again = back_up(path, file);
  CHECK(again.out.starts_with("brought forward by 0 rows and 0 records"));
  struct stat about {};
  REQUIRE(::stat(file.c_str(), &about) == 0);
  CHECK((about.st_mode & 0777) == 0600);
  CHECK_FALSE(std::filesystem::exists(file + "-wal"));
  CHECK_FALSE(std::filesystem::exists(file + ".part"));
}

TEST_CASE("nothing but an earlier backup of the same database is overwritten") {
  const TempFolder folder;
  const std::string path = (folder.path() / "a.db").string();
  const std::string other = (folder.path() / "b.db").string();
  const std::string file = (folder.path() / "a.backup").string();
  folder.write("notes.txt", "not a database");
  const std::string notes = (folder.path() / "notes.txt").string();
  for (const std::string& each : {path, other}) {
    const ServerProcess server(each);
    REQUIRE(server.port() != 0);
  }
  CHECK(back_up(path, file).exit_code == 0);
  CHECK(back_up(path, notes).exit_code == 1);
  CHECK(back_up(path, other).exit_code == 1);
  CHECK(run_twinstore({"backup", other, "--full", "--db", url_of(path)}).exit_code == 1);
  CHECK(back_up(other, file).exit_code == 1);
  CHECK(run_twinstore({"backup", file, "--full", "--db", url_of(other)}).exit_code == 0);
  std::ifstream in(notes);
  CHECK(std::string(std::istreambuf_iterator<char>(in), {}) == "not a database");
}

TEST_CASE("a backup is not served, and a database that is served is not restored over") {
  const TempFolder folder;
  const std::string path = (folder.path() / "a.db").string();
  const std::string file = (folder.path() / "a.backup").string();
  const std::vector<std::string> restore{"restore", file, "--replace", "--db", url_of(path)};
  {
    const ServerProcess server(path);
    REQUIRE(server.port() != 0);
    CHECK(back_up(path, file).exit_code == 0);
    CHECK(run_twinstore(restore).exit_code == 1);
    const ServerProcess of_backup(file);
    CHECK(of_backup.port() == 0);
  }
  const ProcessResult restored = run_twinstore(restore);
  CHECK(restored.exit_code == 0);
  const size_t kept = restored.out.find("what was there is ");
  REQUIRE(kept != std::string::npos);
  CHECK(std::filesystem::exists(restored.out.substr(kept + 18, restored.out.size() - kept - 19)));
  CHECK(ServerProcess(path).port() != 0);
  CHECK(run_twinstore({"restore", "--in-place", "--db", url_of(file)}).exit_code == 0);
  CHECK(ServerProcess(file).port() != 0);
  CHECK(run_twinstore({"restore", "--db", url_of(path)}).exit_code == 78);
  CHECK(run_twinstore({"restore", "/no/such", "--db", url_of(path)}).exit_code == 1);
}

TEST_CASE("verify names what is wrong with a database, and nothing of it is restored") {
  const TempFolder folder;
  const std::string path = (folder.path() / "a.db").string();
  const std::string file = (folder.path() / "a.backup").string();
  {
    const ServerProcess server(path);
    REQUIRE(server.port() != 0);
    const Fleet fleet(3, server.port());
    CHECK(back_up(path, file).exit_code == 0);
  }
  struct Damage {
    std::string_view sql;
    std::string_view told;
  };
  const std::vector<Damage> damages{
      {"UPDATE cache_entries SET hit_count = 77 WHERE cache_key = 'own-1'", "digest"},
      {"UPDATE cache_entries SET _rev = 99 WHERE cache_key = 'own-1'", "after the head"},
      {"UPDATE cache_entries SET size_bytes = 'much' WHERE cache_key = 'own-1'", "may not"},
      {"DELETE FROM cache_entries", "a digest and no rows"},
      {"DELETE FROM _records WHERE space = 'client'", ""},
      {"UPDATE _records SET value = '0' WHERE space = 'client'", "outcomes after"},
  };
  const auto schema = shipped_schema();
  REQUIRE(schema.ok());
  DatabaseLocation location;
  location.path = (folder.path() / "damaged.db").string();
  for (const Damage& damage : damages) {
    CAPTURE(damage.sql);
    std::filesystem::copy_file(file, location.path,
                               std::filesystem::copy_options::overwrite_existing);
    {
      auto database = Database::open(location.path, "", false);
      REQUIRE(database.ok());
      REQUIRE(database.value().run(damage.sql).ok());
    }
    const auto found = verify_database(*schema.value(), location);
    REQUIRE(found.ok());
    CHECK(found.value().is_whole() == damage.told.empty());
    std::string told;
    for (const std::string& problem : found.value().problems) told += problem + "\n";
    CHECK(told.find(damage.told) != std::string::npos);
    if (damage.told.empty()) continue;
    CHECK(run_twinstore({"verify", "--db", url_of(location.path)}).exit_code == 1);
    CHECK(run_twinstore({"restore", location.path, "--replace", "--db", url_of(path)}).exit_code ==
          1);
  }
  CHECK(run_twinstore({"verify", "--db", url_of(path)}).exit_code == 0);
}

TEST_CASE("a file whose pages are damaged is found by SQLite's own check") {
  const TempFolder folder;
  const std::string path = (folder.path() / "a.db").string();
  const std::string file = (folder.path() / "a.backup").string();
  {
    const ServerProcess server(path);
    REQUIRE(server.port() != 0);
    Fleet fleet(2, server.port());
    CHECK(back_up(path, file).exit_code == 0);
  }
  {
    // The last bytes of a B-tree page hold its cells.
    std::fstream damaged(file, std::ios::binary | std::ios::in | std::ios::out);
    const auto size = static_cast<std::streamoff>(std::filesystem::file_size(file));
    for (std::streamoff at = 4096; at < size; at += 4096) {
      damaged.seekp(at);
      damaged.write("\xff\xff\xff\xff\xff\xff\xff\xff", 8);
    }
  }
  CHECK(run_twinstore({"verify", "--db", url_of(file)}).exit_code == 1);
  CHECK(run_twinstore({"restore", file, "--replace", "--db", url_of(path)}).exit_code == 1);
  CHECK(run_twinstore({"verify", "--db", url_of(path)}).exit_code == 0);
}

TEST_CASE("what is exported can be imported, and is then the same") {
  const TempFolder folder;
  folder.write(
      "in/repositories.jsonl",
      R"({"repo_id":"a/b","name":"b","topics":["x","y"],"created_at":"2024-03-26T17:25:26Z"})");
  folder.write("in/branches.jsonl", R"({"repo_id":"a/b","name":"é/\"1\"","ahead":3,"tags":[]})");
  folder.write(
      "in/analyses.jsonl",
      R"({"repo_id":"a/b","branch_name":"é/\"1\"","commit_sha":"c0","metrics":{"a":[1.5,null]},)"
      R"("analysis_timestamp":"2024-03-26T17:25:26.123Z"})");
  const auto exported = [&](const std::string& name, const std::string& from) {
    const std::string path = (folder.path() / (name + ".db")).string();
    const std::string out = (folder.path() / name).string();
    CHECK(run_twinstore({"import", "jsonl", from, "--db", url_of(path)}).exit_code == 0);
    const ProcessResult result = run_twinstore({"export", "jsonl", out, "--db", url_of(path)});
    CHECK(result.out.starts_with("exported 3 rows"));
    std::string text;
    for (const char* file : {"repositories", "branches", "analyses"}) {
      std::ifstream in(out + "/" + file + ".jsonl", std::ios::binary);
      text.append(std::istreambuf_iterator<char>(in), {});
    }
    return text;
  };
  const std::string first = exported("first", (folder.path() / "in").string());
  CHECK(first.find(R"("topics":["x","y"])") != std::string::npos);
  CHECK(first.find(R"("metrics":{"a":[1.5,null]})") != std::string::npos);
  CHECK(exported("second", (folder.path() / "first").string()) == first);
}

TEST_CASE("stats say what a database holds") {
  const TempFolder folder;
  const std::string path = (folder.path() / "a.db").string();
  const ServerProcess server(path);
  REQUIRE(server.port() != 0);
  const Fleet fleet(3, server.port());
  const ProcessResult result = run_twinstore({"stats", "--db", url_of(path)});
  CHECK(result.exit_code == 0);
  const auto json = nlohmann::json::parse(result.out, nullptr, false);
  REQUIRE(json.is_object());
  CHECK(json["engine"] == "sqlite");
  CHECK(json["rows"]["cache_entries"] == 4);
  CHECK(json["records"]["client"] == 3);
  CHECK(json["sync"]["applied"] == 4);
  CHECK(json["bytes"].get<int64_t>() > 4096);
}
