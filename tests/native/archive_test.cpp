// Archiving over SQLite, from the command line, and which files a cleanup may touch.
#include "../services/archive_suite.h"
#include "server_process.h"

namespace twinstore::test {

TWINSTORE_ARCHIVE_SUITE(SqliteEngine);

TEST_CASE("cache files: only those below the folder are ever removed") {
  const TempFolder outside;
  const TempFolder folder;
  outside.write("precious", "x");
  folder.write("inner/a", "x");
  folder.write("b", "x");
  const std::string root = folder.path().string();
  std::filesystem::create_symlink(outside.path() / "precious", folder.path() / "link");
  std::filesystem::create_directory_symlink(outside.path(), folder.path() / "way");
  const CacheFiles files(root + "/");
  CHECK(files.remove(root + "/inner/a"));
  CHECK_FALSE(std::filesystem::exists(folder.path() / "inner/a"));
  CHECK(files.remove(root + "/inner/a"));  // gone already
  for (const std::string& path :
       {(outside.path() / "precious").string(), root + "/link", root + "/way/precious",
        root + "/../" + outside.path().filename().string() + "/precious", root, root + "/inner",
        std::string("b"), std::string("/"), std::string(), root + "/b\0c" + "x",
        root + "-other/b"}) {
    CAPTURE(path);
    const bool is_gone = files.remove(path);
    CHECK((!is_gone || path.starts_with(root + "/b")));
  }
  CHECK(std::filesystem::exists(outside.path() / "precious"));
  CHECK_FALSE(CacheFiles().remove(root + "/b"));
}

TEST_CASE("twinstore archive: old rows into files and back, with the server stopped") {
  const TempFolder folder;
  const std::string url = "sqlite:///" + (folder.path() / "a.db").string();
  const std::string archives = (folder.path() / "archives").string();
  const auto analysis = [](const std::string& number) {
    return R"({"repo_id":"o/r","branch_name":"m","commit_sha":")" + number +
           R"(","analysis_timestamp":"2020-01-0)" + number + "T00:00:00Z\"}\n";
  };
  folder.write("in/analyses.jsonl", analysis("1") + analysis("2"));
  CHECK(
      run_twinstore({"import", "jsonl", (folder.path() / "in").string(), "--db", url}).exit_code ==
      0);
  const ProcessResult created =
      run_twinstore({"archive", "create", "--dir", archives, "--db", url});
  CHECK(created.exit_code == 0);
  CHECK(created.out.starts_with("archived 1 analyses in 1 files of "));
  const ProcessResult back =
      run_twinstore({"archive", "bring-back", "--repo-id", "o/r", "--db", url});
  CHECK(back.exit_code == 0);
  CHECK(back.out.starts_with("brought back 1 analyses; 0 were there: " + archives));
  CHECK(run_twinstore({"archive", "bring-back", "--repo-id", "none", "--db", url}).out ==
        "there is no archive to bring back\n");
  CHECK(run_twinstore({"archive", "bring-back", "/none.gz", "--db", url}).exit_code == 1);
}

TEST_CASE("rest: cleanup takes the files of expired entries in the cache folder with it") {
  const TempFolder folder;
  const TempFolder outside;
  folder.write("cache/main/old", "x");
  outside.write("other", "x");
  ServerProcess server((folder.path() / "c.db").string(),
                       {"--cache-dir", (folder.path() / "cache").string()});
  REQUIRE(server.port() != 0);
  HttpClient http(server.port());
  const std::string json = "Content-Type: application/json\r\n";
  const auto put = [&](const std::string& key, const std::filesystem::path& path) {
    const std::string body = R"({"expires_at":"2020-01-01T00:00:00Z","path":")" + path.string() +
                             R"(","created_at":"2019-01-01T00:00:00Z"})";
    CHECK(http.ask("PUT", "/persistence/cache-entry/" + key, json, body)->status == 201);
  };
  put("in", folder.path() / "cache/main/old");
  put("out", outside.path() / "other");
  const auto cleaned = http.ask("POST", "/persistence/cleanup");
  REQUIRE(cleaned.has_value());
  CHECK(cleaned->body.find(R"("cache_entries":2)") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(folder.path() / "cache/main/old"));
  CHECK(std::filesystem::exists(outside.path() / "other"));
}

}  // namespace twinstore::test
