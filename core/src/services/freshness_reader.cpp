#include "services/freshness_reader.h"

#include <map>
#include <vector>

#include "services/code_fields.h"
#include "twinstore/time_text.h"

namespace twinstore {
namespace {

std::optional<int64_t> time_of(const Record& values, uint16_t field) {
  const auto* text = std::get_if<std::string>(&values[field]);
  const auto parsed = text == nullptr ? Result<int64_t>(Error{}) : parse_time(*text);
  return parsed.ok() ? std::optional(parsed.value()) : std::nullopt;
}

std::string text_of(const Record& values, uint16_t field) {
  const auto* text = std::get_if<std::string>(&values[field]);
  return text == nullptr ? std::string() : *text;
}

BranchFacts branch_of(const CodeFields& fields, const Record& values) {
  BranchFacts facts;
  facts.head_commit = text_of(values, fields.branch_commit);
  facts.last_analyzed_ms = time_of(values, fields.last_analyzed_at);
  facts.refresh_requested_ms = time_of(values, fields.refresh_requested_at);
  return facts;
}

std::optional<AnalysisPoint> point_of(const CodeFields& fields, const Record& values) {
  const auto at_ms = time_of(values, fields.analysis_timestamp);
  if (!at_ms) return std::nullopt;
  return AnalysisPoint{*at_ms, text_of(values, fields.analysis_commit)};
}

// An analysis is told by its key and its time; its documents stay where they are.
std::vector<uint16_t> documents_of(const CodeFields& fields) {
  std::vector<uint16_t> out;
  for (size_t i = fields.analyses->key_count; i < fields.analyses->fields.size(); ++i) {
    const auto field = static_cast<uint16_t>(i);
    if (field != fields.analysis_timestamp) out.push_back(field);
  }
  return out;
}

Result<std::map<std::string, AnalysisPoint>> newest_points(const CodeFields& fields,
                                                           Storage& storage,
                                                           std::string_view repo_id) {
  std::map<std::string, AnalysisPoint> newest;
  Selection selection;
  selection.equal = {{fields.analysis_repo, std::string(repo_id)}};
  selection.order = {fields.analysis_branch, fields.analysis_timestamp};
  selection.left_out = documents_of(fields);
  TWINSTORE_TRY_VOID(
      storage.select(*fields.analyses, selection, [&](const Collection&, RowVersion&& row) {
        const auto point = point_of(fields, row.values);
        if (point) newest.insert_or_assign(text_of(row.values, fields.analysis_branch), *point);
        return true;
      }));
  return newest;
}

}  // namespace

Result<std::optional<BranchFacts>> read_branch_facts(const Schema& schema, Storage& storage,
                                                     std::string_view repo_id,
                                                     std::string_view branch_name) {
  TWINSTORE_TRY(const CodeFields fields, CodeFields::of(schema));
  TWINSTORE_TRY(const auto row, load_row(storage, *fields.branches,
                                         {std::string(repo_id), std::string(branch_name)}));
  if (!row || row->is_deleted()) return std::optional<BranchFacts>{};
  BranchFacts facts = branch_of(fields, row->values);
  Selection newest;
  newest.equal = {{fields.analysis_repo, std::string(repo_id)},
                  {fields.analysis_branch, std::string(branch_name)}};
  newest.order = {fields.analysis_timestamp};
  newest.is_descending = true;
  newest.rows_max = 1;
  newest.left_out = documents_of(fields);
  TWINSTORE_TRY_VOID(
      storage.select(*fields.analyses, newest, [&](const Collection&, RowVersion&& analysis) {
        facts.newest = point_of(fields, analysis.values);
        return false;
      }));
  return std::optional(std::move(facts));
}

Result<void> read_repository_facts(const Schema& schema, Storage& storage, std::string_view repo_id,
                                   const TakeBranch& take) {
  TWINSTORE_TRY(const CodeFields fields, CodeFields::of(schema));
  TWINSTORE_TRY(const auto newest, newest_points(fields, storage, repo_id));
  Selection selection;
  selection.equal = {{fields.branch_repo, std::string(repo_id)}};
  return storage.select(*fields.branches, selection, [&](const Collection&, RowVersion&& row) {
    BranchFacts facts = branch_of(fields, row.values);
    const std::string name = text_of(row.values, fields.branch_name);
    if (const auto at = newest.find(name); at != newest.end()) facts.newest = at->second;
    take(name, facts);
    return true;
  });
}

Result<std::optional<AnalysisPoint>> read_analysis_point(const Schema& schema, Storage& storage,
                                                         std::string_view repo_id,
                                                         std::string_view branch_name,
                                                         std::string_view commit_sha) {
  TWINSTORE_TRY(const CodeFields fields, CodeFields::of(schema));
  const Key key{std::string(repo_id), std::string(branch_name), std::string(commit_sha)};
  TWINSTORE_TRY(const auto row, load_row(storage, *fields.analyses, key));
  if (!row || row->is_deleted()) return std::optional<AnalysisPoint>{};
  return point_of(fields, row->values);
}

}  // namespace twinstore
