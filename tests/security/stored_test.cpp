// What lies on the disk, and what a hostile statement or file could do with it.
#include <doctest/doctest.h>
#include <sys/stat.h>

#include <fstream>

#include "auth_server.h"
#include "server_process.h"
#include "storage/sqlite.h"

using namespace twinstore;
using namespace twinstore::test;

namespace {

namespace fs = std::filesystem;

int setting(sqlite3* database, int which) {
  int value = -1;
  TWINSTORE_CHECK(sqlite3_db_config(database, which, -1, &value) == SQLITE_OK);
  return value;
}

std::string limits_of(pid_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/limits");
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("stored: every connection to SQLite is defensive, and says so when it is asked") {
  const TempFolder folder;
  const std::string path = (folder.path() / "x.db").string();
  CHECK(Database::open(path, "", false).value().run("CREATE TABLE t (x)").ok());
  for (const bool is_read_only : {false, true}) {
    CAPTURE(is_read_only);
    const Database database = Database::open(path, "", is_read_only).value();
    sqlite3* const handle = database.handle();
    CHECK(setting(handle, SQLITE_DBCONFIG_DEFENSIVE) == 1);
    CHECK(setting(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA) == 0);
    CHECK(setting(handle, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION) == 0);
    CHECK(setting(handle, SQLITE_DBCONFIG_WRITABLE_SCHEMA) == 0);
    CHECK(sqlite3_limit(handle, SQLITE_LIMIT_ATTACHED, -1) == 0);
    CHECK(sqlite3_limit(handle, SQLITE_LIMIT_SQL_LENGTH, -1) == int{limits::sql_bytes_max});
    CHECK(sqlite3_limit(handle, SQLITE_LIMIT_VARIABLE_NUMBER, -1) ==
          int{limits::sql_parameters_max});
  }
}

TEST_CASE("stored: what a defensive connection refuses") {
  const TempFolder folder;
  Database database = Database::open((folder.path() / "x.db").string(), "", false).value();
  CHECK(database.run("CREATE TABLE t (x)").ok());
  CHECK_FALSE(database.run("ATTACH '" + (folder.path() / "y.db").string() + "' AS y").ok());
  CHECK_FALSE(database.run("SELECT load_extension('x')").ok());
  (void)database.run("PRAGMA writable_schema = ON");
  CHECK_FALSE(database.run("UPDATE sqlite_schema SET sql = 'x'").ok());
  CHECK_FALSE(database.run("DELETE FROM sqlite_schema").ok());
  CHECK(database.single_text("SELECT count(*) FROM t").ok());
  CHECK_FALSE(fs::exists(folder.path() / "y.db"));
}

TEST_CASE("stored: files of the database, its workspaces and its tokens are their owner's alone") {
  const TempFolder folder;
  TokenFolder tokens;
  const std::string token = tokens.add(principal_of("ada", Role::Writer, "*", "acme"));
  const mode_t before = ::umask(0);
  {
    ServerOptions options;
    options.database.path = (folder.path() / "x.db").string();
    options.auth.token_file = tokens.path();
    const auto server = Server::start(options);
    REQUIRE(succeeded(server));
    HttpClient http(server.value()->port());
    CHECK(http.ask("GET", "/persistence/stats", bearer(token))->status == 200);
    int files = 0;
    for (const auto& entry : fs::recursive_directory_iterator(folder.path())) {
      CAPTURE(entry.path().string());
      struct stat found {};
      CHECK(::stat(entry.path().c_str(), &found) == 0);
      CHECK((found.st_mode & 0777u) == (entry.is_directory() ? 0700u : 0600u));
      ++files;
    }
    CHECK(files >= 9);  // database, WAL, index of the WAL and lock, twice, and a folder
  }
  ::umask(before);
}

TEST_CASE("stored: a crash of the server leaves no copy of its memory") {
  const TempFolder folder;
  const ServerProcess server((folder.path() / "x.db").string());
  const std::string bounds = limits_of(server.process());
  const size_t line = bounds.find("Max core file size");
  REQUIRE(line != std::string::npos);
  CHECK(bounds.substr(line + 18, 50).find_first_not_of(' ') ==
        bounds.substr(line + 18, 50).find('0'));
}

TEST_CASE(
    "stored: a file that is no database, or a damaged one, stops the server with a sentence") {
  const TempFolder folder;
  folder.write("bad.db", std::string(5000, 'x'));
  CHECK(run_twinstore({"serve", "--listen", "127.0.0.1:0", "--db",
                       "sqlite:///" + (folder.path() / "bad.db").string()})
            .exit_code == 1);
}
