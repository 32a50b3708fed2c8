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
  if (is_reload_due_) {
    TWINSTORE_TRY_VOID(database_.authority->reload());
    is_reload_due_ = false;
  }
  if (!is_open_) {
    TWINSTORE_TRY_VOID(database_.storage->begin());
    is_open_ = true;
  }
  std::set<std::string> scopes;
  const auto result = ingest(*database_.authority, source_, collection, record_json, scopes);
  if (!result.ok()) {
    abandon();
    return result.error();
  }
  count(collection, result.value());
  return ++batch_rows_ < limits::import_batch_rows ? Result<void>() : commit();
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
  if (!is_open_) return {};
  auto stored = database_.storage->commit();
  if (!stored.ok()) {
    abandon();
    return stored;
  }
  is_open_ = false;
  batch_rows_ = 0;
  stored_ = counts_;
  return {};
}

void Importer::abandon() {
  if (!is_open_) return;
  database_.storage->rollback();
  is_open_ = false;
  batch_rows_ = 0;
  counts_ = stored_;
  is_reload_due_ = true;  // the authority counted revs that were given to nothing
}

}  // namespace twinstore
