#include "git_commit_graph.h"

namespace twinstore {

namespace {

constexpr size_t stop_check_commits = 256;  // a few milliseconds

}  // namespace

Result<void> GitCommitGraph::read(const git_oid& id, std::vector<git_oid>& parents) {
  git_commit* raw = nullptr;
  const int status = git_commit_lookup(&raw, repository_, &id);
  if (status < 0) return git_failure(status, "cannot read commit " + oid_text(id));
  const GitCommitHandle commit(raw);

  const git_signature* committer = git_commit_committer(raw);
  Commit entry;
  entry.id = id;
  entry.committed_at = committer->when;
  commits_.push_back(entry);
  parents.clear();
  for (unsigned int i = 0; i < git_commit_parentcount(raw); ++i) {
    parents.push_back(*git_commit_parent_id(raw, i));
  }
  return {};
}

Result<GitCommitGraph::Index> GitCommitGraph::load(const git_oid& tip) {
  if (const auto known = index_.find(tip); known != index_.end()) return known->second;

  git_odb* raw_odb = nullptr;
  if (const int status = git_repository_odb(&raw_odb, repository_); status < 0) {
    return git_failure(status, "cannot open the object store");
  }
  const GitOdbHandle odb(raw_odb);
  const bool shallow = git_repository_is_shallow(repository_) == 1;

  // Every id gets its index when it is first named, so that children can point at it; commits_
  // grows in the same order because `pending` is worked off as a queue.
  const auto first = static_cast<Index>(commits_.size());
  std::vector<git_oid> pending{tip};
  std::vector<git_oid> parents;
  index_.emplace(tip, first);
  for (size_t i = 0; i < pending.size(); ++i) {
    const git_oid id = pending[i];
    if (is_stopped_ && i % stop_check_commits == 0 && is_stopped_()) return analysis_stopped();
    TWINSTORE_TRY_VOID(read(id, parents));
    commits_.back().parents_begin = static_cast<uint32_t>(parents_.size());
    for (const git_oid& parent : parents) {
      auto known = index_.find(parent);
      if (known == index_.end()) {
        if (shallow && git_odb_exists(odb.get(), &parent) == 0) continue;
        const auto next = static_cast<Index>(first + pending.size());
        known = index_.emplace(parent, next).first;
        pending.push_back(parent);
      }
      parents_.push_back(known->second);
    }
    commits_.back().parents_end = static_cast<uint32_t>(parents_.size());
  }
  marks_.resize(commits_.size(), 0);
  return first;
}

template <class Visit>
void GitCommitGraph::for_each_reachable(Index tip, const Visit& visit) {
  ++walk_;
  std::vector<Index> pending{tip};
  marks_[tip] = walk_;
  while (!pending.empty()) {
    const Index commit = pending.back();
    pending.pop_back();
    visit(commit);
    for (uint32_t i = commits_[commit].parents_begin; i < commits_[commit].parents_end; ++i) {
      const Index parent = parents_[i];
      if (marks_[parent] == walk_) continue;
      marks_[parent] = walk_;
      pending.push_back(parent);
    }
  }
}

int64_t GitCommitGraph::count(Index tip) {
  int64_t commits = 0;
  for_each_reachable(tip, [&](Index) { ++commits; });
  return commits;
}

GitCommitGraph::Index GitCommitGraph::oldest_root(Index tip) {
  Index oldest = UINT32_MAX;
  for_each_reachable(tip, [&](Index commit) {
    if (commits_[commit].parents_begin != commits_[commit].parents_end) return;
    const bool earlier =
        oldest == UINT32_MAX || committed_at(commit).time < committed_at(oldest).time ||
        (committed_at(commit).time == committed_at(oldest).time && commit < oldest);
    if (earlier) oldest = commit;
  });
  return oldest;
}

std::vector<GitCommitGraph::Index> GitCommitGraph::first_parents(Index tip) const {
  std::vector<Index> chain{tip};
  while (commits_[chain.back()].parents_begin != commits_[chain.back()].parents_end) {
    chain.push_back(parents_[commits_[chain.back()].parents_begin]);
  }
  return chain;
}

Divergence GitCommitGraph::divergence(Index branch, Index base) {
  // Commits loaded later cannot be reachable from the base: all of its history is loaded.
  in_base_.resize(commits_.size(), false);
  if (base_ != base) {
    in_base_.assign(commits_.size(), false);
    base_count_ = 0;
    for_each_reachable(base, [&](Index commit) {
      in_base_[commit] = true;
      ++base_count_;
    });
    base_ = base;
  }
  Divergence result;
  int64_t shared = 0;
  for_each_reachable(branch, [&](Index commit) { ++(in_base_[commit] ? shared : result.ahead); });
  result.behind = base_count_ - shared;
  return result;
}

}  // namespace twinstore
