#include <doctest/doctest.h>

#include <fstream>

#include "native_world.h"
#include "workspace/importer.h"
#include "workspace/jsonl_import.h"

using namespace twinstore;
using namespace twinstore::test;

namespace {

struct ImportWorld {
  TempFolder folder;
  std::unique_ptr<Schema> schema;
  SystemClock clock;
  FakeIdSource ids{9};
  OpenDatabase database;
  std::vector<std::string> skipped;

  ImportWorld() {
    auto parsed = shipped_schema();
    TWINSTORE_CHECK(parsed.ok());
    schema = std::move(parsed).value();
    auto opened = open_database(*schema, {(folder.path() / "i.db").string()}, clock, ids);
    TWINSTORE_CHECK(opened.ok());
    database = std::move(opened).value();
  }
  Result<ImportCounts> run() {
    Importer importer(database, "jsonl");
    JsonlProgress progress;
    progress.advanced = [](std::string_view, int64_t, int64_t) {};
    progress.skipped = [this](std::string_view file) { skipped.emplace_back(file); };
    TWINSTORE_TRY_VOID(import_jsonl((folder.path() / "in").string(), importer, progress));
    return importer.counts();
  }
  Rev stored_head() {
    CHECK(succeeded(database.authority->reload()));
    return database.authority->head();
  }
  std::string text_of_run() {
    const auto counts = run();
    return succeeded(counts) ? counts.value().text() : std::string();
  }
};

constexpr std::string_view branch_line =
    R"({"repo_id":"a/b","name":"main","commit_sha":"1",)"
    R"("last_commit_at":"2024-03-26T17:25:26+01:00"})"
    "\n";
constexpr std::string_view metric_line =
    R"({"repo_id":"a/b","branch_name":"main","commit_sha":"1","metric_name":"files",)"
    R"("metric_value":3,"recorded_at":"2024-03-26T17:25:26+01:00"})"
    "\n";

}  // namespace

TEST_CASE("import: the same rows twice are new once and unchanged once") {
  ImportWorld world;
  world.folder.write("in/branches.jsonl", branch_line);
  world.folder.write("in/historical_metrics.jsonl", std::string(metric_line) + "\n");
  CHECK(world.text_of_run() ==
        "imported 1 branch, 1 historical metric: 2 new, 0 changed, 0 unchanged");
  CHECK(world.text_of_run() ==
        "imported 1 branch, 1 historical metric: 0 new, 0 changed, 2 unchanged");
  CHECK(world.skipped == std::vector<std::string>{"repositories.jsonl", "analyses.jsonl",
                                                  "repositories.jsonl", "analyses.jsonl"});
}

TEST_CASE("import: a changed row is counted as changed") {
  ImportWorld world;
  world.folder.write("in/branches.jsonl", branch_line);
  CHECK(world.run().ok());
  world.folder.write("in/branches.jsonl", R"({"repo_id":"a/b","name":"main","commit_sha":"2"})");
  CHECK(world.text_of_run() == "imported 1 branch: 0 new, 1 changed, 0 unchanged");
}

TEST_CASE("import: a malformed line is named by file and number, and its batch is not stored") {
  ImportWorld world;
  world.folder.write("in/branches.jsonl", std::string(branch_line) + "{\"repo_id\":}\n");
  const auto counts = world.run();
  CHECK(code_of(counts) == ErrorCode::InvalidJson);
  CHECK_MESSAGE(counts.error().message.find("branches.jsonl:2: ") != std::string::npos,
                counts.error().message);
  CHECK(world.stored_head() == 0);
  world.folder.write("in/branches.jsonl", branch_line);
  CHECK(world.text_of_run() == "imported 1 branch: 1 new, 0 changed, 0 unchanged");
}

TEST_CASE("import: errors of a row have their own codes") {
  struct Row {
    std::string_view line;
    ErrorCode code;
  };
  constexpr std::array rows{
      Row{"[]", ErrorCode::WrongType},
      Row{R"({"repo_id":"a","name":"b","nothing":1})", ErrorCode::UnknownField},
      Row{R"({"repo_id":"a","name":"b","ahead":"x"})", ErrorCode::WrongType},
      Row{R"({"repo_id":"a","repo_id":"b"})", ErrorCode::DuplicateKey},
  };
  for (const Row& row : rows) {
    CAPTURE(row.line);
    ImportWorld world;
    world.folder.write("in/branches.jsonl", row.line);
    CHECK(code_of(world.run()) == row.code);
    CHECK(world.stored_head() == 0);
  }
}

TEST_CASE("import: a folder without any of the files is an error") {
  ImportWorld world;
  CHECK(code_of(world.run()) == ErrorCode::NotFound);
  world.folder.write("in/readme.txt", "");
  CHECK(code_of(world.run()) == ErrorCode::NotFound);
}

TEST_CASE("import: more rows than a batch holds are all stored") {
  ImportWorld world;
  std::string lines;
  for (int i = 0; i < 2500; ++i) {
    lines += R"({"repo_id":"a/b","name":"branch-)" + std::to_string(i) + "\"}\n";
  }
  world.folder.write("in/branches.jsonl", lines);
  CHECK(world.text_of_run() == "imported 2500 branches: 2500 new, 0 changed, 0 unchanged");
  CHECK(world.database.authority->head() == 2500);
}

TEST_CASE("import: tags that a person set stay when the same data is imported again") {
  const TempFolder folder;
  folder.write("in/branches.jsonl", branch_line);
  ServerOptions options;
  options.database.path = (folder.path() / "x.db").string();
  const auto import = [&] {
    SystemClock clock;
    SystemIdSource ids;
    const auto schema = shipped_schema();
    auto database = open_database(*schema.value(), options.database, clock, ids);
    REQUIRE(succeeded(database));
    Importer importer(database.value(), "jsonl");
    JsonlProgress progress{[](std::string_view, int64_t, int64_t) {}, [](std::string_view) {}};
    CHECK(succeeded(import_jsonl((folder.path() / "in").string(), importer, progress)));
  };
  import();
  Device person(1);
  {
    auto server = Server::start(options);
    REQUIRE(succeeded(server));
    HttpClient http(server.value()->port());
    person.sync(http);
    person.write(edit("update", "branches", R"(["a/b","main"])", R"({"tags":["mine"]})"));
    person.sync(http);
  }
  import();
  auto server = Server::start(options);
  REQUIRE(succeeded(server));
  HttpClient http(server.value()->port());
  Device other(2);
  other.sync(http);
  const std::string row = other.row("branches", R"(["a/b","main"])");
  CHECK_MESSAGE(row.find(R"("tags":["mine"])") != std::string::npos, row);
}
