#include "twinstore/persistence_writer.h"

#include <algorithm>
#include <array>

#include "services/code_collections.h"
#include "twinstore/time_text.h"

namespace twinstore {
namespace {}  // namespace

std::string row_counts_json(const Schema& schema, const RowCounts& counts) {
  JsonValue json = JsonValue::object();
  for (const Collection& collection : schema.collections()) {
    if (collection.is_system) continue;
    const auto at = counts.find(collection.name);
    json[collection.name] = at == counts.end() ? 0 : at->second;
  }
  return json.dump();
}

Result<std::vector<IngestResult>> PersistenceWriter::store(const Schema& rules,
                                                           std::string_view source,
                                                           std::vector<IngestRecord> records) {
  TWINSTORE_TRY_VOID(prefetch_ingest(writes_.authority(), source, records));
  std::vector<IngestResult> results;
  results.reserve(records.size());
  for (IngestRecord& record : records) {
    TWINSTORE_TRY_VOID(date_new_entry(record));
    TWINSTORE_TRY(IngestResult result,
                  ingest(writes_.authority(), rules, source, std::move(record), writes_.scopes()));
    results.push_back(std::move(result));
  }
  return results;
}

Result<void> PersistenceWriter::date_new_entry(IngestRecord& record) {
  const Collection& collection = *record.collection;
  if (collection.name != CacheEntry::collection) return {};
  Authority& authority = writes_.authority();
  TWINSTORE_TRY(const auto row, load_row(authority.storage(), collection, record.edit.key));
  if (row && !row->is_deleted()) return {};
  for (const char* name : {"created_at", "last_accessed_at"}) {
    const uint16_t field = field_at(collection, name);
    auto& fields = record.edit.fields;
    const bool is_named =
        std::ranges::any_of(fields, [&](const auto& item) { return item.first == field; });
    if (!is_named) fields.emplace_back(field, time_text(authority.clock().now_ms()));
  }
  std::ranges::sort(record.edit.fields, {}, &std::pair<uint16_t, Value>::first);
  return {};
}

Result<bool> PersistenceWriter::touch_cache_entry(std::string_view cache_key) {
  Authority& authority = writes_.authority();
  TWINSTORE_TRY(const CodeCollections code, CodeCollections::of(authority.schema()));
  const Collection& entries = *code.cache_entries;
  const uint16_t accessed = field_at(entries, "last_accessed_at");
  const uint16_t expires = field_at(entries, "expires_at");
  const uint16_t hits = field_at(entries, "hit_count");
  const std::string now = time_text(authority.clock().now_ms());
  TWINSTORE_TRY(const auto row, load_row(authority.storage(), entries, {text_value(cache_key)}));
  if (!row || row->is_deleted()) return false;
  const auto* until = std::get_if<std::string>(&row->values[expires]);
  if (until != nullptr && *until <= now) return false;
  Edit edit;
  edit.collection = entries.position;
  edit.kind = EditKind::Update;
  edit.key = {text_value(cache_key)};
  edit.fields = {{accessed, now}, {hits, int64_t{1}}};
  std::ranges::sort(edit.fields, {}, &std::pair<uint16_t, Value>::first);
  edit.increments = {hits};
  TWINSTORE_TRY_VOID(writes_.write(edit));
  return true;
}

Result<void> PersistenceWriter::delete_row(std::string_view collection, Key key, size_t& rows_left,
                                           RowCounts& counts) {
  Edit edit;
  edit.collection = writes_.authority().schema().find(collection)->position;
  edit.kind = EditKind::Delete;
  edit.key = std::move(key);
  TWINSTORE_TRY(const auto outcome, writes_.write(edit));
  if (!outcome) return {};
  ++counts[std::string(collection)];
  --rows_left;
  return {};
}

Result<void> PersistenceWriter::delete_rows(std::string_view collection, Selection selection,
                                            size_t& rows_left, RowCounts& counts) {
  if (rows_left == 0) return {};
  Authority& authority = writes_.authority();
  const Collection& rows = *authority.schema().find(collection);
  selection.rows_max = rows_left;
  if (collection == HistoricalMetric::collection) {
    // Otherwise all of a branch's are sorted by their ids, for each batch anew.
    selection.order = {field_at(rows, "branch_name"), field_at(rows, "metric_name"),
                       field_at(rows, "recorded_at")};
  }
  for (auto field = static_cast<uint16_t>(rows.key_count); field < rows.fields.size(); ++field) {
    selection.left_out.push_back(field);
  }
  std::vector<Key> keys;
  TWINSTORE_TRY_VOID(
      authority.storage().select(rows, selection, [&](const Collection&, RowVersion&& row) {
        keys.push_back(rows.key_of(row.values));
        return true;
      }));
  std::vector<RowId> ids;
  for (const Key& key : keys) ids.push_back({rows.position, key});
  TWINSTORE_TRY_VOID(authority.storage().prefetch(ids, {}));
  for (Key& key : keys) {
    TWINSTORE_TRY_VOID(delete_row(collection, std::move(key), rows_left, counts));
  }
  return {};
}

Result<bool> PersistenceWriter::delete_repository(std::string_view repo_id, size_t rows_max,
                                                  RowCounts& counts) {
  const Schema& schema = writes_.authority().schema();
  TWINSTORE_TRY_VOID(CodeCollections::of(schema));
  size_t rows_left = rows_max;
  constexpr std::array belonging{HistoricalMetric::collection, BranchAnalysisResult::collection,
                                 BranchInfo::collection, CacheEntry::collection};
  for (const std::string_view name : belonging) {
    Selection of_repository;
    of_repository.equal = {{field_at(*schema.find(name), "repo_id"), text_value(repo_id)}};
    TWINSTORE_TRY_VOID(delete_rows(name, std::move(of_repository), rows_left, counts));
  }
  if (rows_left == 0) return false;
  TWINSTORE_TRY_VOID(
      delete_row(RepositoryInfo::collection, {text_value(repo_id)}, rows_left, counts));
  return true;
}

Result<bool> PersistenceWriter::delete_branch(std::string_view repo_id, std::string_view name,
                                              size_t rows_max, RowCounts& counts) {
  const Schema& schema = writes_.authority().schema();
  TWINSTORE_TRY_VOID(CodeCollections::of(schema));
  size_t rows_left = rows_max;
  constexpr std::array belonging{HistoricalMetric::collection, BranchAnalysisResult::collection};
  for (const std::string_view collection : belonging) {
    const Collection& rows = *schema.find(collection);
    Selection of_branch;
    of_branch.equal = {{field_at(rows, "repo_id"), text_value(repo_id)},
                       {field_at(rows, "branch_name"), text_value(name)}};
    TWINSTORE_TRY_VOID(delete_rows(collection, std::move(of_branch), rows_left, counts));
  }
  if (rows_left == 0) return false;
  TWINSTORE_TRY_VOID(delete_row(BranchInfo::collection, {text_value(repo_id), text_value(name)},
                                rows_left, counts));
  return true;
}

}  // namespace twinstore
