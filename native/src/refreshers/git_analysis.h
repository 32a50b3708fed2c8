// The git analyser: reads a repository on disk with libgit2 and hands out rows in the form of the
// import files (one JSON object per repository, branch, analysis and metric).
// Thread rule: each call opens the repository for itself; calls may run side by side.
// Next: docs/git-analysis.md for the rules, git_tree_analysis.h for what one tree yields.
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "twinstore/result.h"

namespace twinstore {

struct GitImportOptions {
  int analyses_max = 12;        // branch heads analysed: the default branch, then the newest
  int metric_samples_max = 61;  // commits of the default branch's first-parent history
  std::string repo_id;          // empty: from the remote "origin", else "local/<folder>"
  int divergence_max = 150;     // newest branches that get ahead and behind
  // Asked now and then; true: the analysis ends with Unavailable. May be empty.
  std::function<bool()> is_stopped;
};

// Called once per row. `kind` is the collection: "repositories", "branches", "analyses" or
// "historical_metrics". An error stops the analysis and is returned as it is.
using RowSink =
    std::function<Result<void>(std::string_view kind, const nlohmann::ordered_json& row)>;
// Called as work proceeds; `stage` is "branches", "analyses" or "history". May be empty.
using ProgressSink = std::function<void(std::string_view stage, int64_t done, int64_t total)>;

// Rows in this order: the repository, its branches (newest first), the analyses of the branch heads
// (default branch first), the historical metrics (newest sample first). Nothing is sent to `sink`
// before the repository has been read far enough to know that it has a commit.
// Errors: NotFound (nothing at `path`), InvalidArgument (no git repository, or a kind that libgit2
// cannot read), PreconditionFailed (the repository has no commit on any branch), Forbidden (owned
// by another user), StorageCorrupt (an object is missing or damaged), StorageIo, Unavailable (it
// was stopped), and the sink's own.
[[nodiscard]] Result<void> analyse_git_repository(const std::string& path,
                                                  const GitImportOptions& options,
                                                  const RowSink& sink,
                                                  const ProgressSink& progress);

// One branch, for refresh: its row in "branches" and the row of its head in "analyses"; of the
// default branch also what its head adds to "historical_metrics".
// Errors: as above, and NotFound when the repository has no such branch.
[[nodiscard]] Result<void> analyse_git_branch(const std::string& path, std::string_view branch,
                                              const GitImportOptions& options, const RowSink& sink);

}  // namespace twinstore
