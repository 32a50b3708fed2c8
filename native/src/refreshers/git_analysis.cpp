#include "git_analysis.h"

#include <algorithm>
#include <vector>

#include "git_branches.h"
#include "git_commit_graph.h"
#include "git_handles.h"
#include "git_history.h"
#include "git_repository.h"
#include "git_scores.h"
#include "git_text.h"
#include "git_tree_analysis.h"

namespace twinstore {

namespace {

// One run over an open repository: what its steps share.
class Analysis {
 public:
  Analysis(git_repository* repository, const GitImportOptions& options, const RowSink& sink,
           const ProgressSink& progress)
      : repository_(repository),
        options_(options),
        sink_(sink),
        progress_(progress),
        graph_(repository, options.is_stopped),
        trees_(repository, options.is_stopped) {}

  [[nodiscard]] Result<void> prepare() {
    identity_ = identify_repository(repository_);
    if (!options_.repo_id.empty()) {
      identity_ = identity_of_repo_id(options_.repo_id, identity_.provider);
    }
    TWINSTORE_TRY(branches_, list_branches(repository_));
    const auto found = std::ranges::find(branches_, true, &GitBranch::is_default);
    if (found == branches_.end()) {
      return Error{ErrorCode::PreconditionFailed,
                   "the repository has no commit on any branch, so there is nothing to analyse"};
    }
    default_ = static_cast<size_t>(found - branches_.begin());
    TWINSTORE_TRY(base_, graph_.load(branches_[default_].head));
    return {};
  }

  [[nodiscard]] Result<void> send_repository() {
    nlohmann::ordered_json row;
    row["repo_id"] = identity_.repo_id;
    row["owner"] = identity_.owner;
    row["name"] = identity_.name;
    row["provider"] = identity_.provider;
    row["default_branch"] = branches_[default_].name;
    row["total_branches"] = branches_.size();
    row["total_commits"] = graph_.count(base_);
    row["created_at"] = offset_time_text(graph_.committed_at(graph_.oldest_root(base_)));
    row["updated_at"] = branches_.front().last_commit_at;
    return sink_("repositories", row);
  }

  [[nodiscard]] Result<void> send_branches() {
    const auto total = static_cast<int64_t>(branches_.size());
    for (int64_t i = 0; i < total; ++i) {
      report("branches", i, total);
      const bool with_divergence = i < options_.divergence_max;
      TWINSTORE_TRY_VOID(send_branch(branches_[static_cast<size_t>(i)], with_divergence));
    }
    report("branches", total, total);
    return {};
  }

  [[nodiscard]] Result<void> send_branch(const GitBranch& branch, bool with_divergence) {
    if (!with_divergence) return sink_("branches", branch_row(identity_.repo_id, branch, nullptr));
    TWINSTORE_TRY(const GitCommitGraph::Index head, graph_.load(branch.head));
    const Divergence divergence = graph_.divergence(head, base_);
    return sink_("branches", branch_row(identity_.repo_id, branch, &divergence));
  }

  [[nodiscard]] Result<void> send_analyses() {
    const size_t total = std::min(branches_.size(), limit(options_.analyses_max));
    if (total == 0) return {};
    std::vector<const GitBranch*> chosen{&branches_[default_]};
    for (size_t i = 0; i < branches_.size() && chosen.size() < total; ++i) {
      if (i != default_) chosen.push_back(&branches_[i]);
    }
    for (size_t i = 0; i < total; ++i) {
      report("analyses", static_cast<int64_t>(i), static_cast<int64_t>(total));
      TWINSTORE_TRY_VOID(send_analysis(*chosen[i]));
    }
    report("analyses", static_cast<int64_t>(total), static_cast<int64_t>(total));
    return {};
  }

  [[nodiscard]] Result<void> send_analysis(const GitBranch& branch) {
    TWINSTORE_TRY(const TreeAnalysis analysis, trees_.analyse(branch.head));
    return sink_("analyses", analysis_row(identity_.repo_id, branch.name, oid_text(branch.head),
                                          branch.last_commit_at, analysis));
  }

  // What one commit of the default branch adds to the history.
  [[nodiscard]] Result<void> send_sample(GitCommitGraph::Index commit) {
    TWINSTORE_TRY(const TreeTotals totals, trees_.totals(graph_.id(commit)));
    const auto rows =
        metric_rows(identity_.repo_id, branches_[default_].name, oid_text(graph_.id(commit)),
                    offset_time_text(graph_.committed_at(commit)), totals);
    for (const nlohmann::ordered_json& row : rows) {
      TWINSTORE_TRY_VOID(sink_("historical_metrics", row));
    }
    return {};
  }

  [[nodiscard]] Result<void> send_head_sample(const GitBranch& branch) {
    return branch.is_default ? send_sample(base_) : Result<void>();
  }

  [[nodiscard]] Result<void> send_history() {
    const std::vector<GitCommitGraph::Index> history = graph_.first_parents(base_);
    const std::vector<size_t> samples =
        sample_positions(history.size(), options_.metric_samples_max);
    const auto total = static_cast<int64_t>(samples.size());
    for (int64_t i = 0; i < total; ++i) {
      report("history", i, total);
      TWINSTORE_TRY_VOID(send_sample(history[samples[static_cast<size_t>(i)]]));
    }
    report("history", total, total);
    return {};
  }

  [[nodiscard]] const GitBranch* find(std::string_view name) const {
    const auto found = std::ranges::find(branches_, name, &GitBranch::name);
    return found == branches_.end() ? nullptr : &*found;
  }

 private:
  static size_t limit(int value) { return value > 0 ? static_cast<size_t>(value) : 0; }

  void report(std::string_view stage, int64_t done, int64_t total) const {
    if (progress_) progress_(stage, done, total);
  }

  git_repository* repository_;
  const GitImportOptions& options_;
  const RowSink& sink_;
  const ProgressSink& progress_;
  GitCommitGraph graph_;
  GitTreeAnalyser trees_;
  RepositoryIdentity identity_;
  std::vector<GitBranch> branches_;  // not empty after prepare()
  size_t default_ = 0;
  GitCommitGraph::Index base_ = 0;  // the default branch's head
};

}  // namespace

Result<void> analyse_git_repository(const std::string& path, const GitImportOptions& options,
                                    const RowSink& sink, const ProgressSink& progress) {
  const GitSession session;
  TWINSTORE_TRY(const GitRepositoryHandle repository, open_git_repository(path));
  Analysis analysis(repository.get(), options, sink, progress);
  TWINSTORE_TRY_VOID(analysis.prepare());
  TWINSTORE_TRY_VOID(analysis.send_repository());
  TWINSTORE_TRY_VOID(analysis.send_branches());
  TWINSTORE_TRY_VOID(analysis.send_analyses());
  return analysis.send_history();
}

Result<void> analyse_git_branch(const std::string& path, std::string_view branch,
                                const GitImportOptions& options, const RowSink& sink) {
  const GitSession session;
  TWINSTORE_TRY(const GitRepositoryHandle repository, open_git_repository(path));
  const ProgressSink silent;
  Analysis analysis(repository.get(), options, sink, silent);
  TWINSTORE_TRY_VOID(analysis.prepare());
  const GitBranch* found = analysis.find(branch);
  if (found == nullptr) {
    return Error{ErrorCode::NotFound, "the repository has no branch " + std::string(branch)};
  }
  TWINSTORE_TRY_VOID(analysis.send_branch(*found, true));
  TWINSTORE_TRY_VOID(analysis.send_analysis(*found));
  return analysis.send_head_sample(*found);
}

}  // namespace twinstore
