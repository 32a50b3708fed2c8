// The branches of a repository: which there are, which is the default, and their import rows.
// Thread rule: belongs to the thread of its repository.
// Next: git_commit_graph.h for ahead and behind.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "git_commit_graph.h"
#include "git_handles.h"

namespace twinstore {

struct GitBranch {
  std::string name;  // without refs/heads/ or refs/remotes/origin/; valid UTF-8
  git_oid head;
  std::string last_commit_at;
  std::string last_commit_message;
  bool is_default = false;
};

// refs/heads/* and, for names not among them, refs/remotes/origin/*. Sorted by last_commit_at as
// text, latest text first, then by name: the order of the reference rows, which pays no heed to the
// offsets. Exactly one is the default, unless the list is empty: origin/HEAD's branch if it is
// listed, else HEAD's, else "main", else "master", else the first.
// Errors: StorageCorrupt, StorageIo.
[[nodiscard]] Result<std::vector<GitBranch>> list_branches(git_repository* repository);

// The row in "branches". Without a divergence the keys ahead and behind are absent.
[[nodiscard]] nlohmann::ordered_json branch_row(std::string_view repo_id, const GitBranch& branch,
                                                const Divergence* divergence);

}  // namespace twinstore
