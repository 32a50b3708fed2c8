#include "git_branches.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "git_text.h"

namespace twinstore {

namespace {

constexpr std::string_view local_prefix = "refs/heads/";
constexpr std::string_view remote_prefix = "refs/remotes/origin/";

// The branch that a symbolic reference points at, without prefix; empty when it is none.
std::string symbolic_branch(git_repository* repository, const char* reference_name) {
  git_reference* raw = nullptr;
  if (git_reference_lookup(&raw, repository, reference_name) < 0) return {};
  const GitReferenceHandle reference(raw);
  const char* target = git_reference_symbolic_target(raw);
  if (target == nullptr) return {};
  for (const std::string_view prefix : {local_prefix, remote_prefix}) {
    std::string_view name(target);
    if (!name.starts_with(prefix)) continue;
    name.remove_prefix(prefix.size());
    return valid_utf8(name);
  }
  return {};
}

void mark_default(git_repository* repository, std::vector<GitBranch>& branches) {
  if (branches.empty()) return;
  const std::array<std::string, 4> candidates = {
      symbolic_branch(repository, "refs/remotes/origin/HEAD"),
      symbolic_branch(repository, "HEAD"),
      "main",
      "master",
  };
  for (const std::string& candidate : candidates) {
    const auto found = std::ranges::find(branches, candidate, &GitBranch::name);
    if (found == branches.end()) continue;
    found->is_default = true;
    return;
  }
  branches.front().is_default = true;
}

// Nothing when the reference does not lead to a commit.
Result<std::optional<GitBranch>> read_branch(git_reference* reference, std::string_view name) {
  git_object* raw = nullptr;
  const int status = git_reference_peel(&raw, reference, GIT_OBJECT_COMMIT);
  if (status == GIT_EINVALIDSPEC || status == GIT_EPEEL) return std::optional<GitBranch>();
  if (status < 0) return git_failure(status, "cannot read branch " + valid_utf8(name));
  const GitObjectHandle object(raw);
  auto* commit = reinterpret_cast<git_commit*>(raw);

  GitBranch branch;
  branch.name = valid_utf8(name);
  branch.head = *git_commit_id(commit);
  branch.last_commit_at = offset_time_text(git_commit_committer(commit)->when);
  branch.last_commit_message = commit_summary(commit);
  return std::optional(std::move(branch));
}

}  // namespace

Result<std::vector<GitBranch>> list_branches(git_repository* repository) {
  git_reference_iterator* raw_iterator = nullptr;
  int status = git_reference_iterator_new(&raw_iterator, repository);
  if (status < 0) return git_failure(status, "cannot list references");
  const GitReferenceIteratorHandle iterator(raw_iterator);

  std::map<std::string, GitBranch> local;
  std::map<std::string, GitBranch> remote;
  git_reference* raw = nullptr;
  while ((status = git_reference_next(&raw, iterator.get())) == 0) {
    const GitReferenceHandle reference(raw);
    std::string_view name(git_reference_name(raw));
    const bool is_local = name.starts_with(local_prefix);
    if (!is_local && !name.starts_with(remote_prefix)) continue;
    name.remove_prefix(is_local ? local_prefix.size() : remote_prefix.size());
    if (!is_local && name == "HEAD") continue;
    TWINSTORE_TRY(std::optional<GitBranch> branch, read_branch(raw, name));
    if (!branch) continue;
    std::string key = branch->name;
    (is_local ? local : remote).emplace(std::move(key), *std::move(branch));
  }
  if (status != GIT_ITEROVER) return git_failure(status, "cannot list references");

  local.merge(remote);
  std::vector<GitBranch> branches;
  branches.reserve(local.size());
  for (auto& [name, branch] : local) branches.push_back(std::move(branch));
  std::ranges::stable_sort(branches, std::ranges::greater(), &GitBranch::last_commit_at);
  mark_default(repository, branches);
  return branches;
}

nlohmann::ordered_json branch_row(std::string_view repo_id, const GitBranch& branch,
                                  const Divergence* divergence) {
  nlohmann::ordered_json row;
  row["repo_id"] = repo_id;
  row["name"] = branch.name;
  row["commit_sha"] = oid_text(branch.head);
  row["last_commit_at"] = branch.last_commit_at;
  row["last_commit_message"] = branch.last_commit_message;
  row["is_default"] = branch.is_default;
  if (divergence != nullptr) {
    row["behind"] = divergence->behind;
    row["ahead"] = divergence->ahead;
  }
  return row;
}

}  // namespace twinstore
