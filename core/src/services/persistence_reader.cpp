#include "twinstore/persistence_reader.h"

#include <algorithm>

#include "services/code_collections.h"
#include "twinstore/time_text.h"

namespace twinstore {
namespace {

using Side = Selection::Side;

int64_t integer_in(const RowVersion& row, uint16_t field) {
  const auto* number = std::get_if<int64_t>(&row.values[field]);
  return number == nullptr ? 0 : *number;
}

// All but these.
std::vector<uint16_t> others(const Collection& collection, std::initializer_list<uint16_t> needed) {
  std::vector<uint16_t> out;
  for (uint16_t field = 0; field < collection.fields.size(); ++field) {
    const bool is_needed = std::ranges::find(needed, field) != needed.end();
    if (!is_needed && field >= collection.key_count) out.push_back(field);
  }
  return out;
}

Selection of_branch(const Collection& collection, std::string_view repo_id,
                    std::string_view branch_name) {
  Selection selection;
  selection.equal = {{field_at(collection, "repo_id"), text_value(repo_id)},
                     {field_at(collection, "branch_name"), text_value(branch_name)}};
  return selection;
}

Selection history_of(const Collection& analyses, std::string_view repo_id,
                     std::string_view branch_name) {
  Selection selection = of_branch(analyses, repo_id, branch_name);
  selection.order = {field_at(analyses, "analysis_timestamp"), field_at(analyses, "commit_sha")};
  selection.is_descending = true;
  return selection;
}

Selection metrics_of(const Collection& metrics, std::string_view repo_id,
                     std::string_view branch_name, const MetricsWanted& which) {
  Selection selection = of_branch(metrics, repo_id, branch_name);
  const uint16_t name = field_at(metrics, "metric_name");
  const uint16_t recorded = field_at(metrics, "recorded_at");
  if (!which.metric_name.empty()) selection.equal.emplace_back(name, text_value(which.metric_name));
  if (!which.since.empty()) selection.bounds.push_back({recorded, Side::From, which.since});
  if (!which.until.empty()) selection.bounds.push_back({recorded, Side::Below, which.until});
  selection.order = {name, recorded};
  return selection;
}

}  // namespace

Result<PersistenceReader> PersistenceReader::make(const Schema& schema, Storage& storage,
                                                  Clock& clock) {
  TWINSTORE_TRY_VOID(CodeCollections::of(schema));
  return PersistenceReader(schema, storage, clock);
}

Result<std::optional<RowVersion>> PersistenceReader::live_row(std::string_view collection,
                                                              Key key) {
  TWINSTORE_TRY(auto row, load_row(*storage_, *schema_->find(collection), key));
  if (row && row->is_deleted()) row.reset();
  return row;
}

Result<std::vector<RowVersion>> PersistenceReader::selected(const Collection& collection,
                                                            Selection selection,
                                                            const RowsWanted& wanted) {
  selection.after = wanted.after;
  selection.rows_max = wanted.rows_max;
  selection.left_out = wanted.left_out;
  std::vector<RowVersion> rows;
  TWINSTORE_TRY_VOID(
      storage_->select(collection, selection, [&](const Collection&, RowVersion&& row) {
        rows.push_back(std::move(row));
        return true;
      }));
  return rows;
}

Result<std::optional<RowVersion>> PersistenceReader::repository(std::string_view repo_id) {
  return live_row(RepositoryInfo::collection, {text_value(repo_id)});
}

Result<std::optional<RowVersion>> PersistenceReader::branch(std::string_view repo_id,
                                                            std::string_view name) {
  return live_row(BranchInfo::collection, {text_value(repo_id), text_value(name)});
}

Result<std::vector<RowVersion>> PersistenceReader::branches(std::string_view repo_id,
                                                            const RowsWanted& wanted) {
  const Collection& branches = *schema_->find(BranchInfo::collection);
  Selection selection;
  selection.equal = {{field_at(branches, "repo_id"), text_value(repo_id)}};
  return selected(branches, std::move(selection), wanted);
}

Result<std::optional<RowVersion>> PersistenceReader::analysis(
    std::string_view repo_id, std::string_view branch_name,
    const std::optional<std::string>& commit_sha) {
  if (commit_sha) {
    return live_row(BranchAnalysisResult::collection,
                    {text_value(repo_id), text_value(branch_name), *commit_sha});
  }
  RowsWanted newest;
  newest.rows_max = 1;
  TWINSTORE_TRY(auto rows, analysis_history(repo_id, branch_name, newest));
  if (rows.empty()) return std::optional<RowVersion>{};
  return std::optional(std::move(rows.front()));
}

Result<std::vector<RowVersion>> PersistenceReader::analysis_history(std::string_view repo_id,
                                                                    std::string_view branch_name,
                                                                    const RowsWanted& wanted) {
  const Collection& analyses = *schema_->find(BranchAnalysisResult::collection);
  return selected(analyses, history_of(analyses, repo_id, branch_name), wanted);
}

Result<std::vector<RowVersion>> PersistenceReader::metrics(std::string_view repo_id,
                                                           std::string_view branch_name,
                                                           const MetricsWanted& which,
                                                           const RowsWanted& wanted) {
  const Collection& metrics = *schema_->find(HistoricalMetric::collection);
  return selected(metrics, metrics_of(metrics, repo_id, branch_name, which), wanted);
}

Result<std::optional<RowVersion>> PersistenceReader::cache_entry(std::string_view cache_key) {
  TWINSTORE_TRY(auto row, live_row(CacheEntry::collection, {text_value(cache_key)}));
  if (!row) return row;
  const uint16_t expires = field_at(*schema_->find(CacheEntry::collection), "expires_at");
  const auto* until = std::get_if<std::string>(&row->values[expires]);
  if (until != nullptr && *until <= time_text(clock_->now_ms())) row.reset();
  return row;
}

Result<CacheStatistics> PersistenceReader::cache_statistics() {
  const Collection& entries = *schema_->find(CacheEntry::collection);
  const uint16_t size = field_at(entries, "size_bytes");
  const uint16_t hits = field_at(entries, "hit_count");
  const uint16_t expires = field_at(entries, "expires_at");
  CacheStatistics out;
  const std::string now = time_text(clock_->now_ms());
  Selection all;
  all.left_out = others(entries, {size, hits, expires});
  TWINSTORE_TRY_VOID(storage_->select(entries, all, [&](const Collection&, RowVersion&& row) {
    const auto* until = std::get_if<std::string>(&row.values[expires]);
    ++out.entries;
    out.bytes += integer_in(row, size);
    out.hits += integer_in(row, hits);
    if (until != nullptr && *until <= now) ++out.expired;
    return true;
  }));
  return out;
}

Result<PersistenceStatistics> PersistenceReader::statistics() {
  PersistenceStatistics out;
  TWINSTORE_TRY(out.cache, cache_statistics());
  for (const Collection& collection : schema_->collections()) {
    if (collection.is_system) continue;
    TWINSTORE_TRY(const int64_t rows, storage_->count(collection, {}));
    out.rows.emplace_back(collection.name, rows);
  }
  TWINSTORE_TRY(out.sync, read_sync_statistics(*schema_, *storage_));
  return out;
}

std::vector<Value> PersistenceReader::place_of(const Collection& collection, const RowVersion& row,
                                               const MetricsWanted& which) const {
  Selection selection;
  if (collection.name == BranchInfo::collection) {
    selection.equal = {{field_at(collection, "repo_id"), {}}};
  } else if (collection.name == BranchAnalysisResult::collection) {
    selection = history_of(collection, {}, {});
  } else {
    selection = metrics_of(collection, {}, {}, which);
  }
  std::vector<Value> place;
  for (const uint16_t field : order_of(selection, collection.key_count)) {
    place.push_back(row.values[field]);
  }
  return place;
}

std::string persistence_statistics_json(const PersistenceStatistics& statistics) {
  JsonValue rows = JsonValue::object();
  for (const auto& [name, count] : statistics.rows) rows[name] = count;
  const CacheStatistics& cache = statistics.cache;
  const JsonValue json{{"cache",
                        {{"entries", cache.entries},
                         {"bytes", cache.bytes},
                         {"hits", cache.hits},
                         {"expired", cache.expired}}},
                       {"rows", rows}};
  std::string text = json.dump();
  text.back() = ',';
  return text + R"("sync":)" + statistics_json(statistics.sync) + "}";
}

}  // namespace twinstore
