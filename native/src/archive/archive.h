// Archiving: analyses and metrics that cleanup would delete are written to compressed files first,
// and can be brought back as they were. Each file is registered as a cache entry, so that it is
// listed, counted and, once it expires, removed like anything that is kept beside the database.
// Thread rule: as Transactions. Next: archive_file.h for the files.
#pragma once

#include <string>
#include <vector>

#include "twinstore/persistence_writer.h"
#include "twinstore/transactions.h"

namespace twinstore {

struct ArchiveOptions {
  std::string folder;
  double max_age_days = 30;
  double keep_days = 0;  // 0: the files never expire
};

struct ArchiveCounts {
  RowCounts rows;  // that went into files and out of the database, by collection
  int64_t files = 0;
  int64_t bytes = 0;
};

// What cleanup_old_analyses would delete (cleanup.h). A row leaves the database only when its file
// is on the disk and registered, and only as it stands there: one that changes meanwhile stays. An
// interruption loses nothing; run again, it goes on. Errors: as Cleanup::make, write_archive_file
// and Transactions.
[[nodiscard]] Result<ArchiveCounts> archive_old_rows(const Schema& schema, Clock& clock,
                                                     Transactions& transactions,
                                                     const ArchiveOptions& options);

struct BroughtBack {
  RowCounts rows;
  int64_t present = 0;  // rows that were there, and are as they were
};

// The rows of a file, with the values that they had; each is a write as any other, and replicas
// hear of it. Counts a hit of the file's cache entry. Again, or interrupted and again, it changes
// nothing. Errors: as read_archive_file and read_archive_lines; those of a row's values; as
// Transactions.
[[nodiscard]] Result<BroughtBack> bring_back(const Schema& schema, Transactions& transactions,
                                             const std::string& path);

// The files that are registered for a repository. Errors: as Transactions.
[[nodiscard]] Result<std::vector<std::string>> archives_of(const Schema& schema,
                                                           Transactions& transactions,
                                                           std::string_view repo_id);

}  // namespace twinstore
