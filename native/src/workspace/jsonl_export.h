// Rows to files: for each collection COLLECTION.jsonl, one row a line, in the form that
// jsonl_import.h reads. Thread rule: the storage's.
#pragma once

#include <string>

#include "twinstore/storage.h"

namespace twinstore {

// One consistent state, in key order; the engine's own collections are left out. Makes the folder,
// replaces files of the same names, and returns how many rows there were. Errors: as Storage, and
// StorageIo for the files.
[[nodiscard]] Result<int64_t> export_jsonl(const Schema& schema, Storage& storage,
                                           const std::string& folder);

}  // namespace twinstore
