// The import of a folder of .jsonl files: one JSON object per line, one file per collection.
// Thread rule: as Importer.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "workspace/importer.h"

namespace twinstore {

struct JsonlProgress {
  // Bytes done of all files' bytes; called every few rows.
  std::function<void(std::string_view file, int64_t done, int64_t total)> advanced;
  // A file that is not there, which is not an error.
  std::function<void(std::string_view file)> skipped;
};

// Reads repositories.jsonl, branches.jsonl, analyses.jsonl and historical_metrics.jsonl in this
// order; empty lines are left out. Errors: NotFound when `folder` is no folder or holds none of
// them; StorageIo for a file that cannot be read; those of ingest(), whose message then begins with
// file and line. The open batch is not stored then; files and batches before it are.
[[nodiscard]] Result<void> import_jsonl(const std::string& folder, Importer& importer,
                                        const JsonlProgress& progress);

}  // namespace twinstore
