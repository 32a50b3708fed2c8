// Backups of a PostgreSQL database, which are files like those of SQLite, and its own recovery to
// a point in time: what docs/operations.md tells an operator to do, done.
#include "backup/backup.h"

#include "cluster.h"
#include "native_world.h"
#include "server_process.h"

namespace twinstore::test {
namespace {

std::string file_url(const std::filesystem::path& path) { return "sqlite:///" + path.string(); }

std::string in_workspace(const std::string& url, const std::string& name) {
  return url + "&workspace=" + name;
}

int64_t server_counter(Device& reader, HttpClient& http) {
  reader.sync(http);
  return counter_of(reader.row("cache_entries", R"(["k"])"));
}

}  // namespace

TEST_CASE("backup: from PostgreSQL into a file, and from there into either engine, all the same") {
  const std::string url = Cluster::shared().create_database();
  const TempFolder folder;
  const auto file = folder.path() / "backup.db";
  Device device(1);
  {
    const ServerProcess server(url);
    REQUIRE(server.port() != 0);
    HttpClient http(server.port());
    device.write(insert_counter("k"));
    device.write(insert_counter("gone"));
    device.sync(http);
    device.write(edit("delete", "cache_entries", R"(["gone"])", ""));
    device.sync(http);
    const ProcessResult made = run_twinstore({"backup", file.string(), "--db", url});
    CHECK(made.exit_code == 0);
    CHECK(made.out.find("is whole: 1 row in 1 scope, 1 deletion, 1 client") != std::string::npos);
    // Confirmed after the backup: lost by the restore, and sent again.
    for (int i = 0; i < 3; ++i) {
      device.write(increment("k"));
      device.sync(http);
    }
    CHECK(run_twinstore({"verify", "--db", url}).exit_code == 0);
    const ProcessResult forward =
        run_twinstore({"backup", (folder.path() / "second.db").string(), "--db", url});
    CHECK(forward.exit_code == 0);
  }
  CHECK(run_twinstore({"restore", file.string(), "--db", url}).exit_code == 1);  // not empty
  const std::string other = in_workspace(url, "restored");
  const auto sqlite = folder.path() / "restored.db";
  for (const std::string& target : {other, file_url(sqlite)}) {
    CAPTURE(target);
    CHECK(run_twinstore({"restore", file.string(), "--db", target}).exit_code == 0);
    CHECK(run_twinstore({"verify", "--db", target}).exit_code == 0);
    const ServerProcess server(target);
    REQUIRE(server.port() != 0);
    HttpClient http(server.port());
    device.sync(http);
    CHECK(device.pending() == 0);
    Device reader(2);
    CHECK(server_counter(reader, http) == 3);
    CHECK(reader.row("cache_entries", R"(["gone"])") == "null");
  }
  CHECK(device.replica().status().restored.replayed == 6);
}

TEST_CASE("backup: of PostgreSQL is brought forward while it is written") {
  const std::string url = Cluster::shared().create_database();
  const TempFolder folder;
  const std::string file = (folder.path() / "backup.db").string();
  const ServerProcess server(url);
  REQUIRE(server.port() != 0);
  HttpClient http(server.port());
  Device device(1);
  device.write(insert_counter("k"));
  device.sync(http);
  CHECK(run_twinstore({"backup", file, "--db", url}).exit_code == 0);
  device.write(insert_counter("new"));
  device.write(edit("delete", "cache_entries", R"(["k"])", ""));
  device.sync(http);
  const ProcessResult forward = run_twinstore({"backup", file, "--db", url});
  CHECK(forward.out.starts_with("brought forward by 2 rows"));
  CHECK(forward.out.find("is whole: 1 row in 1 scope, 1 deletion") != std::string::npos);
}

TEST_CASE("backup: PostgreSQL recovered to a point in time begins an epoch, and clients converge") {
  const TempFolder folder;
  Cluster cluster({"archive_mode = on", "wal_level = replica"});
  const std::string url = cluster.create_database();
  Device device(1);
  {
    const ServerProcess server(url);
    REQUIRE(server.port() != 0);
    HttpClient http(server.port());
    device.write(insert_counter("k"));
    device.sync(http);
    cluster.archive_from_here();
    device.write(increment("k"));
    device.sync(http);
    CHECK(psql(url, "SELECT pg_create_restore_point('before') IS NOT NULL") == "t");
    device.write(increment("k"));
    device.sync(http);
    cluster.wait_until_archived(url);
  }
  cluster.recover_to("before");
  CHECK(psql(url, "SELECT hit_count FROM cache_entries") == "1");
  CHECK(run_twinstore({"restore", "--in-place", "--db", url}).exit_code == 0);
  const ServerProcess server(url);
  REQUIRE(server.port() != 0);
  HttpClient http(server.port());
  device.sync(http);
  CHECK(device.pending() == 0);
  CHECK(device.replica().status().restored.replayed == 1);
  Device reader(2);
  CHECK(server_counter(reader, http) == 2);
}

}  // namespace twinstore::test
