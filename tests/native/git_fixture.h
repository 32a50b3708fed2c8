// A real git repository in a temporary folder, written with libgit2 so that ids and times are the
// same on every machine. Removed at the end of the test.
// Thread rule: belongs to one test.
#pragma once

#include <git2.h>

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "refreshers/git_analysis.h"
#include "refreshers/git_handles.h"

namespace twinstore::test {

// A folder of its own under the system's temporary folder.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

struct FixtureFile {
  std::string path;
  std::string content;  // of a symbolic link: its target; of a submodule: ignored
  git_filemode_t mode = GIT_FILEMODE_BLOB;
};

struct FixtureCommit {
  std::vector<FixtureFile> files = {};
  std::vector<git_oid> parents = {};
  std::string message = "a change";
  int64_t at = 1'700'000'000;  // seconds since 1970; the committer's, the author's is a day earlier
  int offset_minutes = 0;
};

class GitFixture {
 public:
  // `folder` is created below the temporary folder; bare repositories have no work tree.
  explicit GitFixture(std::string_view folder = "sample", bool bare = false);

  [[nodiscard]] std::string path() const { return path_.string(); }
  [[nodiscard]] git_repository* handle() const { return repository_.get(); }

  git_oid commit(const FixtureCommit& commit);
  // Creates or moves refs/heads/<name>.
  void branch(std::string_view name, const git_oid& commit);
  // Creates or moves any reference.
  void reference(const std::string& full_name, const git_oid& commit);
  void symbolic_reference(const std::string& full_name, const std::string& target);
  // HEAD; a symbolic one to a branch that need not exist.
  void head(const std::string& branch);
  void detach_head(const git_oid& commit);
  void remote(const std::string& name, const std::string& address);

 private:
  GitSession session_;
  TemporaryFolder folder_;
  std::filesystem::path path_;
  GitRepositoryHandle repository_;
};

// The rows that an analysis sent, by collection.
struct Rows {
  std::vector<nlohmann::ordered_json> repositories;
  std::vector<nlohmann::ordered_json> branches;
  std::vector<nlohmann::ordered_json> analyses;
  std::vector<nlohmann::ordered_json> metrics;

  // The row of that branch; fails the test when there is none.
  [[nodiscard]] const nlohmann::ordered_json& branch(std::string_view name) const;
  [[nodiscard]] const nlohmann::ordered_json& analysis(std::string_view branch) const;
  [[nodiscard]] RowSink sink();
};

// Requires success.
[[nodiscard]] Rows analyse(const std::string& path, const GitImportOptions& options = {});

}  // namespace twinstore::test
