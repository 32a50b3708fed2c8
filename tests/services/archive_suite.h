// What archiving promises, as facts that hold over every storage. For programs with native's
// sources.
#pragma once

#include <filesystem>
#include <fstream>

#include "api/row_json.h"
#include "archive/archive.h"
#include "archive/archive_file.h"
#include "native_world.h"
#include "service_world.h"
#include "workspace/cache_files.h"

namespace twinstore::test {

template <class Engine>
struct ArchiveWorld : ServiceWorld<Engine> {
  TempFolder folder;

  ArchiveWorld() {
    this->clock.set(1'719'835'200'000);  // 2024-07-01T12:00:00Z
    for (const char* branch : {"main", "next"}) {
      this->store_branch("a/b", branch);
      for (const char* day : {"01", "02", "03"}) {
        BranchAnalysisResult analysis;
        analysis.repo_id = "a/b";
        analysis.branch_name = branch;
        analysis.commit_sha = std::string("c") + day;
        analysis.analysis_timestamp = std::string("2024-05-") + day + "T00:00:00.500+02:00";
        analysis.file_tree = JsonText{R"({"z":[1.5,null,"é😀\n"],"a":{"b":1e300}})"};
        analysis.technologies = std::vector<std::string>{"C++", "😀"};
        analysis.ai_summary = "two\nlines \"quoted\" \\ \t";
        this->must(this->persistence.store_analysis(analysis));
        this->store_metric("a/b", branch, "files", 0.1,
                           std::string("2024-05-") + day + "T00:00:00Z", std::string("c") + day);
      }
    }
    this->store_branch("other/repo", "main");
    this->store_analysis("other/repo", "main", "c1", "2024-05-01T00:00:00Z");
    this->store_analysis("other/repo", "main", "c2", "2024-05-02T00:00:00Z");
  }
  ArchiveCounts archive(double keep_days = 0) {
    return this->must(archive_old_rows(this->schema, this->clock, this->transactions,
                                       {folder.path().string(), 30, keep_days}));
  }
  BroughtBack bring(const std::string& path) {
    return this->must(bring_back(this->schema, this->transactions, path));
  }
  std::vector<std::string> files(std::string_view repo_id) {
    return this->must(archives_of(this->schema, this->transactions, repo_id));
  }
  // Every analysis and metric, as the API would write it, without its rev.
  std::string rows() {
    std::string out;
    for (const char* name : {"analyses", "historical_metrics"}) {
      const Collection& collection = *this->schema.find(name);
      this->must(this->storage().select(collection, {}, [&](const Collection&, RowVersion&& row) {
        append_record_json(out, collection, row.values);
        out += "\n";
        return true;
      }));
    }
    return out;
  }
};

TEST_CASE_TEMPLATE_DEFINE("archive: what went is brought back byte-equal, once", Engine,
                          archive_round_trip) {
  ArchiveWorld<Engine> world;
  const std::string before = world.rows();
  const ArchiveCounts counts = world.archive();
  // The newest of each branch stay, with their metrics.
  CHECK(counts.rows == RowCounts{{"analyses", 5}, {"historical_metrics", 4}});
  CHECK(counts.files == 2);
  CHECK(world.rows() != before);
  CHECK(world.must(world.persistence.get_analysis_history("a/b", "main")).size() == 1);
  CHECK(world.archive().rows.empty());
  for (const char* repo : {"a/b", "other/repo"}) {
    for (const std::string& file : world.files(repo)) CHECK(world.bring(file).present == 0);
  }
  CHECK(world.rows() == before);
  for (const std::string& file : world.files("a/b")) CHECK(world.bring(file).rows.empty());
  CHECK(world.rows() == before);
  // They are old still: archived again they are the same files.
  const auto names = world.files("a/b");
  world.archive();
  CHECK(world.files("a/b") == names);
}

TEST_CASE_TEMPLATE_DEFINE("archive: a file is a cache entry, and a read of it a hit", Engine,
                          archive_entries) {
  ArchiveWorld<Engine> world;
  const ArchiveCounts counts = world.archive();
  const auto before = world.must(world.persistence.stats()).cache;
  CHECK(before.entries == counts.files);
  CHECK(before.bytes == counts.bytes);
  CHECK(before.hits == 0);
  const auto files = world.files("other/repo");
  REQUIRE(files.size() == 1);
  CHECK(std::filesystem::file_size(files[0]) > 0);
  world.bring(files[0]);
  CHECK(world.must(world.persistence.stats()).cache.hits == 1);
}

TEST_CASE_TEMPLATE_DEFINE("archive: files go with their entries, when those expire", Engine,
                          archive_expires) {
  ArchiveWorld<Engine> world;
  world.archive(10);
  const auto files = world.files("a/b");
  REQUIRE(files.size() == 1);
  const CacheFiles cache(world.folder.path().string());
  const auto clean_up = [&] {
    CleanupOptions options;
    options.cleanup_old_repos = options.cleanup_old_analyses = false;
    return world.must(world.persistence.cleanup(
        options, [&](const std::string& path) { cache.remove(path); }))["cache_entries"];
  };
  world.clock.advance(9 * 86'400'000);
  CHECK(clean_up() == 0);
  CHECK(std::filesystem::exists(files[0]));
  world.clock.advance(86'400'000);
  CHECK(clean_up() == 2);
  CHECK(std::filesystem::is_empty(world.folder.path()));
}

TEST_CASE_TEMPLATE_DEFINE("archive: a row that changes while its file is written stays", Engine,
                          archive_changed) {
  ArchiveWorld<Engine> world;
  // Written between the file and the transaction that takes its rows out.
  struct Meddling final : Transactions {
    ArchiveWorld<Engine>& world;
    bool has_meddled = false;
    explicit Meddling(ArchiveWorld<Engine>& of) : world(of) {}
    Result<void> run(const TransactionWork& work) override {
      if (!std::exchange(has_meddled, true)) {
        BranchAnalysisResult analysis;
        analysis.repo_id = "a/b";
        analysis.branch_name = "main";
        analysis.commit_sha = "c01";
        analysis.analysis_timestamp = "2024-05-01T00:00:01Z";
        analysis.ai_summary = "changed";
        world.must(world.persistence.store_analysis(analysis));
      }
      return world.transactions.run(work);
    }
    Result<void> read(const ReadWork& work) override { return world.transactions.read(work); }
  } meddling(world);
  const auto counts = world.must(
      archive_old_rows(world.schema, world.clock, meddling, {world.folder.path().string(), 30, 0}));
  const auto kept = world.must(world.persistence.get_latest_analysis("a/b", "main", "c01"));
  REQUIRE(kept.has_value());
  CHECK(kept->ai_summary == "changed");
  for (const std::string& file : world.files("a/b")) world.bring(file);
  CHECK(world.must(world.persistence.get_latest_analysis("a/b", "main", "c01"))->ai_summary ==
        "changed");
  CHECK(counts.rows.at("analyses") == 4);
}

TEST_CASE_TEMPLATE_DEFINE("archive: a file that is damaged, or none, brings nothing", Engine,
                          archive_damaged) {
  ArchiveWorld<Engine> world;
  world.archive();
  const std::string before = world.rows();
  const std::string file = world.files("other/repo").front();
  const auto code = [&](const std::string& path) {
    return world.refused(bring_back(world.schema, world.transactions, path));
  };
  CHECK(code("/no/such/file.jsonl.gz") == ErrorCode::NotFound);
  {
    std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
    bytes.seekp(20);
    bytes.put('\x7f');
  }
  CHECK(code(file) == ErrorCode::InvalidArgument);
  const std::string unnamed = (world.folder.path() / "renamed.gz").string();
  std::filesystem::copy(file, unnamed);
  CHECK(code(unnamed) == ErrorCode::InvalidArgument);
  std::filesystem::resize_file(file, 10);
  CHECK(code(file) == ErrorCode::InvalidArgument);
  CHECK(world.rows() == before);
}

}  // namespace twinstore::test

#define TWINSTORE_ARCHIVE_SUITE(...)                          \
  TEST_CASE_TEMPLATE_INVOKE(archive_round_trip, __VA_ARGS__); \
  TEST_CASE_TEMPLATE_INVOKE(archive_entries, __VA_ARGS__);    \
  TEST_CASE_TEMPLATE_INVOKE(archive_expires, __VA_ARGS__);    \
  TEST_CASE_TEMPLATE_INVOKE(archive_changed, __VA_ARGS__);    \
  TEST_CASE_TEMPLATE_INVOKE(archive_damaged, __VA_ARGS__)
