// What is known of branches, from the rows of a SQLite store: the same SQL in the browser and on
// the server. Thread rule: the storage's thread. Next: freshness.h judges it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "twinstore/freshness.h"
#include "twinstore/sqlite_storage.h"

namespace twinstore {

// Errors of each: Sql when the schema has no such branches and analyses; as Storage.

// Nothing: there is no such branch.
[[nodiscard]] Result<std::optional<BranchFacts>> read_branch_facts(SqliteStorage& storage,
                                                                   std::string_view repo_id,
                                                                   std::string_view branch_name);

using TakeBranch = std::function<void(const std::string& branch_name, const BranchFacts& facts)>;
// All branches of a repository, by name.
[[nodiscard]] Result<void> read_repository_facts(SqliteStorage& storage, std::string_view repo_id,
                                                 const TakeBranch& take);

}  // namespace twinstore
