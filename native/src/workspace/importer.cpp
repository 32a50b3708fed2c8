#include "workspace/importer.h"

#include <algorithm>
#include <array>
#include <set>

#include "config/server_limits.h"

namespace twinstore {
namespace {

struct Noun {
  std::string_view collection;
  std::string_view one;
  std::string_view many;
};
constexpr std::array<Noun, 4> nouns{
    {{"repositories", "repository", "repositories"},
     {"branches", "branch", "branches"},
     {"analyses", "analysis", "analyses"},
     {"historical_metrics", "historical metric", "historical metrics"}}};

std::string counted(int64_t count, std::string_view one, std::string_view many) {
  return std::to_string(count) + " " + std::string(count == 1 ? one : many);
}

}  // namespace

std::string ImportCounts::text() const {
  std::string out;
  for (const Noun& noun : nouns) {
    const auto at = rows.find(noun.collection);
    if (at == rows.end()) continue;
    out += (out.empty() ? "" : ", ") + counted(at->second, noun.one, noun.many);
  }
  out = "imported " + (out.empty() ? "nothing" : out) + ": " + std::to_string(added) + " new, " +
        std::to_string(changed) + " changed, " + std::to_string(unchanged) + " unchanged";
  if (superseded > 0) out += ", " + std::to_string(superseded) + " older than what is stored";
  if (rejected > 0) out += ", " + std::to_string(rejected) + " rejected";
  return out;
}

Result<void> Importer::add(std::string_view collection, std::string_view record_json) {
  auto record = read_ingest_record(database_.authority->schema(), collection, record_json);
  if (!record.ok()) {
    abandon();
    return record.error();
  }
  read_.push_back(std::move(record).value());
  read_bytes_ += record_json.size();
  const bool is_full =
      read_.size() >= limits::import_read_rows || read_bytes_ >= limits::import_read_bytes;
  return is_full ? store_read() : Result<void>();
}

// One round trip fetches what all of them read, where the database is at the end of one.
Result<void> Importer::store_read() {
  auto records = std::exchange(read_, {});
  read_bytes_ = 0;
  auto stored = store(std::move(records));
  if (!stored.ok()) abandon();
  return stored;
}

Result<void> Importer::store(std::vector<IngestRecord> records) {
  if (is_reload_due_) {
    TWINSTORE_TRY_VOID(database_.authority->reload());
    is_reload_due_ = false;
  }
  if (!is_open_) {
    TWINSTORE_TRY_VOID(database_.storage->begin());
    is_open_ = true;
  }
  TWINSTORE_TRY_VOID(prefetch_ingest(*database_.authority, source_, records));
  std::set<std::string> scopes;
  for (IngestRecord& record : records) {
    const Collection& collection = *record.collection;
    TWINSTORE_TRY(const IngestResult result,
                  ingest(*database_.authority, database_.authority->schema(), source_,
                         std::move(record), scopes));
    count(collection.name, result);
    ++batch_rows_;
  }
  return batch_rows_ < limits::import_batch_rows ? Result<void>() : commit_batch();
}

void Importer::count(std::string_view collection, const IngestResult& result) {
  const auto at = counts_.rows.try_emplace(std::string(collection), 0).first;
  ++at->second;
  switch (result.status) {
    case IngestStatus::Added: ++counts_.added; break;
    case IngestStatus::Changed: ++counts_.changed; break;
    case IngestStatus::Unchanged: ++counts_.unchanged; break;
    case IngestStatus::Superseded: ++counts_.superseded; break;
    case IngestStatus::Rejected: {
      if (counts_.rejected++ == 0) {
        first_rejection_ =
            std::string(error_text(result.outcome.code)) + ": " + result.outcome.message;
      }
      break;
    }
  }
}

Result<void> Importer::commit() {
  if (!read_.empty()) TWINSTORE_TRY_VOID(store_read());
  auto stored = commit_batch();
  if (!stored.ok()) abandon();
  return stored;
}

Result<void> Importer::commit_batch() {
  if (!is_open_) return {};
  TWINSTORE_TRY_VOID(database_.storage->commit());
  is_open_ = false;
  batch_rows_ = 0;
  stored_ = counts_;
  return {};
}

void Importer::abandon() {
  read_.clear();
  read_bytes_ = 0;
  if (!is_open_) return;
  database_.storage->rollback();
  is_open_ = false;
  batch_rows_ = 0;
  counts_ = stored_;
  is_reload_due_ = true;  // the authority counted revs that were given to nothing
}

}  // namespace twinstore
