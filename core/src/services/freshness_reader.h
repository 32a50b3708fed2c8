// What is known of branches, from the rows of a store. Thread rule: the storage's thread.
// Next: freshness.h judges it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "twinstore/freshness.h"
#include "twinstore/storage.h"

namespace twinstore {

// Errors of each: UnknownCollection when the schema has no such branches and analyses; as Storage.

// Nothing: there is no such branch.
[[nodiscard]] Result<std::optional<BranchFacts>> read_branch_facts(const Schema& schema,
                                                                   Storage& storage,
                                                                   std::string_view repo_id,
                                                                   std::string_view branch_name);

using TakeBranch = std::function<void(const std::string& branch_name, const BranchFacts& facts)>;
// All branches of a repository, by name.
[[nodiscard]] Result<void> read_repository_facts(const Schema& schema, Storage& storage,
                                                 std::string_view repo_id, const TakeBranch& take);

// Nothing: there is no analysis of this commit.
[[nodiscard]] Result<std::optional<AnalysisPoint>> read_analysis_point(const Schema& schema,
                                                                       Storage& storage,
                                                                       std::string_view repo_id,
                                                                       std::string_view branch_name,
                                                                       std::string_view commit_sha);

}  // namespace twinstore
