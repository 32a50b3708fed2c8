#include "archive/archive.h"

#include <algorithm>
#include <map>
#include <span>

#include "archive/archive_file.h"
#include "archive/archive_limits.h"
#include "base/sha256.h"
#include "services/code_collections.h"
#include "services/ingest_record.h"
#include "twinstore/cleanup.h"
#include "twinstore/time_text.h"

namespace twinstore {
namespace {

constexpr std::string_view archive_source = "archive";
constexpr std::string_view key_prefix = "archive:";
constexpr double day_ms = 86'400'000;
constexpr size_t label_bytes_max = 80;

std::string cache_key_of(const std::string& digest) { return std::string(key_prefix) + digest; }

// The repository in the name of a file, for people; the digest is what tells files apart.
std::string label_of(std::string_view repo_id) {
  std::string out;
  for (const char c : repo_id.substr(0, label_bytes_max)) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || c == '-' || c == '_';
    out += is_plain ? c : '_';
  }
  return out.empty() ? "rows" : out;
}

struct OldRow {
  const Collection* collection;
  RowVersion row;
};

struct Archived {
  const Collection* collection;
  Key key;
  Rev rev;
};

// Rows of a repository that are read and in no file yet.
struct Unwritten {
  std::string text;
  std::vector<Archived> rows;
};

class Archiver {
 public:
  Archiver(const Schema& schema, Clock& clock, Transactions& transactions,
           const ArchiveOptions& options)
      : schema_(schema), clock_(clock), transactions_(transactions), options_(options) {}

  Result<ArchiveCounts> run() {
    CleanupOptions old;
    old.cleanup_old_repos = false;
    old.cleanup_cache = false;
    old.max_age_days = options_.max_age_days;
    TWINSTORE_TRY(Cleanup cleanup, Cleanup::make(schema_, clock_, old));
    while (!cleanup.is_done()) {
      TWINSTORE_TRY(auto rows, read_in(transactions_, [&](Storage& storage) {
                      return next_rows(cleanup, storage);
                    }));
      for (OldRow& row : rows) TWINSTORE_TRY_VOID(add(std::move(row)));
    }
    TWINSTORE_TRY_VOID(write_all());
    return counts_;
  }

 private:
  static Result<std::vector<OldRow>> next_rows(Cleanup& cleanup, Storage& storage) {
    std::vector<OldRow> out;
    TWINSTORE_TRY(const Cleanup::Found found, cleanup.find(storage));
    TWINSTORE_TRY(auto rows, storage.load(*found.collection, found.keys));
    for (auto& row : rows) {
      if (row && !row->is_deleted()) out.push_back({found.collection, *std::move(row)});
    }
    return out;
  }

  // A file holds rows of one repository.
  Result<void> add(OldRow old) {
    const Value& scope = old.row.values[old.collection->scope_field];
    Unwritten& rows = unwritten_[std::get<std::string>(scope)];
    const size_t before = rows.text.size();
    append_archive_line(rows.text, *old.collection, old.row.values);
    rows.rows.push_back({old.collection, old.collection->key_of(old.row.values), old.row.rev});
    bytes_ += rows.text.size() - before;
    return bytes_ < limits::archive_text_bytes_aim ? Result<void>() : write_all();
  }

  Result<void> write_all() {
    for (const auto& [repo_id, rows] : unwritten_) TWINSTORE_TRY_VOID(write_file(repo_id, rows));
    unwritten_.clear();
    bytes_ = 0;
    return {};
  }

  Result<void> write_file(const std::string& repo_id, const Unwritten& of) {
    TWINSTORE_TRY(const ArchiveFile file,
                  write_archive_file(options_.folder, label_of(repo_id), of.text));
    TWINSTORE_TRY_VOID(
        transactions_.run([&](OwnWrites& writes) { return register_file(writes, repo_id, file); }));
    ++counts_.files;
    counts_.bytes += file.bytes;
    for (size_t first = 0; first < of.rows.size(); first += limits::archive_rows_per_commit) {
      const size_t count = std::min(limits::archive_rows_per_commit, of.rows.size() - first);
      TWINSTORE_TRY(const RowCounts gone, run_in(transactions_, [&](OwnWrites& writes) {
                      return take_out(writes, std::span(of.rows).subspan(first, count));
                    }));
      for (const auto& [collection, number] : gone) counts_.rows[collection] += number;
    }
    return {};
  }

  Result<void> register_file(OwnWrites& writes, const std::string& repo_id,
                             const ArchiveFile& file) {
    const int64_t now = clock_.now_ms();
    const double keep_ms = options_.keep_days * day_ms;
    JsonValue entry{{"cache_key", cache_key_of(file.digest)},
                    {"repo_id", repo_id},
                    {"path", file.path},
                    {"size_bytes", file.bytes},
                    {"content_hash", "sha256:" + file.digest},
                    // An entry that names no end would go once it was not read for a day.
                    {"expires_at", keep_ms > 0 ? time_text(now + static_cast<int64_t>(keep_ms))
                                               : "9999-12-31T23:59:59.999Z"}};
    std::vector<IngestRecord> records;
    TWINSTORE_TRY(IngestRecord record,
                  read_ingest_record(schema_, CacheEntry::collection, std::move(entry)));
    records.push_back(std::move(record));
    TWINSTORE_TRY(const auto results,
                  PersistenceWriter(writes).store(schema_, archive_source, std::move(records)));
    if (results.front().status != IngestStatus::Rejected) return {};
    return Error{results.front().outcome.code, results.front().outcome.message};
  }

  // Those that are still as they stand in the file.
  static Result<RowCounts> take_out(OwnWrites& writes, std::span<const Archived> rows) {
    RowCounts gone;
    PersistenceWriter writer(writes);
    Storage& storage = writes.authority().storage();
    for (const Archived& row : rows) {
      TWINSTORE_TRY(const auto stored, load_row(storage, *row.collection, row.key));
      if (!stored || stored->is_deleted() || stored->rev != row.rev) continue;
      size_t rows_left = 1;
      TWINSTORE_TRY_VOID(writer.delete_row(row.collection->name, row.key, rows_left, gone));
    }
    return gone;
  }

  const Schema& schema_;
  Clock& clock_;
  Transactions& transactions_;
  const ArchiveOptions& options_;
  std::map<std::string, Unwritten> unwritten_;  // by repository
  size_t bytes_ = 0;                            // of their texts
  ArchiveCounts counts_;
};

Result<BroughtBack> put_back(OwnWrites& writes, std::span<const IngestRecord> records) {
  BroughtBack out;
  Storage& storage = writes.authority().storage();
  for (const IngestRecord& record : records) {
    TWINSTORE_TRY(const auto stored, load_row(storage, *record.collection, record.edit.key));
    if (stored && !stored->is_deleted()) {
      ++out.present;
      continue;
    }
    TWINSTORE_TRY_VOID(writes.write(record.edit));
    ++out.rows[record.collection->name];
  }
  return out;
}

}  // namespace

Result<ArchiveCounts> archive_old_rows(const Schema& schema, Clock& clock,
                                       Transactions& transactions, const ArchiveOptions& options) {
  return Archiver(schema, clock, transactions, options).run();
}

Result<BroughtBack> bring_back(const Schema& schema, Transactions& transactions,
                               const std::string& path) {
  TWINSTORE_TRY(const ArchiveContent content, read_archive_file(path));
  TWINSTORE_TRY(auto rows, read_archive_lines(content.text));
  std::vector<IngestRecord> records;
  for (ArchivedRow& row : rows) {
    TWINSTORE_TRY(IngestRecord record,
                  read_ingest_record(schema, row.collection, std::move(row.record)));
    records.push_back(std::move(record));
  }
  BroughtBack out;
  for (size_t first = 0; first < records.size(); first += limits::archive_rows_per_commit) {
    const size_t count = std::min(limits::archive_rows_per_commit, records.size() - first);
    TWINSTORE_TRY(const BroughtBack some, run_in(transactions, [&](OwnWrites& writes) {
                    return put_back(writes, std::span(records).subspan(first, count));
                  }));
    out.present += some.present;
    for (const auto& [collection, number] : some.rows) out.rows[collection] += number;
  }
  TWINSTORE_TRY_VOID(run_in(transactions, [&](OwnWrites& writes) {
    return PersistenceWriter(writes).touch_cache_entry(cache_key_of(content.digest));
  }));
  return out;
}

Result<std::vector<std::string>> archives_of(const Schema& schema, Transactions& transactions,
                                             std::string_view repo_id) {
  const Collection& entries = *schema.find(CacheEntry::collection);
  Selection of_repository;
  of_repository.equal = {{field_at(entries, "repo_id"), std::string(repo_id)}};
  const uint16_t path = field_at(entries, "path");
  return read_in(transactions, [&](Storage& storage) -> Result<std::vector<std::string>> {
    std::vector<std::string> paths;
    TWINSTORE_TRY_VOID(
        storage.select(entries, of_repository, [&](const Collection&, RowVersion&& row) {
          const bool is_archive = std::get<std::string>(row.values.front()).starts_with(key_prefix);
          const auto* text = std::get_if<std::string>(&row.values[path]);
          if (is_archive && text != nullptr) paths.push_back(*text);
          return true;
        }));
    return paths;
  });
}

}  // namespace twinstore
