// The commits that are reachable from some tips, loaded once into flat arrays: counting, divergence
// and first-parent history are then walks over integers.
// Thread rule: belongs to one thread. Next: git_branches.h and git_history.h, its two users.
#pragma once

#include <cstdint>
#include <functional>
#include <unordered_map>
#include <vector>

#include "git_handles.h"

namespace twinstore {

struct Divergence {
  int64_t behind = 0;  // commits of the base that the branch lacks
  int64_t ahead = 0;   // commits of the branch that the base lacks
};

class GitCommitGraph {
 public:
  using Index = uint32_t;

  // Borrows both, which outlive the graph. Once `is_stopped` is true, loading ends with
  // Unavailable; it may be empty.
  GitCommitGraph(git_repository* repository, const std::function<bool()>& is_stopped)
      : repository_(repository), is_stopped_(is_stopped) {}

  // Loads `tip` and everything reachable from it that is not loaded yet. The parents that a shallow
  // clone cut off are left out; its boundary commits count as roots.
  // Errors: StorageCorrupt when a commit is missing or damaged.
  [[nodiscard]] Result<Index> load(const git_oid& tip);

  [[nodiscard]] const git_oid& id(Index commit) const { return commits_[commit].id; }
  // The committer's time, with the committer's offset.
  [[nodiscard]] const git_time& committed_at(Index commit) const {
    return commits_[commit].committed_at;
  }

  // Commits reachable from `tip`, itself included.
  [[nodiscard]] int64_t count(Index tip);
  // The commit without parents that has the earliest committer time; the first loaded on a tie.
  [[nodiscard]] Index oldest_root(Index tip);
  // `tip`, its first parent, that one's first parent, … down to a root.
  [[nodiscard]] std::vector<Index> first_parents(Index tip) const;
  // Of `branch` against `base`; histories without a common commit count whole.
  [[nodiscard]] Divergence divergence(Index branch, Index base);

 private:
  struct Commit {
    git_oid id;
    git_time committed_at;
    uint32_t parents_begin = 0;
    uint32_t parents_end = 0;
  };

  [[nodiscard]] Result<void> read(const git_oid& id, std::vector<git_oid>& parents);
  // Calls `visit` for each commit reachable from `tip`, once.
  template <class Visit>
  void for_each_reachable(Index tip, const Visit& visit);

  git_repository* repository_;
  const std::function<bool()>& is_stopped_;
  std::vector<Commit> commits_;
  std::vector<Index> parents_;
  std::unordered_map<git_oid, Index, OidHash, OidEqual> index_;
  // A commit is visited in the current walk when its mark equals `walk_`.
  std::vector<uint32_t> marks_;
  uint32_t walk_ = 0;
  std::vector<bool> in_base_;
  int64_t base_count_ = 0;
  Index base_ = UINT32_MAX;
};

}  // namespace twinstore
