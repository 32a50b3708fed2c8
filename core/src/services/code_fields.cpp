#include "services/code_fields.h"

namespace twinstore {
namespace {

bool find(const Collection& collection, const char* name, uint16_t& position) {
  const auto found = collection.find_field(name);
  if (found) position = *found;
  return found.has_value();
}

}  // namespace

Result<CodeFields> CodeFields::of(const Schema& schema) {
  CodeFields fields;
  fields.branches = schema.find("branches");
  fields.analyses = schema.find("analyses");
  const bool is_whole =
      fields.branches != nullptr && fields.analyses != nullptr &&
      find(*fields.branches, "repo_id", fields.branch_repo) &&
      find(*fields.branches, "name", fields.branch_name) &&
      find(*fields.branches, "commit_sha", fields.branch_commit) &&
      find(*fields.branches, "last_analyzed_at", fields.last_analyzed_at) &&
      find(*fields.branches, "refresh_requested_at", fields.refresh_requested_at) &&
      find(*fields.analyses, "repo_id", fields.analysis_repo) &&
      find(*fields.analyses, "branch_name", fields.analysis_branch) &&
      find(*fields.analyses, "commit_sha", fields.analysis_commit) &&
      find(*fields.analyses, "analysis_timestamp", fields.analysis_timestamp) &&
      fields.branches->key_count == 2 && fields.analyses->key_count == 3;
  if (is_whole) return fields;
  return Error{ErrorCode::UnknownCollection, "this schema has no branches with analyses"};
}

}  // namespace twinstore
