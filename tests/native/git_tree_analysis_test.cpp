// What a tree yields: languages, tests, documents, sizes, directories, issues, scores.
#include <doctest/doctest.h>

#include "git_fixture.h"
#include "refreshers/git_scores.h"
#include "refreshers/languages.h"

using namespace twinstore;
using namespace twinstore::test;
using Json = nlohmann::ordered_json;

namespace {

Json analysis_of(std::vector<FixtureFile> files) {
  GitFixture git;
  git.branch("main", git.commit({.files = std::move(files)}));
  return analyse(git.path()).analyses.at(0);
}

std::string sized(size_t bytes) { return std::string(bytes, 'x'); }

}  // namespace

TEST_CASE("languages: extensions name languages in any case") {
  struct Expected {
    std::string_view file;
    std::string_view language;
  };
  constexpr Expected table[] = {
      {"a.c", "C"},
      {"a.h", "C"},
      {"a.cc", "C++"},
      {"a.cpp", "C++"},
      {"a.hpp", "C++"},
      {"a.hh", "C++"},
      {"a.cmake", "CMake"},
      {"CMakeLists.txt", "CMake"},
      {"a.mm", "Objective-C"},
      {"a.m", "Objective-C"},
      {"a.exs", "Elixir"},
      {"a.tsx", "TypeScript"},
      {"a.d.ts", "TypeScript"},
      {"a.mjs", "JavaScript"},
      {"a.JS", "JavaScript"},
      {"a.rs", "Rust"},
      {"a.go", "Go"},
      {"a.vue", "Vue"},
      {"a.svelte", "Svelte"},
      {"a.html", "HTML"},
      {"a.sql", "SQL"},
  };
  for (const Expected& expected : table) {
    INFO(std::string(expected.file));
    const auto language = language_of(expected.file);
    REQUIRE(language.has_value());
    CHECK(language_name(*language) == expected.language);
  }
  for (const std::string_view file : {"a.cjs", "a.cu", "a.less", "a.mdx", "a.cmake.in", "Makefile",
                                      ".c", "a.json", "cmakelists.txt", "README.md", ""}) {
    INFO(std::string(file));
    CHECK_FALSE(language_of(file).has_value());
  }
}

TEST_CASE("paths: any component that holds test makes a test, an ending makes a document") {
  CHECK(names_a_test("db_test.cc"));
  CHECK(names_a_test("iosTest"));
  CHECK(names_a_test("latest"));
  CHECK_FALSE(names_a_test("specializations.cpp"));
  CHECK(names_a_document("README.md"));
  CHECK(names_a_document("CMakeLists.txt"));
  CHECK(names_a_document("a.rst"));
  CHECK_FALSE(names_a_document("a.mdx"));
  CHECK_FALSE(names_a_document("a.html"));
  CHECK_FALSE(names_a_document("README"));
}

TEST_CASE("tree analysis: a small tree gives the numbers counted by hand") {
  const Json row = analysis_of({
      {"src/main.cpp", sized(600)},
      {"src/main.h", sized(200)},
      {"src/detail/one.cpp", sized(100)},
      {"tests/main.cpp", sized(50)},
      {"README.md", sized(30)},
      {"CMakeLists.txt", sized(50)},
      {"logo.png", sized(7)},
      {"empty.py", ""},
  });
  CHECK(row.dump() ==
        Json::parse(R"({"repo_id":"local/sample","branch_name":"main","commit_sha":"",
          "analysis_timestamp":"2023-11-14T22:13:20+00:00",
          "file_tree":{"type":"directory","name":"","files":8,"bytes":1037,"children":[
            {"type":"directory","name":"src","files":3,"bytes":900,"children":[
              {"type":"directory","name":"detail","files":1,"bytes":100,"children":[]}]},
            {"type":"directory","name":"tests","files":1,"bytes":50,"children":[]}]},
          "technologies":["C++","C","CMake","Python"],
          "metrics":{"files":8,"bytes":1037,"median_file_bytes":50,"largest_file_bytes":600,
            "languages":4,"top_language_share":0.75,"test_files":1,"doc_files":2,
            "overall_score":75.0,
            "bytes_by_language":{"C++":750,"C":200,"CMake":50,"Python":0}},
          "issues":[],
          "ai_summary":"8 files, 1037 bytes, mostly C++",
          "detailed_scores":{"tests":50.0,"docs":100.0,"focus":75.0,"overall_score":75.0}})")
            .dump()
            .replace(std::string(R"({"repo_id":"local/sample","branch_name":"main","commit_sha":")")
                         .size(),
                     0, row.at("commit_sha").get<std::string>()));
}

TEST_CASE("tree analysis: a tree without files has the reference row's zeros") {
  const Json row = analysis_of({});
  CHECK(row.at("metrics").dump() ==
        R"({"files":0,"bytes":0,"median_file_bytes":0,"largest_file_bytes":0,"languages":0,)"
        R"("top_language_share":0.0,"test_files":0,"doc_files":0,"overall_score":0.0,)"
        R"("bytes_by_language":{}})");
  CHECK(row.at("ai_summary") == "0 files, 0 bytes, mostly text");
  CHECK(row.at("file_tree").dump() ==
        R"({"type":"directory","name":"","files":0,"bytes":0,"children":[]})");
  CHECK(row.at("detailed_scores").dump() ==
        R"({"tests":0.0,"docs":0.0,"focus":0.0,"overall_score":0.0})");
}

TEST_CASE("tree analysis: a link is a file of its target's length, a submodule is nothing") {
  const Json row = analysis_of({
      {"a.md", sized(10)},
      {"link.md", "../somewhere/else.md", GIT_FILEMODE_LINK},
      {"run.sh", sized(4), GIT_FILEMODE_BLOB_EXECUTABLE},
      {"third_party/googletest", "", GIT_FILEMODE_COMMIT},
  });
  CHECK(row.at("metrics").at("files") == 3);
  CHECK(row.at("metrics").at("bytes") == 34);
  CHECK(row.at("metrics").at("doc_files") == 2);
  CHECK(row.at("file_tree").at("children").empty());
}

TEST_CASE("tree analysis: the upper of two medians counts") {
  CHECK(analysis_of({{"a", sized(1)}, {"b", sized(5)}}).at("metrics").at("median_file_bytes") == 5);
  CHECK(analysis_of({{"a", sized(1)}, {"b/c", sized(5)}, {"b/d", sized(3)}})
            .at("metrics")
            .at("median_file_bytes") == 3);
}

TEST_CASE("tree analysis: files over a million bytes are issues in the order of paths") {
  const Json row = analysis_of({
      {"b/exact.bin", sized(1'000'000)},
      {"b/over.bin", sized(1'000'001)},
      {"b.bin", sized(1'000'002)},
      {"B.bin", sized(1'000'003)},
  });
  CHECK(row.at("issues").dump() ==
        R"([{"severity":"warning","rule":"large-file","path":"B.bin","bytes":1000003},)"
        R"({"severity":"warning","rule":"large-file","path":"b.bin","bytes":1000002},)"
        R"({"severity":"warning","rule":"large-file","path":"b/over.bin","bytes":1000001}])");
  CHECK(row.at("metrics").at("largest_file_bytes") == 1'000'003);
  CHECK(row.at("technologies").empty());
}

TEST_CASE("tree analysis: three levels of directories are listed, by name") {
  const Json row = analysis_of({
      {"a/b/c/d/e.txt", "1"},
      {"a-b/x", "22"},
      {"Z/x", "333"},
  });
  const Json& children = row.at("file_tree").at("children");
  REQUIRE(children.size() == 3);
  CHECK(children.at(0).at("name") == "Z");
  CHECK(children.at(1).at("name") == "a");
  CHECK(children.at(2).at("name") == "a-b");
  const Json& third = children.at(1).at("children").at(0).at("children").at(0);
  CHECK(third.at("name") == "c");
  CHECK(third.at("files") == 1);
  CHECK(third.at("children").empty());
}

TEST_CASE("tree analysis: a subtree shared by a test folder and another counts in both ways") {
  const Json row = analysis_of({{"lib/a.cpp", "same"}, {"test/a.cpp", "same"}});
  CHECK(row.at("metrics").at("files") == 2);
  CHECK(row.at("metrics").at("test_files") == 1);
}

TEST_CASE("tree analysis: a listing past its bound is cut to a smaller depth") {
  std::vector<FixtureFile> files;
  for (int i = 0; i < 4'000; ++i) {
    // 4,000 names of 250 bytes at the second level pass the bound; the first level does not.
    files.push_back({"top/" + std::to_string(10'000 + i) + std::string(245, 'd') + "/f.c", "x"});
  }
  const Json row = analysis_of(std::move(files));
  CHECK(row.at("metrics").at("files") == 4'000);
  const Json& top = row.at("file_tree").at("children").at(0);
  CHECK(top.at("files") == 4'000);
  CHECK(top.at("children").empty());
}

TEST_CASE("tree analysis: issues past the bound are left out from the end") {
  std::string folder;
  for (int i = 0; i < 15; ++i) folder += std::string(250, 'd') + "/";
  std::vector<FixtureFile> files;
  for (int i = 0; i < 300; ++i) {
    files.push_back({folder + std::to_string(1'000 + i), std::string(1'000'001, 'x')});
  }
  const Json row = analysis_of(std::move(files));
  const Json& issues = row.at("issues");
  CHECK(issues.size() > 200);
  CHECK(issues.size() < 300);
  CHECK(issues.at(0).at("path") == folder + "1000");
  CHECK(issues.dump().size() < 1u << 20);
}

TEST_CASE("scores: rounding follows the exact binary value") {
  CHECK(rounded(2.675, 2) == 2.67);  // the double below 2.675
  CHECK(rounded(0.125, 2) == 0.12);  // an exact tie goes to the even digit
  CHECK(rounded(0.375, 2) == 0.38);
  CHECK(rounded(96.70646666, 2) == 96.71);
  CHECK(rounded(100.0, 2) == 100.0);
}
