// Which schema a server keeps: the shipped one, or a file's.
#include "config/schema_source.h"

#include <doctest/doctest.h>

#include "native_world.h"

using namespace twinstore;
using namespace twinstore::test;

namespace {

std::string file_with(const TempFolder& folder, std::string_view text) {
  folder.write("schema.json", text);
  return folder.path() / "schema.json";
}

}  // namespace

TEST_CASE("without a file the shipped schema is served") {
  const auto schema = schema_from_file("");
  REQUIRE(schema.ok());
  CHECK(schema.value()->name() == "code_mri");
}

TEST_CASE("a schema of one's own is read from its file") {
  const TempFolder folder;
  const auto schema = schema_from_file(file_with(
      folder, R"({"name":"todo","version":1,"collections":[{"name":"todos","key":["id"],
        "scope":"id","fields":[{"name":"id","type":"text"}]}]})"));
  REQUIRE(schema.ok());
  CHECK(schema.value()->name() == "todo");
}

TEST_CASE("a schema file that is missing or wrong is an error that names it") {
  const TempFolder folder;
  const auto missing = schema_from_file(folder.path() / "none.json");
  REQUIRE(!missing.ok());
  CHECK(missing.error().code == ErrorCode::NotFound);
  CHECK(missing.error().message.find("none.json") != std::string::npos);
  const auto wrong = schema_from_file(file_with(folder, R"({"name":"todo","version":1})"));
  REQUIRE(!wrong.ok());
  CHECK(wrong.error().code == ErrorCode::InvalidSchema);
  CHECK(wrong.error().message.find("schema.json: ") != std::string::npos);
}
