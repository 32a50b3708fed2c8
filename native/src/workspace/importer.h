// Rows from a backend into the database, many to a commit, with a count of what became of them.
// Thread rule: one thread, which alone writes the database while the importer exists.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "twinstore/ingest.h"
#include "workspace/workspace.h"

namespace twinstore {

struct ImportCounts {
  std::map<std::string, int64_t, std::less<>> rows;  // by collection
  int64_t added = 0;
  int64_t changed = 0;
  int64_t unchanged = 0;
  int64_t superseded = 0;  // older than what is stored
  int64_t rejected = 0;

  // "imported 12 repositories, 1093 branches: 1105 new, 0 changed, 0 unchanged"; superseded and
  // rejected rows are named when there are any.
  [[nodiscard]] std::string text() const;
};

class Importer {
 public:
  // `database` outlives the importer. `source` names where the rows come from: what it handed in
  // last is the base of what it hands in next.
  Importer(OpenDatabase& database, std::string source)
      : database_(database), source_(std::move(source)) {}
  ~Importer() { abandon(); }
  Importer(const Importer&) = delete;
  Importer& operator=(const Importer&) = delete;

  // Counts only what commit() has stored. Errors, after which the open batch is dropped: those of
  // ingest(); a storage's may come with a later row or with commit().
  [[nodiscard]] Result<void> add(std::string_view collection, std::string_view record_json);
  // Stores the open batch. Errors: as Storage, after which the batch is dropped.
  [[nodiscard]] Result<void> commit();
  // Drops the open batch.
  void abandon();

  [[nodiscard]] const ImportCounts& counts() const { return stored_; }
  // The first rejection, with its row; empty when there was none.
  [[nodiscard]] const std::string& first_rejection() const { return first_rejection_; }

 private:
  [[nodiscard]] Result<void> store_read();
  [[nodiscard]] Result<void> store(std::vector<IngestRecord> records);
  [[nodiscard]] Result<void> commit_batch();
  void count(std::string_view collection, const IngestResult& result);

  OpenDatabase& database_;
  std::string source_;
  ImportCounts stored_;
  ImportCounts counts_;  // with the open batch
  std::string first_rejection_;
  std::vector<IngestRecord> read_;  // checked, and not yet handed on
  size_t read_bytes_ = 0;
  size_t batch_rows_ = 0;
  bool is_open_ = false;
  bool is_reload_due_ = false;
};

}  // namespace twinstore
