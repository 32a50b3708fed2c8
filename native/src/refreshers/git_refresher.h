// Refreshing from a git repository on this machine's disk, with libgit2. A refresh analyses the
// head of one branch; a survey reads which branches there are and where they stand.
// Thread rule: as Refresher.
#pragma once

#include <string>

#include "refreshers/refresher.h"

namespace twinstore {

class GitRefresher final : public Refresher {
 public:
  // `path`: a work tree, its .git folder or a bare repository, kept up to date by somebody else.
  explicit GitRefresher(std::string path) : path_(std::move(path)) {}

  // That of `twinstore import git`, so that both hand in the same rows in one name.
  [[nodiscard]] std::string_view source() const override { return "git"; }
  // Errors: as analyse_git_branch.
  [[nodiscard]] Result<Refreshed> refresh(const RefreshRequest& request,
                                          const CallBounds& bounds) override;
  [[nodiscard]] Result<std::optional<Refreshed>> survey(const std::string& repo_id,
                                                        const CallBounds& bounds) override;

 private:
  std::string path_;
};

}  // namespace twinstore
