#include "twinstore/cleanup.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "services/code_collections.h"
#include "sync/conflict_rows.h"
#include "twinstore/limits.h"
#include "twinstore/time_text.h"

namespace twinstore {
namespace {

bool is_age(double hours) {
  return std::isfinite(hours) && hours >= 0 && hours <= limits::cleanup_age_hours_max;
}

std::string time_before(int64_t now_ms, double hours) {
  return time_text(std::max<int64_t>(0, now_ms - static_cast<int64_t>(hours * hour_ms)));
}

const std::string* text_in(const RowVersion& row, uint16_t field) {
  return std::get_if<std::string>(&row.values[field]);
}

// What is read of a candidate: its key, the order and what the rules look at, no documents.
std::vector<uint16_t> unread(const Collection& collection) {
  std::vector<uint16_t> out;
  for (uint16_t field = 0; field < collection.fields.size(); ++field) {
    const FieldType type = collection.fields[field].type;
    const bool is_document = type == FieldType::Json || type == FieldType::Set;
    if (is_document || collection.fields[field].name == "ai_summary") out.push_back(field);
  }
  return out;
}

}  // namespace

Result<Cleanup> Cleanup::make(const Schema& schema, Clock& clock, const CleanupOptions& options) {
  if (!is_age(options.max_age_hours) || !is_age(options.max_age_days * 24)) {
    return Error{ErrorCode::InvalidArgument, "an age is a number from 0 to 100 years"};
  }
  TWINSTORE_TRY_VOID(CodeCollections::of(schema));
  Cleanup cleanup(schema);
  cleanup.add_kinds(clock, options);
  return cleanup;
}

void Cleanup::add_kinds(Clock& clock, const CleanupOptions& options) {
  const CodeCollections code = CodeCollections::of(*schema_).value();
  const int64_t now = clock.now_ms();
  old_ = time_before(now, options.max_age_days * 24);
  const auto add = [&](const Collection* collection, const char* time, std::string end, auto may_go,
                       auto stays) {
    kinds_.push_back({collection, field_at(*collection, time), std::move(end), may_go, stays});
  };
  if (options.cleanup_cache) {
    add(code.cache_entries, "expires_at", time_text(now + 1), &Cleanup::any_row,
        &Cleanup::nothing_keeps);
    add(code.cache_entries, "last_accessed_at", time_before(now, options.max_age_hours),
        &Cleanup::is_endless, &Cleanup::nothing_keeps);
  }
  if (options.cleanup_old_analyses) {
    add(code.metrics, "recorded_at", old_, &Cleanup::any_row, &Cleanup::is_of_newest);
    add(code.analyses, "analysis_timestamp", old_, &Cleanup::any_row, &Cleanup::is_newest);
  }
  if (options.cleanup_old_repos) {
    add(code.repositories, "updated_at", old_, &Cleanup::any_row, &Cleanup::is_in_use);
  }
}

// The rows of the kind under way behind the last ones; moves on to the next kind behind its last.
Result<std::vector<RowVersion>> Cleanup::next_rows(Storage& storage) {
  const Kind& kind = kinds_[kind_];
  Selection selection;
  selection.bounds = {{kind.time, Selection::Side::Below, kind.end}};
  selection.order = {kind.time};
  selection.after = std::exchange(place_, {});
  selection.rows_max = limits::cleanup_batch_rows;
  selection.left_out = unread(*kind.collection);
  std::vector<RowVersion> rows;
  TWINSTORE_TRY_VOID(
      storage.select(*kind.collection, selection, [&](const Collection&, RowVersion&& row) {
        rows.push_back(std::move(row));
        return true;
      }));
  if (rows.size() < limits::cleanup_batch_rows) {
    ++kind_;
    return rows;
  }
  for (const uint16_t field : order_of(selection, kind.collection->key_count)) {
    place_.push_back(rows.back().values[field]);
  }
  return rows;
}

Result<bool> Cleanup::step(OwnWrites& writes) {
  PersistenceWriter writer(writes);
  size_t rows_left = limits::delete_batch_rows;
  if (repository_) {
    TWINSTORE_TRY(const bool is_gone,
                  writer.delete_repository(std::get<std::string>(repository_->front()), rows_left,
                                           result_.deleted));
    if (is_gone) repository_.reset();
    return is_done();
  }
  if (is_done()) return true;
  const Kind kind = kinds_[kind_];
  Storage& storage = writes.authority().storage();
  TWINSTORE_TRY(const auto rows, next_rows(storage));
  for (const RowVersion& row : rows) {
    TWINSTORE_TRY(const bool is_to_go, goes(storage, kind, row));
    if (!is_to_go) continue;
    if (kind.collection->name == RepositoryInfo::collection) {
      // It may be a step of its own: the rows behind it are looked at again.
      repository_ = kind.collection->key_of(row.values);
      place_ = {row.values[kind.time], row.values.front()};
      kind_ = kinds_.size() - 1;
      return false;
    }
    TWINSTORE_TRY_VOID(remove(writer, kind, row, rows_left));
  }
  return is_done();
}

Result<bool> Cleanup::goes(Storage& storage, const Kind& kind, const RowVersion& row) const {
  if (!(this->*kind.may_go)(row)) return false;
  TWINSTORE_TRY(const bool stays, (this->*kind.stays)(storage, row));
  return !stays;
}

Result<Cleanup::Found> Cleanup::find(Storage& storage) {
  TWINSTORE_CHECK(!is_done());
  const Kind kind = kinds_[kind_];
  Found found{kind.collection, {}};
  TWINSTORE_TRY(const auto rows, next_rows(storage));
  for (const RowVersion& row : rows) {
    TWINSTORE_TRY(const bool is_to_go, goes(storage, kind, row));
    if (is_to_go) found.keys.push_back(kind.collection->key_of(row.values));
  }
  return found;
}

Result<void> Cleanup::remove(PersistenceWriter& writer, const Kind& kind, const RowVersion& row,
                             size_t& rows_left) {
  TWINSTORE_TRY_VOID(writer.delete_row(kind.collection->name, kind.collection->key_of(row.values),
                                       rows_left, result_.deleted));
  if (kind.collection->name != CacheEntry::collection) return {};
  const auto* path = text_in(row, field_at(*kind.collection, "path"));
  if (path != nullptr) result_.files.push_back(*path);
  return {};
}

bool Cleanup::is_endless(const RowVersion& entry) const {
  return is_null(entry.values[field_at(*schema_->find(CacheEntry::collection), "expires_at")]);
}

Result<std::string> Cleanup::newest_commit(Storage& storage, const Collection& of,
                                           const RowVersion& row) const {
  const Collection& analyses = *schema_->find(BranchAnalysisResult::collection);
  const uint16_t commit = field_at(analyses, "commit_sha");
  Selection newest;
  for (const char* name : {"repo_id", "branch_name"}) {
    newest.equal.emplace_back(field_at(analyses, name), row.values[field_at(of, name)]);
  }
  newest.order = {field_at(analyses, "analysis_timestamp"), commit};
  newest.is_descending = true;
  newest.rows_max = 1;
  newest.left_out = unread(analyses);
  std::string found;
  TWINSTORE_TRY_VOID(storage.select(analyses, newest, [&](const Collection&, RowVersion&& first) {
    found = std::get<std::string>(first.values[commit]);
    return false;
  }));
  return found;
}

Result<bool> Cleanup::is_newest(Storage& storage, const RowVersion& analysis) const {
  const Collection& analyses = *schema_->find(BranchAnalysisResult::collection);
  TWINSTORE_TRY(const std::string newest, newest_commit(storage, analyses, analysis));
  return *text_in(analysis, field_at(analyses, "commit_sha")) == newest;
}

Result<bool> Cleanup::is_of_newest(Storage& storage, const RowVersion& metric) const {
  const Collection& metrics = *schema_->find(HistoricalMetric::collection);
  const std::string* commit = text_in(metric, field_at(metrics, "commit_sha"));
  if (commit == nullptr) return false;
  TWINSTORE_TRY(const std::string newest, newest_commit(storage, metrics, metric));
  return *commit == newest;
}

Result<bool> Cleanup::is_in_use(Storage& storage, const RowVersion& repository) const {
  const Value repo_id = repository.values.front();
  constexpr std::array<std::pair<std::string_view, const char*>, 6> signs{
      {{BranchInfo::collection, "last_commit_at"},
       {BranchInfo::collection, "updated_at"},
       {BranchInfo::collection, "last_analyzed_at"},
       {BranchAnalysisResult::collection, "analysis_timestamp"},
       {HistoricalMetric::collection, "recorded_at"},
       {CacheEntry::collection, "last_accessed_at"}}};
  for (const auto& [name, time] : signs) {
    const Collection& collection = *schema_->find(name);
    Selection newer;
    newer.equal = {{field_at(collection, "repo_id"), repo_id}};
    newer.bounds = {{field_at(collection, time), Selection::Side::From, old_}};
    TWINSTORE_TRY(const int64_t count, storage.count(collection, newer));
    if (count > 0) return true;
  }
  Selection open;
  open.equal = {{conflict_field::status, std::string("open")}, {conflict_field::scope, repo_id}};
  TWINSTORE_TRY(const int64_t conflicts, storage.count(conflicts_of(*schema_), open));
  return conflicts > 0;
}

}  // namespace twinstore
