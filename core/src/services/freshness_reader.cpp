#include "services/freshness_reader.h"

#include "storage/sql_query.h"
#include "twinstore/time_text.h"

namespace twinstore {
namespace {

// The newest analysis stands first in the index of analyses read from its end: two seeks a branch,
// and no document is read.
std::string facts_sql(std::string_view where) {
  const auto newest = [](std::string_view column) {
    return "(SELECT a." + std::string(column) +
           " FROM analyses a WHERE a.repo_id = b.repo_id AND a.branch_name = b.name"
           " ORDER BY a.analysis_timestamp DESC, a.commit_sha DESC LIMIT 1)";
  };
  return "SELECT b.name, b.commit_sha, b.last_analyzed_at, b.refresh_requested_at, " +
         newest("analysis_timestamp") + ", " + newest("commit_sha") + " FROM branches b WHERE " +
         std::string(where);
}

Result<std::optional<int64_t>> time_at(const Statement& row, int column) {
  if (row.is_null(column)) return std::optional<int64_t>{};
  TWINSTORE_TRY(const int64_t ms, parse_time(row.text(column)));
  return std::optional(ms);
}

Result<BranchFacts> facts_at(const Statement& row) {
  BranchFacts facts;
  facts.head_commit = row.text(1);
  TWINSTORE_TRY(facts.last_analyzed_ms, time_at(row, 2));
  TWINSTORE_TRY(facts.refresh_requested_ms, time_at(row, 3));
  TWINSTORE_TRY(const auto newest_ms, time_at(row, 4));
  if (newest_ms) facts.newest = AnalysisPoint{*newest_ms, std::string(row.text(5))};
  return facts;
}

Result<void> read_facts(SqliteStorage& storage, std::string_view where,
                        const std::vector<Value>& parameters, const TakeBranch& take) {
  TWINSTORE_TRY(const auto query, storage.prepare_query(facts_sql(where)));
  TWINSTORE_TRY_VOID(query->bind(parameters));
  Statement& statement = query->statement();
  for (;;) {
    TWINSTORE_TRY(const bool has_row, statement.step());
    if (!has_row) return {};
    TWINSTORE_TRY(const BranchFacts facts, facts_at(statement));
    take(std::string(statement.text(0)), facts);
  }
}

}  // namespace

Result<std::optional<BranchFacts>> read_branch_facts(SqliteStorage& storage,
                                                     std::string_view repo_id,
                                                     std::string_view branch_name) {
  std::optional<BranchFacts> found;
  TWINSTORE_TRY_VOID(read_facts(
      storage, "b.repo_id = ? AND b.name = ?", {std::string(repo_id), std::string(branch_name)},
      [&](const std::string&, const BranchFacts& facts) { found = facts; }));
  return found;
}

Result<void> read_repository_facts(SqliteStorage& storage, std::string_view repo_id,
                                   const TakeBranch& take) {
  return read_facts(storage, "b.repo_id = ? ORDER BY b.name", {std::string(repo_id)}, take);
}

}  // namespace twinstore
