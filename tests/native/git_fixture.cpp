#include "git_fixture.h"

#include <doctest/doctest.h>

#include <unistd.h>
#include <algorithm>
#include <atomic>
#include <memory>
#include <system_error>

namespace twinstore::test {

namespace {

using IndexHandle = std::unique_ptr<git_index, GitRelease<&git_index_free>>;

void require(int status) {
  const git_error* error = status < 0 ? git_error_last() : nullptr;
  INFO(std::string(error != nullptr ? error->message : ""));
  REQUIRE(status >= 0);
}

const nlohmann::ordered_json& row_where(const std::vector<nlohmann::ordered_json>& rows,
                                        const char* key, std::string_view value) {
  const auto found = std::ranges::find_if(rows, [&](const auto& row) {
    return row.at(key).template get_ref<const std::string&>() == value;
  });
  INFO("no row for " << std::string(value));
  REQUIRE(found != rows.end());
  return *found;
}

}  // namespace

TemporaryFolder::TemporaryFolder() {
  static std::atomic<int> count = 0;
  path_ = std::filesystem::temp_directory_path() /
          ("twinstore-git-" + std::to_string(::getpid()) + "-" + std::to_string(count++));
  std::filesystem::remove_all(path_);
  std::filesystem::create_directories(path_);
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

GitFixture::GitFixture(std::string_view folder, bool bare) : path_(folder_.path() / folder) {
  git_repository* raw = nullptr;
  require(git_repository_init(&raw, path_.c_str(), bare ? 1U : 0U));
  repository_.reset(raw);
  head("main");
}

git_oid GitFixture::commit(const FixtureCommit& commit) {
  git_index* raw_index = nullptr;
  require(git_index_new(&raw_index));
  const IndexHandle index(raw_index);
  const std::string* written = nullptr;  // a run of equal contents is hashed once
  git_oid written_id{};
  for (const FixtureFile& file : commit.files) {
    git_index_entry entry{};
    entry.mode = file.mode;
    entry.path = file.path.c_str();
    if (file.mode == GIT_FILEMODE_COMMIT) {
      require(git_oid_fromstr(&entry.id, "1234567890123456789012345678901234567890"));
    } else {
      if (written == nullptr || *written != file.content) {
        require(git_blob_create_from_buffer(&written_id, handle(), file.content.data(),
                                            file.content.size()));
        written = &file.content;
      }
      entry.id = written_id;
    }
    require(git_index_add(raw_index, &entry));
  }
  git_oid tree_id;
  require(git_index_write_tree_to(&tree_id, raw_index, handle()));
  git_tree* raw_tree = nullptr;
  require(git_tree_lookup(&raw_tree, handle(), &tree_id));
  const GitTreeHandle tree(raw_tree);

  std::vector<GitCommitHandle> parents;
  std::vector<const git_commit*> parent_pointers;
  for (const git_oid& parent : commit.parents) {
    git_commit* raw_parent = nullptr;
    require(git_commit_lookup(&raw_parent, handle(), &parent));
    parents.emplace_back(raw_parent);
    parent_pointers.push_back(raw_parent);
  }
  std::string name = "Ada";
  std::string email = "ada@example.org";
  const git_signature author{name.data(), email.data(), {commit.at - 86'400, 0, '+'}};
  const git_signature committer{
      name.data(),
      email.data(),
      {commit.at, commit.offset_minutes, commit.offset_minutes < 0 ? '-' : '+'}};
  git_oid id;
  require(git_commit_create(&id, handle(), nullptr, &author, &committer, nullptr,
                            commit.message.c_str(), raw_tree, parent_pointers.size(),
                            parent_pointers.data()));
  return id;
}

void GitFixture::branch(std::string_view name, const git_oid& commit) {
  reference("refs/heads/" + std::string(name), commit);
}

void GitFixture::reference(const std::string& full_name, const git_oid& commit) {
  git_reference* raw = nullptr;
  require(git_reference_create(&raw, handle(), full_name.c_str(), &commit, 1, nullptr));
  const GitReferenceHandle created(raw);
}

void GitFixture::symbolic_reference(const std::string& full_name, const std::string& target) {
  git_reference* raw = nullptr;
  require(
      git_reference_symbolic_create(&raw, handle(), full_name.c_str(), target.c_str(), 1, nullptr));
  const GitReferenceHandle created(raw);
}

void GitFixture::head(const std::string& branch) {
  require(git_repository_set_head(handle(), ("refs/heads/" + branch).c_str()));
}

void GitFixture::detach_head(const git_oid& commit) {
  require(git_repository_set_head_detached(handle(), &commit));
}

void GitFixture::remote(const std::string& name, const std::string& address) {
  git_config* raw = nullptr;
  require(git_repository_config(&raw, handle()));
  const GitConfigHandle config(raw);
  require(git_config_set_string(raw, ("remote." + name + ".url").c_str(), address.c_str()));
}

const nlohmann::ordered_json& Rows::branch(std::string_view name) const {
  return row_where(branches, "name", name);
}

const nlohmann::ordered_json& Rows::analysis(std::string_view branch) const {
  return row_where(analyses, "branch_name", branch);
}

RowSink Rows::sink() {
  return [this](std::string_view kind, const nlohmann::ordered_json& row) -> Result<void> {
    if (kind == "repositories")
      repositories.push_back(row);
    else if (kind == "branches")
      branches.push_back(row);
    else if (kind == "analyses")
      analyses.push_back(row);
    else if (kind == "historical_metrics")
      metrics.push_back(row);
    else
      return Error{ErrorCode::UnknownCollection, std::string(kind)};
    return {};
  };
}

Rows analyse(const std::string& path, const GitImportOptions& options) {
  Rows rows;
  const Result<void> result = analyse_git_repository(path, options, rows.sink(), {});
  INFO((result.ok() ? std::string() : result.error().message));
  REQUIRE(result.ok());
  return rows;
}

}  // namespace twinstore::test
